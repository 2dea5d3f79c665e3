"""How an object finds its counterpart in the target.

Source: Microsoft, "Customize user provisioning attribute-mappings", Matching users in the source and target systems;
codes of the provisioning logs.
"""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.local_entra import Switches
from tests.integration.local_entra.cycle_tenant import CycleTenant

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


async def there(tenant: CycleTenant, **group: str) -> str:
    answer = await tenant.scim("POST", "Groups", {"schemas": [GROUP], **group})
    return str(answer.json()["id"])


def documented_matching(tenant: CycleTenant) -> None:
    """As Eptura's guide has it: externalId first, displayName second."""
    tenant.portal.set_matching_precedence("displayName", 2, kind="Group")
    tenant.portal.set_matching_precedence("externalId", 1, kind="Group")


async def test_matching_attributes_are_tried_in_their_order() -> None:
    tenant = CycleTenant()
    documented_matching(tenant)
    floor = tenant.group("floor")
    known = await there(tenant, displayName="floor")
    await tenant.cycle()

    assert [it.path for it in tenant.sent if it.method == "GET"] == [
        f'Groups?excludedAttributes=members&filter=externalId eq "{floor}"',
        'Groups?excludedAttributes=members&filter=displayName eq "floor"',
    ]
    assert [(group["id"], group["externalId"]) for group in tenant.resources("Group")] == [(known, floor)]


async def test_a_match_by_the_first_attribute_asks_no_second() -> None:
    tenant = CycleTenant()
    documented_matching(tenant)
    floor = tenant.group("floor")
    await there(tenant, displayName="another name", externalId=floor)
    await tenant.cycle()
    assert len([it for it in tenant.sent if it.method == "GET"]) == 1
    assert [group["displayName"] for group in tenant.resources("Group")] == ["floor"]


async def test_two_groups_of_the_same_name_get_the_same_counterpart() -> None:
    # Why the guide matches groups by objectId first: names are not unique in Entra.
    tenant = CycleTenant()
    tenant.group("floor")
    tenant.group("floor")
    await tenant.cycle()
    assert len(tenant.resources("Group")) == 1

    by_id = CycleTenant()
    documented_matching(by_id)
    by_id.portal.set_matching_precedence("displayName", 0, kind="Group")
    by_id.group("floor")
    by_id.group("floor")
    await by_id.cycle()
    assert len(by_id.resources("Group")) == 2


async def test_several_matches_are_a_failure() -> None:
    tenant = CycleTenant()
    tenant.group("floor")
    await there(tenant, displayName="floor")
    await there(tenant, displayName="Floor")
    report = await tenant.cycle()
    assert [(it.status, it.code) for it in report.outcomes] == [("Failure", "DuplicateTargetEntries")]
    assert tenant.writes() == []


async def test_an_object_without_a_matching_value_is_a_failure() -> None:
    tenant = CycleTenant()
    tenant.portal.set_matching_precedence("userName", 0)
    tenant.portal.set_matching_precedence('emails[type eq "work"].value', 1)
    tenant.user("ann", mail=None)
    report = await tenant.cycle()
    assert [(it.status, it.code) for it in report.outcomes] == [("Failure", "ImportSkipped")]


async def test_a_filter_that_the_endpoint_refuses_fails_each_group() -> None:
    # "The target application must support filtering on the matching attribute".
    tenant = CycleTenant(switches=Switches(eptura_group_external_id="refused"))
    documented_matching(tenant)
    tenant.group("floor")
    report = await tenant.cycle()
    assert report.outcomes[0].status == "Failure"
    assert "invalidFilter" in report.outcomes[0].message


@pytest.mark.parametrize(("reading", "kind", "created"), [
    ("escrowed", "incremental", False),
    ("matched again", "incremental", True),
    ("escrowed", "initial", True),
])  # fmt: skip
async def test_a_switch_decides_whether_a_deleted_counterpart_returns(reading: Any, kind: str, created: bool) -> None:
    tenant = CycleTenant(switches=Switches(lost_target=reading))
    ann = tenant.user("ann")
    await tenant.cycle()
    await tenant.scim("DELETE", f"Users/{tenant.scim_user('ann')['id']}")
    tenant.people.update_user(ann, {"surname": "Bell"})
    if kind == "initial":
        tenant.portal.restart()
    report = await tenant.cycle()

    assert report.kind == kind
    assert (tenant.user_names() == {"ann"}) is created
    assert [it.code for it in report.outcomes] == ["" if created else "InvalidAnchor"]


@pytest.mark.parametrize(("reading", "created"), [("sent", True), ("failed", False)])
@pytest.mark.parametrize("name", ['the "big" floor', "R&D", "a\\b", "o'brien"], ids=["quotes", "and", "slash", "apos"])
async def test_special_characters_in_a_matching_value(reading: Any, created: bool, name: str) -> None:
    tenant = CycleTenant(switches=Switches(matching_special_characters=reading))
    tenant.group(name)
    report = await tenant.cycle()
    assert [group["displayName"] for group in tenant.resources("Group")] == ([name] if created else [])
    assert [it.code for it in report.outcomes] == ["" if created else "ImportSkipped"]


async def test_an_expression_can_be_matched_by() -> None:
    tenant = CycleTenant()
    tenant.portal.set_user_source("userName", 'Replace([userPrincipalName], "contoso", , , "fabrikam", , )')
    tenant.user("ann")
    await tenant.cycle()
    assert tenant.sent[0].path == 'Users?filter=userName eq "ann@fabrikam.example"'
    assert [user["userName"] for user in tenant.resources()] == ["ann@fabrikam.example"]


async def test_an_expression_without_a_result_fails_its_object_alone() -> None:
    tenant = CycleTenant()
    tenant.portal.add_user_mapping("nickName", 'Mid([jobTitle], "x", 2)')
    tenant.user("ann", jobTitle="Planner")
    report = await tenant.cycle()
    assert [(it.status, it.code) for it in report.outcomes] == [("Failure", "InvalidExpression")]
    assert "Mid" in report.outcomes[0].message


async def test_conflicting_target_attributes_fail_users_who_have_both() -> None:
    tenant = CycleTenant()
    tenant.portal.add_custom_attribute("name")
    tenant.portal.add_user_mapping("name", "[jobTitle]")
    tenant.portal.add_user_mapping("name.honorificPrefix", "[jobTitle]")
    tenant.user("ann", jobTitle="Planner")
    tenant.user("bo")
    report = await tenant.cycle()
    assert sorted((it.status, it.code) for it in report.outcomes) == [("Failure", "SchemaInvalid"), ("Success", "")]
    assert tenant.user_names() == {"bo"}
