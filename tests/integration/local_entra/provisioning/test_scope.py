"""Who is provisioned: assignments, filters, and what happens to those who leave the scope.

Source: Microsoft, "How application provisioning works", Scoping and Deprovisioning, unless a test names another.
"""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.expressions.semantics import Semantics
from eptura_scim.local_entra import Switches
from tests.integration.local_entra.cycle_tenant import CycleTenant


async def unassigned_after_a_cycle() -> tuple[CycleTenant, str]:
    """A tenant, and a user who was provisioned and then left the scope."""
    tenant = CycleTenant(scope="assigned")
    ann = tenant.user("ann")
    tenant.assign(ann)
    await tenant.cycle()
    tenant.unassign(ann)
    await tenant.cycle()
    return tenant, ann


async def test_assigned_users_and_direct_members_are_in_scope() -> None:
    tenant = CycleTenant(scope="assigned")
    ann, bob, cid, _ = (tenant.user(name) for name in ("ann", "bob", "cid", "dee"))
    inner = tenant.group("inner", cid)
    outer = tenant.group("outer", bob, inner)
    tenant.assign(ann)
    tenant.assign(outer)
    await tenant.cycle()

    assert tenant.user_names() == {"ann", "bob"}
    assert [group["displayName"] for group in tenant.resources("Group")] == ["outer"]
    assert tenant.member_names("outer") == {"bob"}


async def test_members_of_a_mail_group_are_not_in_scope() -> None:
    tenant = CycleTenant(scope="assigned")
    ann = tenant.user("ann")
    mail = tenant.group("mail", ann, groupTypes=["Unified"], securityEnabled=False, mailEnabled=True)
    tenant.assign(mail)
    await tenant.cycle()
    assert tenant.user_names() == set()


async def test_joining_an_assigned_group_provisions_leaving_disables() -> None:
    tenant = CycleTenant(scope="assigned")
    ann, bob = tenant.user("ann"), tenant.user("bob")
    floor = tenant.group("floor", ann)
    tenant.assign(floor)
    await tenant.cycle()

    tenant.people.add_member(floor, bob)
    tenant.people.remove_member(floor, ann)
    report = await tenant.cycle()

    assert (report.of("Create"), report.of("Disable")) == (["bob@contoso.example"], ["ann@contoso.example"])
    assert tenant.member_names("floor") == {"bob"}


async def test_an_unassigned_group_is_deleted_and_its_members_disabled() -> None:
    tenant = CycleTenant(scope="assigned")
    ann, bob = tenant.user("ann"), tenant.user("bob")
    floor = tenant.group("floor", ann, bob)
    tenant.assign(floor)
    tenant.assign(bob)
    await tenant.cycle()
    tenant.unassign(floor)
    report = await tenant.cycle()

    assert (report.of("Disable"), report.of("Delete")) == (["ann@contoso.example"], ["floor"])
    assert (tenant.scim_user("bob")["active"], tenant.resources("Group")) == (True, [])


async def test_a_group_that_leaves_the_scope_may_be_left() -> None:
    tenant = CycleTenant(scope="assigned", switches=Switches(group_out_of_scope="left"))
    floor = tenant.group("floor")
    tenant.assign(floor)
    await tenant.cycle()
    tenant.unassign(floor)
    await tenant.cycle()
    assert (tenant.writes(), len(tenant.resources("Group"))) == ([], 1)


async def test_an_unassigned_user_is_disabled_once_and_then_left() -> None:
    # Known limitations: "a delete request isn't sent when the user is soft-deleted from the directory".
    tenant, ann = await unassigned_after_a_cycle()
    assert tenant.scim_user("ann")["active"] is False

    tenant.people.delete_user(ann)
    tenant.people.purge(ann)
    await tenant.cycle()
    assert (tenant.writes(), tenant.user_names()) == ([], {"ann"})


async def test_who_is_assigned_again_is_managed_again() -> None:
    tenant, ann = await unassigned_after_a_cycle()
    tenant.assign(ann)
    await tenant.cycle()
    assert tenant.scim_user("ann")["active"] is True

    tenant.people.delete_user(ann)
    tenant.people.purge(ann)
    await tenant.cycle()
    assert tenant.resources() == []


async def test_a_guest_is_provisioned_under_the_name_at_home() -> None:
    # B2B (guest) users: "the #EXT# and your domain is stripped".
    tenant = CycleTenant()
    name = "gil_o_fabrikam.example#EXT#@contoso.example"
    tenant.people.add_user(userPrincipalName=name, displayName="Gil", givenName="Gil", userType="Guest")
    await tenant.cycle()
    assert [user["userName"] for user in tenant.resources()] == ["gil_o@fabrikam.example"]


async def test_attributes_have_the_names_that_mappings_use() -> None:
    tenant = CycleTenant()
    tenant.portal.add_user_mapping("nickName", "[extensionAttribute3]")
    tenant.user("ann", businessPhones=["+1 1"], mobilePhone="+1 2", faxNumber="+1 3", officeLocation="2/1",
                onPremisesExtensionAttributes={"extensionAttribute3": "x"})  # fmt: skip
    await tenant.cycle()
    found = tenant.scim_user("ann")
    assert [phone["value"] for phone in found["phoneNumbers"]] == ["+1 1", "+1 2", "+1 3"]
    assert (found["addresses"][0]["formatted"], found["nickName"]) == ("2/1", "x")


async def test_a_user_who_was_never_in_scope_is_not_even_looked_for() -> None:
    tenant = CycleTenant(scope="assigned")
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "Bell"})
    await tenant.cycle()
    assert tenant.sent == []


async def test_a_scoping_filter_excludes_and_disables_users() -> None:
    tenant = CycleTenant()
    tenant.user("ann", department="Sales")
    bob = tenant.user("bob", department="Legal")
    await tenant.cycle()
    tenant.portal.set_scoping_filter('department EQUALS "Sales"')
    report = await tenant.cycle()
    assert (report.kind, report.of("Disable")) == ("initial", ["bob@contoso.example"])

    tenant.people.update_user(bob, {"department": "Sales"})
    await tenant.cycle()
    assert tenant.scim_user("bob")["active"] is True


async def test_a_filter_that_cannot_be_used_quarantines_the_job() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.portal.set_scoping_filter('department REGEX MATCH "("')
    report = await tenant.tried()
    assert report.error is not None
    assert report.error.code == "SchemaInvalid"
    assert "cannot be used: a bracket is not closed" in report.error.message
    assert tenant.status["quarantine"]["reason"] == "EncounteredQuarantineException"


async def test_a_user_without_a_filter_result_fails_in_each_cycle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eptura_scim.mapping.scope.DOCUMENTED", Semantics(regex_seconds=0.01))
    tenant = CycleTenant(scope="assigned")
    tenant.portal.set_scoping_filter('department REGEX MATCH "^(a|aa)+$"')
    ann, bob = tenant.user("ann", department="aa"), tenant.user("bob", department="a")
    floor = tenant.group("floor", ann)
    tenant.assign(floor)
    await tenant.cycle()
    assert tenant.user_names() == {"ann"}

    tenant.people.update_user(ann, {"department": "a" * 50 + "b"})
    for members in ([bob], []):
        tenant.people.add_member(floor, *members)
        tenant.people.update_group(floor, {"description": f"{len(members)} more"})
        report = await tenant.cycle()
        [failed] = [it for it in report.outcomes if it.status == "Failure"]
        assert (failed.source, failed.code) == (ann, "InvalidExpression")
        assert "took longer than" in failed.message
    assert tenant.user_names() == {"ann", "bob"}


async def test_groups_have_a_filter_of_their_own() -> None:
    tenant = CycleTenant()
    tenant.group("floor 1")
    tenant.group("room 1")
    tenant.portal.set_scoping_filter('displayName REGEX MATCH "^floor.*$"', kind="Group")
    await tenant.cycle()
    assert [group["displayName"] for group in tenant.resources("Group")] == ["floor 1"]


async def test_a_change_from_all_to_assigned_needs_a_restart() -> None:
    # "Known issues": make sure to also perform a restart.
    tenant = CycleTenant()
    ann = tenant.user("ann")
    tenant.user("bob")
    tenant.assign(ann)
    await tenant.cycle()
    tenant.portal.set_scope("assigned")
    assert (await tenant.cycle()).outcomes == []

    tenant.portal.restart()
    assert (await tenant.cycle()).of("Disable") == ["bob@contoso.example"]


@pytest.mark.parametrize("value", ["True", "true", "1"])
async def test_deprovisioning_can_be_skipped(value: str) -> None:
    # "Skip deletion of user accounts that go out of scope".
    tenant = CycleTenant()
    tenant.portal.skip_out_of_scope_deletions()
    tenant.portal._save(SkipOutOfScopeDeletions=value)
    ann, bob = tenant.user("ann"), tenant.user("bob")
    await tenant.cycle()
    tenant.people.update_user(ann, {"accountEnabled": False})
    tenant.people.delete_user(bob)
    report = await tenant.cycle()

    assert (report.outcomes, tenant.writes()) == ([], [])
    assert tenant.scim_user("ann")["active"] is True


async def test_users_stay_enabled_without_a_mapping_of_is_soft_deleted() -> None:
    tenant = CycleTenant()
    tenant.portal.remove_user_mapping("active")
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"accountEnabled": False})
    report = await tenant.cycle()
    assert (report.outcomes, tenant.writes()) == ([], [])


@pytest.mark.parametrize(("reading", "created"), [("all", 1), ("assigned", 0)])
async def test_the_scope_that_was_never_set_is_a_switch(reading: Any, created: int) -> None:
    tenant = CycleTenant(switches=Switches(scope_when_unset=reading))
    tenant.portal._save(SyncAll="")
    tenant.user("ann")
    await tenant.cycle()
    assert len(tenant.resources()) == created


async def test_a_disabled_user_mapping_provisions_no_users() -> None:
    tenant = CycleTenant()

    def disable_users(schema: dict[str, Any]) -> None:
        for mapping in schema["synchronizationRules"][0]["objectMappings"]:
            mapping["enabled"] = mapping["sourceObjectName"] == "Group"

    tenant.portal.edit_schema(disable_users)
    tenant.user("ann")
    tenant.group("floor")
    await tenant.cycle()
    assert (tenant.resources(), len(tenant.resources("Group"))) == ([], 1)


async def test_a_value_that_is_missing_passes_no_scoping_filter() -> None:
    tenant = CycleTenant()
    tenant.user("ann", department="Sales")
    tenant.user("bob", department="Legal")
    tenant.user("cid")
    tenant.portal.set_scoping_filter('department NOT EQUALS "Legal"')
    await tenant.cycle()
    assert tenant.user_names() == {"ann"}


@pytest.mark.parametrize("kept", ["deletions are skipped", "groups are left"])
async def test_a_group_that_left_the_scope_gets_no_members(kept: str) -> None:
    tenant = CycleTenant(switches=Switches(group_out_of_scope="left" if kept == "groups are left" else "deleted"))
    if kept == "deletions are skipped":
        tenant.portal.skip_out_of_scope_deletions()
    ann, bob = tenant.user("ann"), tenant.user("bob")
    everyone, sales = tenant.group("everyone", ann), tenant.group("sales", ann)
    await tenant.cycle()
    tenant.assign(sales)
    tenant.people.add_member(everyone, bob)
    tenant.people.add_member(sales, bob)
    tenant.portal.set_scope("assigned")
    tenant.portal.restart()
    await tenant.cycle()

    assert (tenant.member_names("everyone"), tenant.member_names("sales")) == ({"ann"}, {"ann", "bob"})
