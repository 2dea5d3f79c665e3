"""The result of provisioning a user or group on demand, as data."""

from __future__ import annotations

from typing import Any, Literal

from eptura_scim.graph.on_demand import OnDemandResult
from eptura_scim.graph.principals import Principal
from eptura_scim.report import Report
from eptura_scim.types import Kind

__all__ = [
    "EXIT_CODES",
    "ModifiedPropertyReport",
    "OnDemandOutcome",
    "OnDemandReport",
    "RequestReport",
    "StepReport",
    "on_demand_report",
]

OnDemandOutcome = Literal["nothingToDo", "provisioned", "skipped", "notAssigned", "failed"]
"""From good to bad."""

EXIT_CODES: dict[OnDemandOutcome, int] = {
    "nothingToDo": 0,
    "provisioned": 0,
    "skipped": 3,
    "notAssigned": 3,
    "failed": 4,
}


class StepReport(Report):
    """A step of Entra's: Import, Scoping, Matching, Export, …"""

    type: str
    status: str
    description: str | None
    details: dict[str, Any]


class ModifiedPropertyReport(Report):
    """An attribute that was sent; of a skipped object Entra lists what it imported."""

    attribute: str
    old: Any
    new: Any


class RequestReport(Report):
    """One request: a user, or a group with some of its members."""

    members: tuple[str, ...]
    """Object ids of the members that went along."""
    outcome: OnDemandOutcome
    result: str
    """In Entra's words: Success, Warning, Skipped, Failure; empty where the answer has none."""
    error_code: str | None
    reason: str | None
    recommended_action: str | None
    action: str | None
    target_id: str | None
    steps: tuple[StepReport, ...]
    changes: tuple[ModifiedPropertyReport, ...]


class OnDemandReport(Report):
    """Everything that was done for a user or group."""

    kind: Kind
    object_id: str
    name: str
    display_name: str
    outcome: OnDemandOutcome
    """The worst outcome of all requests."""
    exit_code: int
    warnings: tuple[str, ...]
    members_left: int
    """Members of the group that were not sent: by choice, or because an earlier request did not succeed."""
    requests: tuple[RequestReport, ...]


def on_demand_report(
    principal: Principal,
    results: list[tuple[tuple[str, ...], OnDemandResult]],
    warnings: list[str],
    members_left: int = 0,
) -> OnDemandReport:
    """What the results mean together; without any, nothing was sent since the principal is not assigned."""
    requests = tuple(_request(members, result) for members, result in results)
    outcomes: list[OnDemandOutcome] = [request.outcome for request in requests] or ["notAssigned"]
    outcome = max(outcomes, key=list(EXIT_CODES).index)
    return OnDemandReport(
        kind=principal.kind,
        object_id=principal.id,
        name=principal.name,
        display_name=principal.display_name,
        outcome=outcome,
        exit_code=EXIT_CODES[outcome],
        warnings=(*warnings, *(_unread(result) for _, result in results if result.unread)),
        members_left=members_left,
        requests=requests,
    )


def _unread(result: OnDemandResult) -> str:
    return f"Entra's answer is not as documented, and not shown, at: {', '.join(result.unread)}"


def _request(members: tuple[str, ...], result: OnDemandResult) -> RequestReport:
    return RequestReport(
        members=members,
        outcome=result.outcome,
        result=result.result,
        error_code=result.error_code,
        reason=result.reason,
        recommended_action=result.recommended_action,
        action=result.action,
        target_id=result.target_id,
        steps=tuple(
            StepReport(type=step.type, status=step.status, description=step.description, details=step.details)
            for step in result.steps
        ),
        changes=tuple(
            ModifiedPropertyReport(attribute=change.display_name, old=change.old_value, new=change.new_value)
            for change in result.changes
        ),
    )
