"""What every form of a report on the guide says in the same words."""

from __future__ import annotations

from eptura_scim.operations.guide import ConfigurationChange, FailedObject, GuideReport
from eptura_scim.operations.guide_checks import Result
from eptura_scim.quantities import counted

__all__ = ["MARKS", "RESULTS", "change", "changes_problem", "failure", "failures_problem", "headline"]

MARKS: dict[Result, str] = {"ok": "✓", "differs": "✗", "chosen": "✓", "unknown": "?", "nothing": "·"}
RESULTS: dict[Result, str] = {
    "ok": "as the guide says",
    "differs": "differs",
    "chosen": "your choice",
    "unknown": "cannot be read",
    "nothing": "leaves no trace in Entra",
}


def headline(report: GuideReport) -> str:
    """The report in one sentence."""
    if report.differ:
        return f"{counted(report.differ, 'line')} of the guide {'differs' if report.differ == 1 else 'differ'}."
    if report.unknown:
        return f"No line of the guide differs; {counted(report.unknown, 'line')} cannot be checked."
    return "The application is as the guide says."


def failure(found: FailedObject) -> str:
    """A failure in one line."""
    return ": ".join(filter(None, (found.who, found.code, found.reason)))


def change(found: ConfigurationChange) -> str:
    """A change of the configuration in one line."""
    return f"{found.what}, by {found.who}"


def changes_problem(report: GuideReport) -> str:
    """Why it is not known who changed the configuration; empty where it is."""
    if report.changes_log in {"read", "notAsked"}:
        return ""
    why = "may not be read" if report.changes_log == "notPermitted" else "is not available"
    return f"The last changes are not known: the audit log {why}. {report.changes_problem}"


def failures_problem(report: GuideReport) -> str:
    """Why it is not known who failed; empty where it is."""
    if report.failures_log == "read":
        return ""
    why = "may not be read" if report.failures_log == "notPermitted" else "are not available"
    return f"Who failed is not known: the provisioning logs {why}. {report.failures_problem}"
