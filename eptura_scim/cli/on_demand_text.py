"""The result of provisioning on demand in words."""

from __future__ import annotations

from collections.abc import Iterator

from eptura_scim.jobs.on_demand_report import ModifiedPropertyReport, OnDemandReport, RequestReport, StepReport

__all__ = ["sentences"]

_NOT_ENTITLED = "NotEffectivelyEntitled"
_WAIT = "Entra honours a new assignment after some minutes: --wait 300 waits for it"


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
        yield f"  {_result(request)}"
    if not report.requests:
        yield (
            "  Nothing was sent: it is not assigned to the application, and only assigned users and groups are "
            f"provisioned. Assign it ({_WAIT}); --unassigned sends it anyway: Entra then disables what it had "
            "provisioned before"
        )
    if report.members_left:
        yield f"  Members that were not sent: {report.members_left}"
    yield from (f"warning: {warning}" for warning in report.warnings)


def _step(step: StepReport) -> Iterator[str]:
    yield f"  {step.type:<9} {step.status:<8} {step.description or ''}".rstrip()
    # What a step that went well imported or found is long, and of no use here.
    if step.details and (step.status.lower() != "success" or step.type.lower() == "scoping"):
        yield f"    {', '.join(f'{name}: {value}' for name, value in step.details.items())}"


def _changed(change: ModifiedPropertyReport) -> str:
    return f"{change.new}" if change.old is None else f"{change.old} -> {change.new}"


def _result(request: RequestReport) -> str:
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
    if not request.result:
        action = f" ({request.action})" if request.action else ""
        return (
            f"Not known: Entra carried the request out{action}, and its answer gives no result. "
            "The provisioning logs show the result"
        )
    advice = f". {request.recommended_action}" if request.recommended_action else ""
    return f"Failed: {why}{advice}"
