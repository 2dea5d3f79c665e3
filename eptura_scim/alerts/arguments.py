"""The arguments of EpturaScimAlerts."""

# Without `annotations` of __future__: TypedDict could not say which keys are required.

from collections.abc import Mapping, Sequence
from typing import Required, TypedDict

import pulumi

from eptura_scim.alerts.values import problem_of

__all__ = [
    "DIAGNOSTIC_SETTING",
    "FAILURE_MINIMUM",
    "FAILURE_PERCENT",
    "RETENTION_DAYS",
    "SILENCE_HOURS",
    "EpturaScimAlertsArgs",
    "check",
]

DIAGNOSTIC_SETTING = "eptura-scim"
RETENTION_DAYS = 30
FAILURE_MINIMUM = 20
FAILURE_PERCENT = 10
SILENCE_HOURS = 48


class EpturaScimAlertsArgs(TypedDict, total=False):
    """What EpturaScimAlerts takes; docs/alerts.md."""

    resource_group_name: Required[pulumi.Input[str]]
    """The resource group that holds workspace, action group and rules."""

    location: Required[pulumi.Input[str]]
    """The Azure region of workspace and rules, as `westeurope`."""

    service_principal_object_id: Required[pulumi.Input[str]]
    """Object id of the enterprise application's service principal: its log entries count."""

    client_id: pulumi.Input[str]
    """Client id of the application. Audit entries that name this id alone count as well."""

    workspace_id: pulumi.Input[str]
    """Resource id of a Log Analytics workspace; a new one by default."""

    retention_days: pulumi.Input[int]
    """Days that a new workspace keeps the logs; 30 by default."""

    diagnostic_setting: str | None
    """Name of Entra's diagnostic setting that sends the logs; `eptura-scim` by default. One that exists is taken over.
    None: the logs arrive in the workspace already, and no setting is declared."""

    emails: Sequence[pulumi.Input[str]]
    """Who gets an e-mail."""

    webhooks: Sequence[pulumi.Input[str]]
    """Addresses that get a POST in the common alert schema. They are secrets."""

    action_groups: Sequence[pulumi.Input[str]]
    """Resource ids of action groups that are told as well."""

    failure_minimum: pulumi.Input[int]
    """Failed operations in three hours below which nothing is said; 20 by default."""

    failure_percent: pulumi.Input[int]
    """Share of failed operations in three hours that raises an alert, from 1 to 100; 10 by default."""

    silence_hours: pulumi.Input[int] | None
    """Hours without one operation that succeeded: 6, 24 or 48; 48 by default. None: no alert."""

    tags: Mapping[str, pulumi.Input[str]]
    """Tags of workspace, action group and rules."""


def check(args: EpturaScimAlertsArgs) -> None:
    """Raises RunError with a line for each argument that is missing, unknown or wrong, as far as its value is known."""
    names = EpturaScimAlertsArgs.__annotations__
    required = [name for name in names if name in EpturaScimAlertsArgs.__required_keys__]
    problems = [f"{name} is missing" for name in required if args.get(name) in (None, "")]
    problems += [f"{name} is not an argument" for name in args if name not in names]
    for name, value in args.items():
        if isinstance(value, str | int | float) and (problem := problem_of(name, value)):
            problems.append(f"{name} {problem}")
    if not any(args.get(name) for name in ("emails", "webhooks", "action_groups")):
        problems.append("give emails, webhooks or action_groups: without them an alert reaches no person")
    if problems:
        raise pulumi.RunError("\n  ".join(["EpturaScimAlerts: these arguments are missing or wrong:", *problems]))
