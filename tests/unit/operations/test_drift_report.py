"""A drift report names each setting in the portal's words, with both sides, the cost, and who changed it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eptura_scim.engine.preview_document import outcome_of
from eptura_scim.engine.user_stack import StackResource
from eptura_scim.operations.drift import DriftReport, drift_report, object_ids
from eptura_scim.operations.drift_cause import LastRun
from eptura_scim.operations.who_changed import ForeignChanges, LogAccess
from tests.unit.operations.preview_samples import COST, document, edited_by_hand, said, same, step, update, urn

SECRET = "4dabf18193072939515e22adb298388d"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def report_of(text: str, changes: ForeignChanges | None = None, access: LogAccess = "read") -> DriftReport:
    return drift_report(
        outcome_of(text), changes or ForeignChanges(), (access, ""), project="eptura", stack="prod", now=NOW
    )


def test_each_setting_shows_both_sides_in_the_portals_words() -> None:
    report = report_of(edited_by_hand())
    rows = {one.setting: (one.place, one.step, one.live, one.declared, one.action) for one in report.settings}
    users = "Mappings > Provision Microsoft Entra ID Users"
    properties = "Enterprise application > Properties"
    assert rows == {
        "Name": (properties, "S4", "Old Eptura", "EpturaScimApplication", "change"),
        "Scope": (
            "Provisioning > Settings", "S41", "Sync only assigned users and groups", "Sync all users and groups",
            "change",
        ),
        "externalId: Source attribute or expression": (users, "S25, S26", "[mailNickname]", "[objectId]", "change"),
        "title: the mapping": (users, "S23", "[jobTitle]", "(not set)", "remove"),
        'emails[type eq "work"].value: the mapping': (users, "S16", "(not set)", "[mail]", "add"),
        "Provisioning Status": ("Provisioning", "S42", "Off", "On", "change"),
    }  # fmt: skip
    assert report.counts.model_dump() == {"change": 4, "add": 1, "remove": 1, "objects": 0}
    assert (report.exit_code, report.resources, report.costs) == (2, 4, (COST,))


def test_equal_values_are_not_drift() -> None:
    report = report_of(document(same("ServicePrincipal", "/servicePrincipals/1")))
    assert (report.drift, report.exit_code, report.settings) == (False, 0, ())


def test_an_assignment_is_named_by_who_is_assigned() -> None:
    other = urn("AppRoleAssignment", "other")
    read = {
        "inputs": {"principalObjectId": "7"},
        "outputs": {"principalDisplayName": "Sales", "principalType": "Group"},
    }
    report = report_of(
        document(
            step("AppRoleAssignment", "delete", oldState=read),
            {**step("AppRoleAssignment", "create", newState={"inputs": {"principalObjectId": "8"}}), "urn": other},
        )
    )
    assert [one.setting for one in report.settings] == ["the assigned group Sales", "the assigned user or group 8"]


def test_a_missing_object_and_a_replacement_are_a_row_each() -> None:
    report = report_of(
        document(
            step("SynchronizationSchema", "create", newState={"inputs": {"users": {}}}),
            step("SynchronizationJob", "delete", oldState={"inputs": {}}),
            step("ServicePrincipal", "create-replacement", oldState={}, newState={}),
            step("ServicePrincipal", "replace", oldState={}, newState={}),
            step("ServicePrincipal", "delete-replaced", oldState={}, newState={}),
        )
    )
    assert [(one.resource, one.action, one.live, one.declared) for one in report.settings] == [
        ("SynchronizationSchema", "create", "not there", "yes"),
        ("SynchronizationJob", "delete", "there", "no"),
        ("ServicePrincipal", "replace", "there", "yes"),
    ]
    assert report.counts.objects == 3


def test_what_the_stack_declares_other_than_the_guide_is_said() -> None:
    report = report_of(
        document(update("SynchronizationSecrets", {"scope": "all"}, {"scope": "assigned"}, scope="update"))
    )
    [one] = report.settings
    assert (one.guide, one.declared) == ("Sync all users and groups", "Sync only assigned users and groups")


def test_a_warning_about_an_equal_value_is_not_a_cost() -> None:
    report = report_of(document(diagnostics=[said("EpturaScimProvisioning", "phoneWork is direct")]))
    assert (report.drift, report.warnings) == (False, ("phoneWork is direct",))


def test_a_failed_connection_test_is_not_a_cost_of_the_repair() -> None:
    failed = "Entra tested the saved connection and it failed: 401 Unauthorized"
    drifted = update("SynchronizationSecrets", {"scope": "assigned"}, {"scope": "all"}, scope="update")
    told = [said("SynchronizationSecrets", failed), said("SynchronizationSecrets", "the scope grows")]
    report = report_of(document(drifted, diagnostics=told))
    assert (report.costs, report.warnings) == (("the scope grows",), (failed,))


@pytest.mark.parametrize(("path", "live", "told"), [
    ("secretTokenFingerprint", "no token is saved", ("Secret Token", "no token is saved", "a token")),
    ("accidentalDeletionThreshold", 9, ("Accidental deletion threshold", "9", "(not set)")),
    ("skipOutOfScopeDeletions", True, ("Skip deletions of users who leave the scope", "Yes", "No")),
])  # fmt: skip
def test_settings_of_the_connection_are_told(path: str, live: object, told: tuple[str, str, str]) -> None:
    wanted = {"secretTokenFingerprint": "v1.a.b", "skipOutOfScopeDeletions": False}
    [one] = report_of(document(update("SynchronizationSecrets", {path: live}, wanted, **{path: "update"}))).settings
    assert (one.setting, one.live, one.declared) == told


def test_a_token_from_before_an_adoption_shows_no_fingerprint() -> None:
    path = "secretTokenFingerprint"
    live, wanted = {path: "imported+v1.a.b"}, {path: "v1.a.c"}
    [one] = report_of(document(update("SynchronizationSecrets", live, wanted, "", **{path: "update"}))).settings
    assert (one.live, one.declared) == ("a token", "another token")


def test_an_unknown_property_is_told_by_its_path() -> None:
    [one] = report_of(document(update("ServicePrincipal", {"x": {"y": [1]}}, {}, x__y="delete"))).settings
    assert (one.setting, one.live, one.declared) == ("x.y", "1", "(not set)")


def test_only_drift_asks_for_the_audit_log() -> None:
    unchanged = document(same("ApplicationFromTemplate", "/applicationTemplates/T/instantiate/A/P"))
    assert object_ids(outcome_of(unchanged)) == []
    assert object_ids(outcome_of(edited_by_hand("A", "P"))) == ["A", "P"]


def test_digests_of_other_resources_are_not_settings() -> None:
    digests = update("SynchronizationJob", {"configuration": {"mappings": "a"}}, {}, configuration__mappings="update")
    report = report_of(document(digests, diagnostics=[said("SynchronizationJob", "the job is paused first")]))
    assert (report.drift, report.settings, report.warnings) == (False, (), ("the job is paused first",))


@pytest.mark.parametrize(
    ("state", "cause"),
    [("all", "editedInEntra"), ("assigned", "newlyDeclared"), (None, "both"), ({SECRET: "v1"}, "unknown")],
)
def test_an_edit_in_entra_is_told_from_a_change_of_the_program(state: object, cause: str) -> None:
    text = document(update("SynchronizationSecrets", {"scope": "assigned"}, {"scope": "all"}, scope="update"))
    last = LastRun.of([StackResource(urn("SynchronizationSecrets"), "1", inputs={"scope": state})])
    report = drift_report(
        outcome_of(text), ForeignChanges(), ("read", ""), project="eptura", stack="prod", now=NOW, last_run=last
    )
    assert [one.cause for one in report.settings] == [cause]


@pytest.mark.parametrize(
    ("operation", "in_state", "cause"),
    [("create", True, "editedInEntra"), ("create", False, "newlyDeclared"), ("delete", True, "newlyDeclared")],
)
def test_an_object_deleted_in_entra_is_not_a_new_declaration(operation: str, in_state: bool, cause: str) -> None:
    last = LastRun.of([StackResource(urn("SynchronizationSchema"), "1")] if in_state else [])
    text = document(step("SynchronizationSchema", operation, newState={"inputs": {}}))
    report = drift_report(
        outcome_of(text), ForeignChanges(), ("read", ""), project="eptura", stack="prod", now=NOW, last_run=last
    )
    assert [one.cause for one in report.settings] == [cause]


def test_a_restart_alone_is_not_told_as_an_edit() -> None:
    values = {"provisioningStatus": "On"}
    text = document(update("SynchronizationJobState", values, values, provisioningStatus="update"))
    last = LastRun.of([StackResource(urn("SynchronizationJobState"), "1", inputs=values)])
    report = drift_report(
        outcome_of(text), ForeignChanges(), ("read", ""), project="eptura", stack="prod", now=NOW, last_run=last
    )
    assert [one.cause for one in report.settings] == ["restartOwed"]


def test_without_a_state_the_cause_is_not_known() -> None:
    assert {one.cause for one in report_of(edited_by_hand()).settings} == {"unknown"}
