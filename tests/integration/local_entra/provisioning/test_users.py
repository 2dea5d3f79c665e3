"""Users through initial and incremental cycles.

Source of what is expected: Microsoft, "How application provisioning works", unless a test names another.
"""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from eptura_scim.local_entra import Switches
from tests.integration.local_entra.cycle_tenant import BEGINNING, CycleTenant


async def test_the_first_cycle_at_an_empty_server_creates_all_users() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann", businessPhones=["+1 425 555 0100"])
    report = await tenant.cycle()

    assert (report.kind, report.of("Create")) == ("initial", ["ann@contoso.example"])
    assert [(it.method, it.path) for it in tenant.sent] == [
        ("GET", 'Users?filter=userName eq "ann@contoso.example"'),
        ("POST", "Users"),
    ]
    assert tenant.scim_user("ann")["externalId"] == ann
    assert tenant.scim_user("ann")["phoneNumbers"] == [{"type": "work", "value": "+1 425 555 0100"}]


async def test_a_user_who_is_there_already_is_matched_and_updated() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann", jobTitle="Planner")
    there = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann@contoso.example",
             "name": {"givenName": "Anne"}, "active": True}  # fmt: skip
    assert (await tenant.scim("POST", "Users", there)).status_code == 201
    report = await tenant.cycle()

    assert report.of("Update") == ["ann@contoso.example"]
    assert tenant.writes() == [("PATCH", "Users")]
    written = {op["path"]: op["op"] for op in tenant.operations()}
    assert written["name.givenName"] == "Replace"
    assert (written["externalId"], written["title"]) == ("Add", "Add")
    assert "userName" not in written
    assert (tenant.scim_user("ann")["name"]["givenName"], tenant.scim_user("ann")["externalId"]) == ("Ann", ann)


async def test_a_cycle_without_changes_asks_nothing() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    await tenant.cycle()
    report = await tenant.cycle()

    assert (report.kind, report.counts.imported, tenant.sent) == ("incremental", 0, [])


async def test_an_incremental_cycle_writes_changes_to_the_linked_user() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    tenant.user("bob")
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "Bell", "jobTitle": "Planner"})
    await tenant.cycle()

    scim_id = tenant.scim_user("ann")["id"]
    assert [(it.method, it.path) for it in tenant.sent] == [("GET", f"Users/{scim_id}"), ("PATCH", f"Users/{scim_id}")]
    assert tenant.operations() == [
        {"op": "Add", "path": "title", "value": "Planner"},
        {"op": "Replace", "path": "name.familyName", "value": "Bell"},
        {"op": "Replace", "path": "name.formatted", "value": "Ann Bell"},
    ]


async def test_a_change_that_no_mapping_reads_is_not_sent() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"companyName": "Contoso"})
    report = await tenant.cycle()

    assert (report.counts.imported, report.outcomes, tenant.writes()) == (1, [], [])


async def test_a_renamed_user_is_still_the_same_one() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"userPrincipalName": "anna@contoso.example"})
    await tenant.cycle()

    assert tenant.user_names() == {"anna"}
    assert {"op": "Replace", "path": "userName", "value": "anna@contoso.example"} in tenant.operations()


async def test_a_value_that_was_removed_stays_in_the_target() -> None:
    # "Known issues": null attributes cannot be provisioned.
    tenant = CycleTenant()
    ann = tenant.user("ann", jobTitle="Planner")
    await tenant.cycle()
    tenant.people.update_user(ann, {"jobTitle": None})
    await tenant.cycle()

    assert (tenant.writes(), tenant.scim_user("ann")["title"]) == ([], "Planner")


async def test_a_disabled_user_is_disabled_and_comes_back() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()

    tenant.people.update_user(ann, {"accountEnabled": False})
    assert (await tenant.cycle()).of("Disable") == ["ann@contoso.example"]
    assert tenant.operations() == [{"op": "Replace", "path": "active", "value": "False"}]
    assert tenant.scim_user("ann")["active"] is False

    tenant.people.update_user(ann, {"accountEnabled": True})
    await tenant.cycle()
    assert tenant.operations() == [{"op": "Replace", "path": "active", "value": "True"}]
    assert tenant.scim_user("ann")["active"] is True


async def test_a_user_who_was_never_enabled_is_never_created() -> None:
    tenant = CycleTenant()
    tenant.user("ann", accountEnabled=False)
    await tenant.cycle()
    assert tenant.sent == []


async def test_a_deleted_user_is_disabled_and_after_30_days_deleted() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.delete_user(ann)
    await tenant.cycle()
    assert tenant.scim_user("ann")["active"] is False

    tenant.entra.clock.reach(BEGINNING + timedelta(days=29))
    await tenant.pass_time(hours=1)
    assert tenant.writes() == []
    tenant.entra.clock.reach(BEGINNING + timedelta(days=31))
    await tenant.pass_time(hours=1)
    assert (tenant.writes(), tenant.resources()) == ([("DELETE", "Users")], [])


async def test_a_restored_user_is_enabled_again() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.delete_user(ann)
    await tenant.cycle()
    tenant.people.restore(ann)
    await tenant.cycle()

    assert (tenant.user_names(), tenant.scim_user("ann")["active"]) == ({"ann"}, True)


async def test_a_user_who_is_purged_by_hand_is_deleted_at_once() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.delete_user(ann)
    tenant.people.purge(ann)
    report = await tenant.cycle()

    assert [outcome.action for outcome in report.outcomes] == ["Delete"]
    assert tenant.writes() == [("DELETE", "Users")]


@pytest.mark.parametrize(
    ("actions", "created", "updated", "deleted"),
    [
        ("Update,Delete", False, False, False),
        ("Add, Delete", True, False, True),
        ("Add,Update", True, True, False),
    ],
)
async def test_target_object_actions_are_obeyed(actions: str, created: bool, updated: bool, deleted: bool) -> None:
    tenant = CycleTenant()
    tenant.portal.set_object_actions(actions)
    ann = tenant.user("ann")
    await tenant.cycle()
    assert bool(tenant.resources()) is created

    tenant.people.update_user(ann, {"surname": "Bell"})
    await tenant.cycle()
    assert (("PATCH", "Users") in tenant.writes()) is updated

    tenant.people.delete_user(ann)
    tenant.people.purge(ann)
    await tenant.cycle()
    assert (("DELETE", "Users") in tenant.writes()) is deleted


async def test_defaults_are_applied_at_creation_alone() -> None:
    tenant = CycleTenant()
    tenant.portal.set_default("title", "Guest")
    ann = tenant.user("ann")
    await tenant.cycle()
    assert tenant.scim_user("ann")["title"] == "Guest"

    tenant.people.update_user(ann, {"jobTitle": "Planner"})
    await tenant.cycle()
    tenant.people.update_user(ann, {"jobTitle": None})
    await tenant.cycle()
    assert tenant.scim_user("ann")["title"] == "Planner"


async def test_a_default_without_source_fills_empty_values_at_updates() -> None:
    # "Default value if null": for a mapping of the type None.
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.portal._set("User", "title", source=None, defaultValue="Guest")
    await tenant.cycle()
    assert tenant.operations() == [{"op": "Add", "path": "title", "value": "Guest"}]

    await tenant.scim("PATCH", f"Users/{tenant.scim_user('ann')['id']}", {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "title", "value": "Planner"}],
    })  # fmt: skip
    tenant.people.update_user(ann, {"surname": "Bell"})
    await tenant.cycle()
    assert (tenant.scim_user("ann")["title"], tenant.scim_user("ann")["name"]["familyName"]) == ("Planner", "Bell")


async def test_a_boolean_returned_as_text_is_not_a_change() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "Bell"})
    there = {**tenant.scim_user("ann"), "active": "true"}
    tenant.answers.append(lambda request: httpx.Response(200, json=there) if request.method == "GET" and
                          there["id"] in str(request.url) else None)  # fmt: skip
    await tenant.cycle()
    assert {op["path"] for op in tenant.operations()} == {"name.familyName", "name.formatted"}

    there["active"] = "False"
    tenant.people.update_user(ann, {"companyName": "Contoso"})
    await tenant.cycle()
    assert {"op": "Replace", "path": "active", "value": "True"} in tenant.operations()


async def test_a_user_whom_an_expression_leaves_out_is_skipped() -> None:
    tenant = CycleTenant()
    tenant.portal.set_user_source("title", 'IIF([department]="Legal", IgnoreObjectFlow, [jobTitle])')
    tenant.user("ann", department="Sales", jobTitle="Planner")
    bob = tenant.user("bob", department="Legal")
    report = await tenant.cycle()
    assert (tenant.user_names(), report.failures) == ({"ann"}, 0)

    tenant.people.update_user(bob, {"department": "Sales"})
    await tenant.cycle()
    assert tenant.user_names() == {"ann", "bob"}


async def test_an_unreadable_expression_fails_users_and_not_the_cycle() -> None:
    tenant = CycleTenant()
    source = {"type": "Function", "name": "Shout", "expression": "Shout()", "parameters": []}
    tenant.portal._set("User", "title", source=source)
    tenant.user("ann")
    tenant.group("floor")
    report = await tenant.cycle()
    assert [(it.label, it.code) for it in report.outcomes] == [
        ("ann@contoso.example", "InvalidExpression"),
        ("floor", ""),
    ]
    assert "Shout" in report.outcomes[0].message


async def test_a_mapping_for_creation_alone_is_not_updated() -> None:
    tenant = CycleTenant()
    tenant.portal.set_apply("title", "ObjectAddOnly")
    ann = tenant.user("ann", jobTitle="Planner")
    await tenant.cycle()
    tenant.people.update_user(ann, {"jobTitle": "Director"})
    await tenant.cycle()
    assert (tenant.writes(), tenant.scim_user("ann")["title"]) == ([], "Planner")


async def test_a_mapping_that_only_adds_fills_what_is_empty() -> None:
    tenant = CycleTenant()
    tenant.portal.set_apply("title", "AttributeAddOnly")
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"jobTitle": "Planner"})
    await tenant.cycle()
    tenant.people.update_user(ann, {"jobTitle": "Director"})
    await tenant.cycle()
    assert tenant.scim_user("ann")["title"] == "Planner"


async def test_a_mapping_that_flows_always_is_sent_without_a_change() -> None:
    tenant = CycleTenant()
    tenant.portal.set_flow_behavior("displayName", "FlowAlways")
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"companyName": "Contoso"})
    await tenant.cycle()
    assert tenant.operations() == [{"op": "Replace", "path": "displayName", "value": "Ann"}]


async def test_the_flag_of_the_tenant_url_changes_the_dialect_alone() -> None:
    tenant = CycleTenant()
    tenant.portal.set_tenant_url(f"{tenant.entra.scim.url}?aadOptscim062020")
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"accountEnabled": False})
    await tenant.cycle()
    assert tenant.operations() == [{"op": "replace", "path": "active", "value": False}]
    assert not any("aadOpt" in it.path for it in tenant.sent)


@pytest.mark.parametrize(("reading", "written"), [("sent", True), ("ignored", False)])
async def test_whether_a_change_of_case_alone_is_sent_is_a_switch(reading: str, written: bool) -> None:
    tenant = CycleTenant(switches=Switches(case_only_changes=reading))
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "ABEL"})
    await tenant.cycle()
    assert bool(tenant.writes()) is written


async def test_eptura_keeps_the_external_id_of_an_earlier_cycle() -> None:
    tenant = CycleTenant()
    tenant.portal.set_user_source("externalId", "[mailNickname]")
    tenant.user("ann")
    await tenant.cycle()
    tenant.portal.set_user_source("externalId", "[objectId]")
    report = await tenant.cycle()

    assert (report.kind, report.failures) == ("initial", 1)
    assert "externalId is fixed" in report.outcomes[0].message
    assert tenant.scim_user("ann")["externalId"] == "ann"


async def test_a_number_that_eptura_reformats_is_sent_in_each_cycle() -> None:
    # "Values sent should be stored in the same format they were sent" is asked of the endpoint.
    tenant = CycleTenant()
    ann = tenant.user("ann", businessPhones=["4255550100"])
    await tenant.cycle()
    tenant.people.update_user(ann, {"companyName": "Contoso"})
    await tenant.cycle()
    assert [op["path"] for op in tenant.operations()] == ['phoneNumbers[type eq "work"].value']

    tenant.entra.switches.eptura_phones = "kept"
    tenant.people.update_user(ann, {"companyName": "Fabrikam"})
    await tenant.cycle()
    assert tenant.writes() == []
