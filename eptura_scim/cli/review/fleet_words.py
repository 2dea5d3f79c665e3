"""What every form of a fleet says in the same words."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from eptura_scim.cli.status_text import at
from eptura_scim.jobs.status import Health
from eptura_scim.operations.fleet import FleetReport, StackReport
from eptura_scim.quantities import counted, duration
from eptura_scim.token_expiry import TokenExpiry

__all__ = ["drift", "failures", "last_success", "problems", "provisioning", "summary", "token", "versions"]

_HEALTH: dict[Health, str] = {
    "healthy": "healthy",
    "quarantine": "in quarantine",
    "errors": "on, the last run had errors",
    "stopped": "stopped",
    "neverRan": "never started",
    "overdue": "on, its next run is overdue",
    "unknown": "no known status",
}
_NONE = "-"


def summary(report: FleetReport) -> str:
    """The fleet in one sentence."""
    count = Counter(one.exit_code for one in report.stacks)
    fine = count.pop(0, 0)
    if not count:
        return f"{counted(len(report.stacks), 'stack')}: no drift, and provisioning as declared."
    return f"{counted(len(report.stacks), 'stack')}: {fine} fine, {sum(count.values())} to look at."


def drift(one: StackReport) -> str:
    """Whether a stack has drift."""
    if one.drift is None:
        return "not reviewed"
    return counted(len(one.drift.settings), "setting") if one.drift.drift else "none"


def provisioning(one: StackReport) -> str:
    """The state of a stack's provisioning."""
    if one.status is None:
        return "not read"
    said = _HEALTH.get(one.status.health, one.status.health)
    return f"{said}: {one.status.quarantine.reason}" if one.status.quarantine else said


def last_success(one: StackReport, now: datetime) -> str:
    """When the last cycle succeeded."""
    ended = one.status.last_success.ended if one.status and one.status.last_success else None
    return f"{at(ended)}, {duration(now - ended)} ago" if ended else _NONE


def failures(one: StackReport) -> str:
    """How many users and groups failed in the last run."""
    return str(one.status.last_run.failed) if one.status and one.status.last_run else _NONE


def token(one: StackReport, now: datetime) -> str:
    """When the token expires; `-` where the token or the stack does not say it."""
    return TokenExpiry(one.status.token.expires, None).said(now) if one.status and one.status.token else _NONE


def versions(one: StackReport) -> str:
    """The plugins of a stack."""
    return ", ".join(f"{name} {version}" for name, version in one.versions.items()) or _NONE


def problems(one: StackReport) -> list[str]:
    """Why something is not known."""
    same = one.drift_problem and one.drift_problem in one.status_problem
    return [text for text in (one.drift_problem, "" if same else one.status_problem) if text]
