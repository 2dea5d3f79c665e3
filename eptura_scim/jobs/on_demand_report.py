"""What came of provisioning somebody on demand, as data and in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from eptura_scim.graph.on_demand import OnDemandResult
from eptura_scim.graph.principals import Subject
from eptura_scim.report import Report

__all__ = ["EXIT_CODES", "OnDemandReport", "RequestReport", "Verdict", "on_demand_report", "sentences"]

Verdict = Literal["nothingToDo", "provisioned", "skipped", "notAssigned", "failed"]
"""From good to bad."""

EXIT_CODES: dict[Verdict, int] = {"nothingToDo": 0, "provisioned": 0, "skipped": 3, "notAssigned": 3, "failed": 4}

_NOT_ENTITLED = "NotEffectivelyEntitled"
_WAIT = "Entra honours a new assignment after some minutes: --wait 300 waits for it"


class StepReport(Report):
    """A step of Entra's: Import, Scoping, Matching, Export, …"""

    type: str
    status: str
    description: str | None
    details: dict[str, Any]


class ChangeReport(Report):
    """An attribute that was sent; of a skipped object Entra lists what it imported."""

    attribute: str
    old: Any
    new: Any


class RequestReport(Report):
    """One request: a user, or a group with some of its members."""

    members: tuple[str, ...]
    """Object ids of the members that went along."""
    outcome: Verdict
    result: str
    """In Entra's words: Success, Warning, Skipped, Failure; empty where the answer has none."""
    error_code: str | None
    reason: str | None
    recommended_action: str | None
    action: str | None
    target_id: str | None
    steps: tuple[StepReport, ...]
    changes: tuple[ChangeReport, ...]


class OnDemandReport(Report):
    """Everything that was done for a user or group."""

    kind: Literal["User", "Group"]
    object_id: str
    name: str
    display_name: str
    outcome: Verdict
    """The worst of the requests' ones."""
    exit_code: int
    warnings: tuple[str, ...]
    members_left: int
    """Members of the group that were not sent: by choice, or since a request before did not succeed."""
    requests: tuple[RequestReport, ...]


def on_demand_report(
    subject: Subject,
    results: list[tuple[tuple[str, ...], OnDemandResult]],
    warnings: list[str],
    members_left: int = 0,
) -> OnDemandReport:
    """What the results mean together; without any, nothing was sent since the subject is not assigned."""
    requests = tuple(_request(members, result) for members, result in results)
    verdicts: list[Verdict] = [request.outcome for request in requests] or ["notAssigned"]
    outcome = max(verdicts, key=list(EXIT_CODES).index)
    return OnDemandReport(
        kind=subject.kind,
        object_id=subject.id,
        name=subject.name,
        display_name=subject.display_name,
        outcome=outcome,
        exit_code=EXIT_CODES[outcome],
        warnings=tuple(warnings),
        members_left=members_left,
        requests=requests,
    )


def sentences(report: OnDemandReport) -> Iterator[str]:
    """The report for people, line by line."""
    shown = f"{report.display_name}, " if report.display_name != report.name else ""
    yield f"{report.kind} {report.name} ({shown}{report.object_id})"
    sent = 0
    for request in report.requests:
        if request.members:
            last = sent + len(request.members)
            yield f"  With members {sent + 1} to {last}:" if last > sent + 1 else f"  With member {last}:"
            sent = last
        for step in request.steps:
            yield from _step(step)
        if request.outcome == "provisioned":
            yield from (f"    {change.attribute}: {_changed(change)}" for change in request.changes)
        yield f"  {_verdict(request)}"
    if not report.requests:
        yield (
            "  Nothing was sent: it is not assigned to the application, and only assigned users and groups are "
            f"provisioned. Assign it ({_WAIT}); --unassigned sends it all the same: Entra then disables what it had "
            "provisioned before"
        )
    if report.members_left:
        yield f"  Members that were not sent: {report.members_left}"
    yield from (f"warning: {warning}" for warning in report.warnings)


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
            ChangeReport(attribute=change.display_name, old=change.old_value, new=change.new_value)
            for change in result.changes
        ),
    )


def _step(step: StepReport) -> Iterator[str]:
    yield f"  {step.type:<9} {step.status:<8} {step.description or ''}".rstrip()
    # What a step that went well imported or found is long, and of no use here.
    if step.details and (step.status.lower() != "success" or step.type.lower() == "scoping"):
        yield f"    {', '.join(f'{name}: {value}' for name, value in step.details.items())}"


def _changed(change: ChangeReport) -> str:
    return f"{change.new}" if change.old is None else f"{change.old} -> {change.new}"


def _verdict(request: RequestReport) -> str:
    why = f"{request.reason or 'Entra gives no reason'}{f' ({request.error_code})' if request.error_code else ''}"
    match request.outcome:
        case "provisioned":
            done = f"Provisioned{f' ({request.action})' if request.action else ''}"
            return f"{done}; its id at Eptura is {request.target_id}" if request.target_id else done
        case "nothingToDo":
            return "Nothing to do: Entra and Eptura match already"
        case "skipped":
            disabled = any(str(step.details.get("IsActive")) == "False" for step in request.steps)
            if request.error_code == _NOT_ENTITLED and disabled:
                return f"Skipped: {why}. It is not active in Entra"
            hint = f". {_WAIT}" if request.error_code == _NOT_ENTITLED else ""
            return f"Skipped: {why}{hint}"
    advice = f". {request.recommended_action}" if request.recommended_action else ""
    return f"Failed: {why}{advice}"
