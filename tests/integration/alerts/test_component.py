"""What EpturaScimAlerts declares in Azure, on the real types of pulumi-azure-native."""

from __future__ import annotations

from typing import Any, cast

import pulumi
import pytest

from eptura_scim.alerts import EpturaScimAlerts, EpturaScimAlertsArgs
from tests.integration.alerts.mocked_program import SUBSCRIPTION, Declared, declared_by

PRINCIPAL = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
WORKSPACE = f"{SUBSCRIPTION}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/central"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
"""How Pulumi marks a secret on the wire."""
OURS = ("AuditLogs", "ProvisioningLogs")

Sent = dict[str, Any]


def declared(
    given: dict[str, Any] | None = None, outputs: dict[str, Any] | None = None, **azure: Any
) -> dict[str, Declared]:
    """The resources by kind, rules by their name. `given`, and `outputs` as outputs, go over the least arguments."""

    def program() -> None:
        args: dict[str, Any] = {
            "resource_group_name": "rg-monitoring",
            "location": "westeurope",
            "service_principal_object_id": PRINCIPAL,
            "emails": ["platform@example.com"],
            **(given or {}),
            **{name: pulumi.Output.from_input(value) for name, value in (outputs or {}).items()},
        }
        EpturaScimAlerts("eptura", cast(EpturaScimAlertsArgs, args))

    found = declared_by(program, **azure)
    return {
        one.name.removeprefix("eptura-") if "Rule" in one.type else one.type.rpartition(":")[2]: one for one in found
    }


def setting(workspace: str, *categories: str, off: tuple[str, ...] = (), **more: Any) -> Sent:
    """A diagnostic setting that the tenant has."""
    logs = [{"category": one, "enabled": one not in off} for one in (*categories, *off)]
    return {"workspaceId": workspace, "logs": logs, "name": "eptura-scim", "type": "", **more}


def categories(resource: Declared) -> dict[str, bool]:
    return {log["category"]: log["enabled"] for log in resource.inputs["logs"]}


def test_logs_go_to_a_new_workspace_and_three_rules_read_them() -> None:
    found = declared()
    assert set(found) == {
        "EpturaScimAlerts", "Workspace", "DiagnosticSetting", "ActionGroup", "quarantine", "failures", "silence",
    }  # fmt: skip
    assert found["Workspace"].inputs["sku"] == {"name": "PerGB2018"}
    assert found["Workspace"].inputs["retentionInDays"] == 30
    [workspace] = found["quarantine"].inputs["scopes"]
    assert workspace.endswith("/Workspace/eptura")
    assert found["DiagnosticSetting"].inputs["workspaceId"] == workspace
    assert categories(found["DiagnosticSetting"]) == dict.fromkeys(OURS, True)
    assert (found["DiagnosticSetting"].import_id, found["DiagnosticSetting"].retained) == ("", False)


def test_each_rule_tells_the_action_group_and_waits_for_the_logs() -> None:
    found = declared({"action_groups": [f"{SUBSCRIPTION}/actionGroups/on-call"]})
    for name in ("quarantine", "failures", "silence"):
        [own, given] = found[name].inputs["actions"]["actionGroups"]
        assert own.endswith("/ActionGroup/eptura")
        assert given.endswith("/on-call")
        assert any(urn.endswith("DiagnosticSetting::eptura") for urn in found[name].dependencies)
        assert found[name].inputs["kind"] == "LogAlert"
        assert found[name].inputs["skipQueryValidation"] is True
        assert len(found[name].inputs["criteria"]["allOf"]) == 1


def test_a_quarantine_is_told_once_and_does_not_resolve_itself() -> None:
    rule = declared()["quarantine"].inputs
    assert (rule["severity"], rule["autoMitigate"], rule["muteActionsDuration"]) == (1, False, "PT6H")
    assert (rule["windowSize"], rule["evaluationFrequency"]) == ("PT6H", "PT15M")


def test_missing_cycles_are_a_count_below_one_row() -> None:
    rule = declared()["silence"].inputs
    [condition] = rule["criteria"]["allOf"]
    assert (condition["timeAggregation"], condition["operator"], condition["threshold"]) == ("Count", "LessThan", 1)
    assert (rule["windowSize"], rule["autoMitigate"]) == ("P2D", True)


@pytest.mark.parametrize(("hours", "window"), [(6, "PT6H"), (24, "P1D")])
def test_hours_of_silence_are_a_window_of_azure(hours: int, window: str) -> None:
    assert declared({"silence_hours": hours})["silence"].inputs["windowSize"] == window


def test_no_hours_of_silence_leave_the_rule_out() -> None:
    assert "silence" not in declared({"silence_hours": None})


def test_queries_name_both_ids() -> None:
    found = declared(outputs={"client_id": CLIENT})
    for name in ("quarantine", "failures", "silence"):
        [condition] = found[name].inputs["criteria"]["allOf"]
        assert PRINCIPAL in condition["query"]
        assert CLIENT in condition["query"]


def test_limits_that_come_from_other_resources_are_in_the_query() -> None:
    found = declared({"failure_percent": 33}, outputs={"failure_minimum": 7})
    [condition] = found["failures"].inputs["criteria"]["allOf"]
    assert "Failed >= 7 and Failed * 100 >= (Failed + Succeeded) * 33" in condition["query"]


def test_a_given_workspace_is_used_instead_of_a_new_workspace() -> None:
    found = declared({"workspace_id": WORKSPACE})
    assert "Workspace" not in found
    assert found["DiagnosticSetting"].inputs["workspaceId"] == WORKSPACE
    assert found["silence"].inputs["scopes"] == [WORKSPACE]


def test_webhooks_are_secrets_in_the_action_group() -> None:
    found = declared({"emails": [], "webhooks": ["https://example.com/hook?key=abc"]})
    sealed = found["ActionGroup"].inputs["webhookReceivers"]
    assert SECRET in sealed.values()
    [receiver] = sealed["value"]
    assert (receiver["serviceUri"], receiver["useCommonAlertSchema"]) == ("https://example.com/hook?key=abc", True)
    assert not found["ActionGroup"].inputs.get("emailReceivers")


def test_given_action_groups_alone_make_no_own_one() -> None:
    found = declared({"emails": [], "action_groups": ["/on-call"]})
    assert "ActionGroup" not in found
    assert found["silence"].inputs["actions"]["actionGroups"] == ["/on-call"]


# The diagnostic setting that a tenant has already


def test_a_setting_that_sends_the_logs_is_adopted_unchanged() -> None:
    found = declared(
        {"workspace_id": WORKSPACE}, diagnostic_settings={"eptura-scim": setting(WORKSPACE.upper(), *OURS)}
    )
    taken = found["DiagnosticSetting"]
    assert taken.import_id == "/providers/microsoft.aadiam/diagnosticSettings/eptura-scim"
    assert taken.inputs["workspaceId"] == WORKSPACE.upper()
    assert categories(taken) == dict.fromkeys(OURS, True)
    assert not taken.retained


def test_a_setting_that_sends_more_logs_is_kept_after_destroy() -> None:
    there = setting(WORKSPACE, *OURS, "SignInLogs", off=("RiskyUsers",), eventHubName="siem")
    taken = declared({"workspace_id": WORKSPACE}, diagnostic_settings={"eptura-scim": there})["DiagnosticSetting"]
    assert taken.import_id
    assert taken.retained
    assert categories(taken) == {**dict.fromkeys((*OURS, "SignInLogs"), True), "RiskyUsers": False}
    assert taken.inputs["eventHubName"] == "siem"


@pytest.mark.parametrize(
    "there", [setting(WORKSPACE, "AuditLogs"), setting(WORKSPACE, "AuditLogs", off=("ProvisioningLogs",))]
)
def test_a_setting_that_sends_less_is_completed_and_not_imported(there: Sent) -> None:
    taken = declared({"workspace_id": WORKSPACE}, diagnostic_settings={"eptura-scim": there})["DiagnosticSetting"]
    assert taken.import_id == ""
    assert categories(taken) == dict.fromkeys(OURS, True)


def test_a_setting_of_another_workspace_is_refused() -> None:
    there = setting(f"{SUBSCRIPTION}/workspaces/security", *OURS)
    with pytest.raises(pulumi.RunError, match=r"eptura-scim sends to another workspace, .*/workspaces/security"):
        declared({"workspace_id": WORKSPACE}, diagnostic_settings={"eptura-scim": there})


def test_a_setting_of_another_name_is_left_alone() -> None:
    found = declared({"diagnostic_setting": "scim"}, diagnostic_settings={"eptura-scim": setting(WORKSPACE, *OURS)})
    assert (found["DiagnosticSetting"].inputs["name"], found["DiagnosticSetting"].import_id) == ("scim", "")


def test_logs_that_arrive_already_need_no_setting() -> None:
    found = declared({"workspace_id": WORKSPACE, "diagnostic_setting": None}, refusal="403")
    assert "DiagnosticSetting" not in found


def test_an_unreadable_setting_ends_the_program_with_the_reason() -> None:
    with pytest.raises(
        pulumi.RunError, match=r"cannot be read: RESPONSE 403: Forbidden\. docs/alerts.md names the role"
    ):
        declared(refusal="RESPONSE 403: Forbidden")


# Wrong arguments


def test_all_missing_and_unknown_arguments_are_named_at_once() -> None:
    with pytest.raises(pulumi.RunError) as raised:
        declared({"location": "", "resource_group_name": "", "emails": [], "email": "a@example.com"})
    assert str(raised.value).splitlines()[1:] == [
        "  resource_group_name is missing",
        "  location is missing",
        "  email is not an argument",
        "  give emails, webhooks or action_groups: without them an alert reaches no person",
    ]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("silence_hours", 12, "silence_hours must be 6, 24 or 48; it is 12"),
        ("failure_percent", 0, "failure_percent must be a whole number from 1 to 100; it is 0"),
        ("failure_minimum", True, "failure_minimum must be a whole number from 1 to 1000000; it is True"),
        ("retention_days", 7, "retention_days must be a whole number from 30 to 730; it is 7"),
        (
            "service_principal_object_id",
            'x" or "',
            """service_principal_object_id must be an object id; it is 'x" or "'""",
        ),
    ],
)
def test_wrong_values_are_refused_also_when_they_are_outputs(name: str, value: Any, said: str) -> None:
    with pytest.raises(pulumi.RunError, match=said):
        declared({name: value})
    with pytest.raises(pulumi.RunError, match=said):
        declared(outputs={name: value})
