"""The alert rules: which query, how often, over which time, and when it is an alert.

Entries of Entra arrive in a workspace up to hours after their time, so each window is much longer than the frequency.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pulumi

from eptura_scim.alerts import queries
from eptura_scim.alerts.arguments import FAILURE_MINIMUM, FAILURE_PERCENT, SILENCE_HOURS, EpturaScimAlertsArgs
from eptura_scim.alerts.values import checked

__all__ = ["Rule", "rules_of"]

_Ids = Sequence[pulumi.Output[str]]


class Rule(NamedTuple):
    """An alert rule: the number of rows of a query in a window, against a threshold."""

    name: str
    title: str
    description: str
    severity: int
    """From 0, critical, to 4."""
    query: pulumi.Output[str]
    window: pulumi.Input[str]
    """ISO 8601, as `frequency` and `mute`."""
    frequency: str = "PT1H"
    operator: str = "GreaterThan"
    threshold: int = 0
    mute: str | None = None
    """How long the alert is not repeated. Without it the alert is resolved when the condition ends."""


def rules_of(args: EpturaScimAlertsArgs) -> list[Rule]:
    """The rules that the arguments ask for."""
    ids = [checked(name, args[name]) for name in ("service_principal_object_id", "client_id") if args.get(name)]
    hours = args.get("silence_hours", SILENCE_HOURS)
    return [_quarantine(ids), _failures(ids, args), *([_silence(ids, hours)] if hours is not None else [])]


def _quarantine(ids: _Ids) -> Rule:
    return Rule(
        name="quarantine",
        title="provisioning is in quarantine",
        description="Entra runs the provisioning job more and more rarely, and disables it after four weeks. "
        "`eptura-scim status` says why and what to do.",
        severity=1,
        query=_query(ids, queries.quarantine),
        window="PT6H",
        frequency="PT15M",
        # The end of a quarantine is not an entry: an alert that resolves itself would be wrong.
        mute="PT6H",
    )


def _failures(ids: _Ids, args: EpturaScimAlertsArgs) -> Rule:
    minimum = checked("failure_minimum", args.get("failure_minimum", FAILURE_MINIMUM))
    percent = checked("failure_percent", args.get("failure_percent", FAILURE_PERCENT))

    def with_limits(limits: Sequence[int]) -> pulumi.Output[str]:
        minimum, percent = limits
        return _query(ids, lambda known: queries.failures(known, minimum=minimum, percent=percent))

    return Rule(
        name="failures",
        title="too many operations fail",
        description="Many users or groups cannot be provisioned. The provisioning log names the reasons, and "
        "`eptura-scim status` counts them.",
        severity=2,
        query=pulumi.Output.all(minimum, percent).apply(with_limits),
        window="PT3H",
    )


def _silence(ids: _Ids, hours: pulumi.Input[int]) -> Rule:
    return Rule(
        name="silence",
        title="no operation succeeded",
        description="No user or group was provisioned for a long time: the job may be stopped, its token may have "
        "expired, or nothing changed in the directory. `eptura-scim status` says which.",
        severity=2,
        query=_query(ids, queries.success),
        window=checked("silence_hours", hours).apply(lambda known: f"PT{known}H" if known < 24 else f"P{known // 24}D"),
        operator="LessThan",
        threshold=1,
    )


def _query(ids: _Ids, text: Callable[[Sequence[str]], str]) -> pulumi.Output[str]:
    return pulumi.Output.all(*ids).apply(text)
