"""The guide line by line beside an application, and how provisioning does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from eptura_scim.graph.applications import Application
from eptura_scim.graph.errors import GraphError
from eptura_scim.graph.gallery import NON_GALLERY_TEMPLATES
from eptura_scim.graph.logs.audit import AuditLogReader
from eptura_scim.graph.logs.provisioning import ProvisioningEntry, failures_of
from eptura_scim.jobs.locate import JobSession
from eptura_scim.jobs.status import StatusReport
from eptura_scim.operations.guide_checks import CHECKS, Result
from eptura_scim.operations.guide_steps import STEPS
from eptura_scim.operations.live_application import LiveApplication, Unread, read_application
from eptura_scim.operations.who_changed import LogAccess, not_read
from eptura_scim.report import Report

__all__ = ["ConfigurationChange", "FailedObject", "GuideLine", "GuideReport", "guide_report", "read_guide"]

_DIFFERS = 2
"""The exit code where a line differs."""

_READ_FAILURES = 100
_SHOWN_FAILURES = 20
_SHOWN_CHANGES = 5


class GuideLine(Report):
    """One line of the guide."""

    step: str
    """S1 to S49."""
    place: str
    asks: str
    live: str
    result: Result


class FailedObject(Report):
    """A user or a group that failed in a cycle."""

    time: datetime
    who: str
    code: str
    reason: str


class ConfigurationChange(Report):
    """A change of the application's configuration, from the audit log."""

    time: datetime
    who: str
    what: str
    """Entra's name of the activity."""


class GuideReport(Report):
    """An application at a moment."""

    application: str
    """Its name; empty where it cannot be read."""
    service_principal_id: str
    observed_at: datetime
    exit_code: int
    ok: int
    differ: int
    unknown: int
    lines: tuple[GuideLine, ...]
    status: StatusReport
    failures: tuple[FailedObject, ...]
    """The newest failure of each object, from the newest 100 of the provisioning logs."""
    failures_log: LogAccess
    failures_problem: str
    changes: tuple[ConfigurationChange, ...] = ()
    """The newest changes, newest first, by any identity."""
    changes_log: LogAccess = "notAsked"
    changes_problem: str = ""


async def read_guide(session: JobSession, environment: Mapping[str, str], now: datetime) -> GuideReport:
    """Read an application and compare it with the guide. Raises GraphError where not even the job can be read."""
    template = NON_GALLERY_TEMPLATES.get(environment.get("ARM_ENVIRONMENT", "").lower() or "public", "")
    live = await read_application(session, now, template)
    access: tuple[LogAccess, str] = ("read", "")
    found: list[ProvisioningEntry] = []
    try:
        found = await failures_of(session.client, session.ref.job, _READ_FAILURES)
    except GraphError as error:
        access = not_read(error)
    return guide_report(live, _failed(found), access, await _changes(session, live))


_Changes = tuple[tuple[ConfigurationChange, ...], LogAccess, str]


def guide_report(
    live: LiveApplication,
    failures: tuple[FailedObject, ...],
    log: tuple[LogAccess, str],
    changed: _Changes = ((), "notAsked", ""),
) -> GuideReport:
    """The report of what was read."""
    lines = tuple(_line(number, live) for number in range(1, len(STEPS) + 1))
    differ = sum(line.result == "differs" for line in lines)
    access, problem = log
    return GuideReport(
        application="" if isinstance(live.principal, Unread) else live.principal.display_name,
        service_principal_id=live.status.service_principal_id,
        observed_at=live.status.observed_at,
        exit_code=_DIFFERS if differ else 0,
        ok=sum(line.result in {"ok", "chosen"} for line in lines),
        differ=differ,
        unknown=sum(line.result == "unknown" for line in lines),
        lines=lines,
        status=live.status,
        failures=failures,
        failures_log=access,
        failures_problem=problem,
        changes=changed[0],
        changes_log=changed[1],
        changes_problem=changed[2],
    )


async def _changes(session: JobSession, live: LiveApplication) -> _Changes:
    application = live.application
    ids = [session.ref.service_principal, *([application.id] if isinstance(application, Application) else [])]
    try:
        entries = await AuditLogReader(session.client).changes_of(ids)
    except GraphError as error:
        return (), *not_read(error)
    found = [
        ConfigurationChange(time=entry.activity_date_time, who=entry.who, what=entry.activity_display_name)
        for entry in entries[:_SHOWN_CHANGES]
    ]
    return tuple(found), "read", ""


def _line(number: int, live: LiveApplication) -> GuideLine:
    step = STEPS[number - 1]
    result, said = CHECKS[number](live)
    return GuideLine(step=f"S{number}", place=step.page, asks=step.asks, live=said, result=result)


def _failed(entries: Iterable[ProvisioningEntry]) -> tuple[FailedObject, ...]:
    """One line for each object: a failure is logged again with each retry."""
    newest: dict[str, FailedObject] = {}
    for entry in entries:
        newest.setdefault(entry.source_identity.id or entry.source_identity.display_name or "", _failure(entry))
    return tuple(newest.values())[:_SHOWN_FAILURES]


def _failure(entry: ProvisioningEntry) -> FailedObject:
    error, who = entry.provisioning_status_info.error_information, entry.source_identity
    return FailedObject(
        time=entry.activity_date_time,
        who=who.display_name or who.id or "not named",
        code=error.error_code or "",
        reason=error.reason or "",
    )
