"""Groups and their members.

Source: Microsoft, "Develop and plan provisioning for a SCIM endpoint" (group operations), "How application provisioning
works", "Known issues for provisioning", unless a test names another.
"""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.local_entra import Switches
from tests.integration.local_entra.cycle_tenant import CycleTenant

MICROSOFT = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"


async def test_groups_come_after_users_and_members_after_groups() -> None:
    tenant = CycleTenant()
    floor = tenant.group("floor")
    for name in ("ann", "bob"):
        tenant.people.add_member(floor, tenant.user(name))
    await tenant.cycle()

    assert tenant.writes() == [("POST", "Users"), ("POST", "Users"), ("POST", "Groups"), ("PATCH", "Groups")]
    [created] = [it.body for it in tenant.sent if it.method == "POST" and it.path == "Groups"]
    assert created is not None
    assert "members" not in created  # "Groups are created with an empty members list"
    assert created["externalId"] == floor
    assert tenant.member_names("floor") == {"ann", "bob"}


async def test_groups_are_never_read_with_their_members() -> None:
    tenant = CycleTenant()
    floor = tenant.group("floor")
    await tenant.cycle()
    tenant.people.update_group(floor, {"displayName": "floor 2"})
    await tenant.cycle()
    tenant.portal.restart()
    await tenant.cycle()

    reads = [it.path for it in tenant.entra.provisioning.requests if it.method == "GET" and "Groups" in it.path]
    assert reads
    assert all("excludedAttributes=members" in path for path in reads)


async def test_members_that_joined_and_left_are_sent_alone() -> None:
    tenant = CycleTenant()
    ann, bob, cid = (tenant.user(name) for name in ("ann", "bob", "cid"))
    floor = tenant.group("floor", ann, bob)
    await tenant.cycle()
    tenant.people.add_member(floor, cid)
    tenant.people.remove_member(floor, ann)
    await tenant.cycle()

    ids = {name: tenant.scim_user(name)["id"] for name in ("ann", "cid")}
    assert tenant.operations() == [
        {"op": "Add", "path": "members", "value": [{"$ref": None, "value": ids["cid"]}]},
        {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": ids["ann"]}]},
    ]
    assert tenant.member_names("floor") == {"bob", "cid"}


async def test_a_renamed_group_is_renamed_by_replace() -> None:
    tenant = CycleTenant()
    floor = tenant.group("floor")
    await tenant.cycle()
    tenant.people.update_group(floor, {"displayName": "floor 2"})
    await tenant.cycle()
    assert tenant.operations() == [{"op": "Replace", "path": "displayName", "value": "floor 2"}]


async def test_a_deleted_group_is_deleted() -> None:
    tenant = CycleTenant()
    floor = tenant.group("floor", tenant.user("ann"))
    await tenant.cycle()
    tenant.people.delete_group(floor)
    await tenant.cycle()
    assert (tenant.writes(), tenant.resources("Group")) == ([("DELETE", "Groups")], [])


async def test_groups_are_left_alone_while_their_mapping_is_disabled() -> None:
    tenant = CycleTenant(groups=False)
    tenant.group("floor", tenant.user("ann"))
    await tenant.cycle()
    assert tenant.writes() == [("POST", "Users")]


async def test_a_restart_adds_a_member_who_came_into_scope_later() -> None:
    # "Known issues", Member of group not provisioned.
    tenant = CycleTenant()
    ann = tenant.user("ann", accountEnabled=False)
    tenant.group("floor", ann)
    await tenant.cycle()
    tenant.people.update_user(ann, {"accountEnabled": True})
    await tenant.cycle()
    assert (tenant.user_names(), tenant.member_names("floor")) == ({"ann"}, set())

    tenant.portal.restart()
    await tenant.cycle()
    assert tenant.member_names("floor") == {"ann"}


async def test_a_user_in_the_recycle_bin_keeps_the_membership() -> None:
    # Known limitations: "The target application should maintain the … membership for the user in inactive state".
    tenant = CycleTenant()
    ann = tenant.user("ann")
    tenant.group("floor", ann)
    await tenant.cycle()
    tenant.people.delete_user(ann)
    await tenant.cycle()
    assert tenant.writes() == [("PATCH", "Users")]
    tenant.people.restore(ann)
    await tenant.cycle()
    assert tenant.writes() == [("PATCH", "Users")]
    assert tenant.member_names("floor") == {"ann"}


async def test_the_membership_of_a_deleted_user_is_not_removed_again() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    tenant.group("floor", ann)
    await tenant.cycle()
    tenant.people.delete_user(ann)
    tenant.people.purge(ann)
    await tenant.cycle()
    assert tenant.writes() == [("DELETE", "Users")]


@pytest.mark.parametrize(("reading", "failures"), [("skipped", 0), ("sent", 1)])
async def test_a_group_in_a_group_is_skipped_or_refused(reading: Any, failures: int) -> None:
    # Eptura: "Nested groups (group inside group) are not supported".
    tenant = CycleTenant(switches=Switches(nested_group_members=reading))
    tenant.group("outer", tenant.group("inner"))
    report = await tenant.cycle()

    assert len([it for it in report.members if it.code]) == failures
    assert tenant.member_names("outer") == set()
    assert tenant.status["lastExecution"]["countEscrowed"] == failures


@pytest.mark.parametrize(("reading", "hours"), [("when it exists", 0), ("backoff", 7)])
async def test_a_member_is_added_once_its_creation_succeeds(reading: Any, hours: int) -> None:
    tenant = CycleTenant(switches=Switches(reference_retries=reading))
    ann = tenant.user("ann")
    tenant.group("floor", ann)
    tenant.answer(500, method="POST", path="/Users", times=1)
    report = await tenant.cycle()
    assert [it.code for it in report.members] == ["ReferenceMissing"]

    await tenant.cycle()
    assert tenant.user_names() == {"ann"}
    assert tenant.member_names("floor") == (set() if hours else {"ann"})
    await tenant.pass_time(hours=hours)
    assert tenant.member_names("floor") == {"ann"}
    assert tenant.status["lastExecution"]["countEscrowed"] == 0


async def test_members_are_only_added_where_the_mapping_allows_it() -> None:
    tenant = CycleTenant()
    tenant.portal.set_apply("members", "MultiValueAddOnly", kind="Group")
    ann = tenant.user("ann")
    floor = tenant.group("floor", ann)
    await tenant.cycle()
    tenant.people.remove_member(floor, ann)
    await tenant.cycle()
    assert (tenant.writes(), tenant.member_names("floor")) == ([], {"ann"})


@pytest.mark.parametrize("change", [lambda t: t.portal.remove_group_mapping("members"),
                                    lambda t: t.portal.set_object_actions("Add", kind="Group")],
                         ids=["no mapping", "no updates"])  # fmt: skip
async def test_members_are_not_sent_without_a_mapping_or_the_action(change: Any) -> None:
    tenant = CycleTenant()
    change(tenant)
    tenant.group("floor", tenant.user("ann"))
    await tenant.cycle()
    assert tenant.member_names("floor") == set()


@pytest.mark.parametrize(("reading", "named"), [("core", False), ("documented", True)])
async def test_a_switch_names_microsofts_schema_at_creation(reading: Any, named: bool) -> None:
    tenant = CycleTenant(switches=Switches(group_creation_schemas=reading))
    tenant.group("floor")
    await tenant.cycle()
    [body] = [it.body for it in tenant.sent if it.method == "POST"]
    assert body is not None
    assert (MICROSOFT in body["schemas"]) is named
    assert len(tenant.resources("Group")) == 1
