"""The diagnostic setting of Entra that sends its logs to the workspace: a new one, or one that the tenant has.

A tenant has few of them, other teams' logs may go through one, and two that send the same logs to the same workspace
are refused. So a setting of the name is taken over with all that it sends. Where it sends more than the alerts read, it
is not deleted with the stack.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import aadiam

from eptura_scim.resources import reason_of

__all__ = ["declare_diagnostic_setting"]

_CATEGORIES = ("AuditLogs", "ProvisioningLogs")
"""What the alert rules read."""

_SINKS = ("storage_account_id", "service_bus_rule_id", "event_hub_authorization_rule_id", "event_hub_name")
_ID = "/providers/microsoft.aadiam/diagnosticSettings/"


def declare_diagnostic_setting(
    resource_name: str, name: str, workspace_id: pulumi.Input[str], parent: pulumi.Resource
) -> aadiam.DiagnosticSetting:
    """Send the categories to a workspace.

    Raises RunError where the setting cannot be read, or sends to another workspace.
    """
    found = _existing(name, parent)
    if found is None:
        return aadiam.DiagnosticSetting(
            resource_name,
            name=name,
            workspace_id=workspace_id,
            logs=[aadiam.LogSettingsArgs(category=category, enabled=True) for category in _CATEGORIES],
            opts=pulumi.ResourceOptions(parent=parent),
        )
    sent = {log.category: log for log in found.logs or () if log.enabled}
    others = set(sent) - set(_CATEGORIES) or any(getattr(found, sink) for sink in _SINKS)
    return aadiam.DiagnosticSetting(
        resource_name,
        name=name,
        workspace_id=pulumi.Output.from_input(workspace_id).apply(lambda ours: _same_workspace(name, found, ours)),
        logs=[*map(_as_it_is, found.logs or ()), *_missing(found)],
        **{sink: value for sink in _SINKS if (value := getattr(found, sink))},
        opts=pulumi.ResourceOptions(
            parent=parent,
            # An import has to declare what is there. A setting that sends less is updated, which the engine does where
            # it is in the stack; where it is not, azure-native refuses to create it a second time.
            import_=f"{_ID}{name}" if set(_CATEGORIES) <= set(sent) else None,
            retain_on_delete=bool(others),
        ),
    )


def _existing(name: str, parent: pulumi.Resource) -> Any:
    """The tenant's setting of this name, or None."""
    try:
        return aadiam.get_diagnostic_setting(name=name, opts=pulumi.InvokeOptions(parent=parent))
    except Exception as error:  # the SDK knows no other; its text ends with what the plugin says
        said = reason_of(error)
        if "404" in said or "NotFound" in said:
            return None
        raise pulumi.RunError(
            f"the diagnostic setting {name} of Microsoft Entra ID cannot be read: {said}. "
            "docs/alerts.md names the roles that are needed"
        ) from None


def _same_workspace(name: str, found: Any, ours: str) -> str:
    """The workspace's id as the setting has it: Azure does not distinguish upper and lower case in ids."""
    if found.workspace_id and found.workspace_id.lower() != ours.lower():
        raise pulumi.RunError(
            f"the diagnostic setting {name} sends to another workspace, {found.workspace_id}. "
            "Give that workspace, or choose another name for the diagnostic setting"
        )
    return found.workspace_id or ours


def _as_it_is(log: Any) -> aadiam.LogSettingsArgs:
    kept = log.retention_policy
    return aadiam.LogSettingsArgs(
        category=log.category,
        enabled=log.enabled or log.category in _CATEGORIES,
        retention_policy=kept and aadiam.RetentionPolicyArgs(days=kept.days, enabled=kept.enabled),
    )


def _missing(found: Any) -> list[aadiam.LogSettingsArgs]:
    there = {log.category for log in found.logs or ()}
    return [aadiam.LogSettingsArgs(category=one, enabled=True) for one in _CATEGORIES if one not in there]
