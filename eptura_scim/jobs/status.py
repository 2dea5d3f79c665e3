"""What `eptura-scim status` says of a job, as data: `--json` prints it, and its fields stay as they are.

Everything is read from one answer of Microsoft Graph. Graph says neither whether a cycle runs now nor when the next one
begins nor of which kind it is: these three are worked out here (S45, S47, C12).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from eptura_scim.graph.job_status import Execution, JobError, JobStatus, Quarantine
from eptura_scim.graph.secrets import ConnectionSettings
from eptura_scim.graph.synchronization import Job, JobRef
from eptura_scim.jobs.quarantine import DISABLED_AFTER, reason
from eptura_scim.report import Report
from eptura_scim.token_expiry import TokenExpiry

__all__ = [
    "EXIT_CODES",
    "ConnectionReport",
    "Health",
    "JobErrorReport",
    "NextRun",
    "QuarantineReport",
    "RunReport",
    "State",
    "StatusReport",
    "TokenReport",
    "connection_report",
    "status_report",
]

Health = Literal["healthy", "quarantine", "errors", "stopped", "neverRan", "overdue", "unknown"]
"""What a pipeline wants to know. `unknown`: Entra gives no status of the job, or one that is not documented."""

State = Literal["running", "waiting", "stopped", "quarantine", "notStarted", "unknown"]
"""What the job does now."""

EXIT_CODES: dict[Health, int] = {
    "healthy": 0,
    "unknown": 1,
    "quarantine": 3,
    "errors": 4,
    "stopped": 5,
    "neverRan": 6,
    "overdue": 7,
}

_CODES = frozenset({"NotConfigured", "NotRun", "Active", "Paused", "Quarantine"})
"""Microsoft Graph's enum synchronizationStatusCode."""

OVERDUE_AFTER = timedelta(days=1)
"""How long after the computed time of its next run a job that is on counts as overdue. A choice of ours: Entra runs a
job every 40 minutes, and no page says how late it may be."""


class JobErrorReport(Report):
    """An error in the service's own words."""

    code: str | None
    message: str | None
    yours_to_solve: bool
    """Graph's tenantActionable."""


class RunReport(Report):
    """One run of the job; null times were never reached."""

    result: str
    """Succeeded, EntryLevelErrors or Failed; empty while it runs."""
    began: datetime | None
    ended: datetime | None
    imported: int
    """Entries that were read from the directory."""
    changes_imported: int
    in_scope: int
    to_export: int
    exported: int
    failed: int
    """Entries that failed and are retried (escrows)."""
    error: JobErrorReport | None
    activity_id: str | None
    """What Microsoft support asks for."""


class NextRun(Report):
    """When the next run begins."""

    time: datetime
    basis: Literal["interval", "quarantine"]
    """`interval`: computed, end of the last run and the interval. `quarantine`: Graph's own nextAttempt."""


class ProgressReport(Report):
    """How far the running cycle is."""

    done: int
    total: int
    units: str | None


class QuarantineReport(Report):
    """Why the job is in quarantine, and what to do."""

    reason: str
    meaning: str
    what_to_do: tuple[str, ...]
    error: JobErrorReport | None
    began: datetime | None
    times_renewed: int
    next_attempt: datetime | None
    disabled_at: datetime | None
    """Computed: when Entra disables the job, four weeks after the quarantine began. In the past, where it has."""
    disabled: bool
    """Whether the job is off: no attempt follows until the job is started again."""


class ConnectionReport(Report):
    """What is saved beside the job; read only where it is asked for."""

    tenant_url: str | None
    token_saved: bool
    scope: Literal["all", "assigned", "unknown"]
    """`unknown`: not set, so that Entra's default decides."""


class TokenReport(Report):
    """When the secret token expires."""

    expires: datetime
    warned: bool
    """Whether the expiry is near, as the stack's tokenWarningDays says, or over."""


class StatusReport(Report):
    """A job at a moment."""

    service_principal_id: str
    job_id: str
    observed_at: datetime
    health: Health
    exit_code: int
    state: State
    cycle: Literal["initial", "incremental"]
    """The kind of the cycle that runs or comes next: initial until everyone was processed once."""
    status_code: str
    schedule_state: str
    interval_seconds: int | None
    next_run: NextRun | None
    last_run: RunReport | None
    last_success: RunReport | None
    last_success_with_exports: RunReport | None
    seconds_since_success: int | None
    steady_state_first: datetime | None
    steady_state_last: datetime | None
    progress: tuple[ProgressReport, ...]
    synchronized: dict[str, int]
    """By Graph's names of the types, such as `User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`."""
    successive_failures: int
    escrows_pruned: bool
    """Too many entries failed in the initial cycle: Entra forgot the failures and stops after that cycle."""
    quarantine: QuarantineReport | None
    troubleshooting_url: str | None
    portal_url: str | None
    connection: ConnectionReport | None
    token: TokenReport | None = None
    """The expiry of the token that the stack's last `pulumi up` saved; null without a stack, or where it has none."""

    def same_as(self, other: StatusReport | None) -> bool:
        """Whether nothing happened between two reports, apart from time passing."""
        passing = {"observed_at", "seconds_since_success"}
        return other is not None and self.model_dump(exclude=passing) == other.model_dump(exclude=passing)


def status_report(
    ref: JobRef,
    job: Job,
    now: datetime,
    *,
    portal_url: str | None = None,
    connection: ConnectionReport | None = None,
    token: TokenExpiry | None = None,
) -> StatusReport:
    """The job as it is at `now`."""
    status = job.status
    state = _state(job)
    next_run = _next_run(job, state)
    health = _health(state, status, next_run, now)
    success = status.last_successful_execution
    interval = job.schedule.pause_between_runs
    return StatusReport(
        service_principal_id=ref.service_principal,
        job_id=ref.job,
        observed_at=now,
        health=health,
        exit_code=EXIT_CODES[health],
        state=state,
        cycle="incremental" if status.steady_state_first_achieved_time else "initial",
        status_code=status.code,
        schedule_state=job.schedule.state,
        interval_seconds=int(interval.total_seconds()) if interval else None,
        next_run=next_run,
        last_run=_run(status.last_execution),
        last_success=_run(success),
        last_success_with_exports=_run(status.last_successful_execution_with_exports),
        seconds_since_success=int((now - success.time_ended).total_seconds())
        if success and success.time_ended
        else None,
        steady_state_first=status.steady_state_first_achieved_time,
        steady_state_last=status.steady_state_last_achieved_time,
        progress=tuple(
            ProgressReport(done=part.completed_units, total=part.total_units, units=part.units or None)
            for part in status.progress
        ),
        synchronized=status.synchronized_entry_count_by_type,
        successive_failures=status.count_successive_complete_failures,
        escrows_pruned=status.escrows_pruned,
        quarantine=_quarantine(status.quarantine, scheduled=job.scheduled),
        troubleshooting_url=status.troubleshooting_url or None,
        portal_url=portal_url,
        connection=connection,
        token=TokenReport(expires=token.expires, warned=token.is_warned(now)) if token else None,
    )


def connection_report(secrets: dict[str, str]) -> ConnectionReport:
    """What the saved secrets say; the token itself is never shown by Graph."""
    settings = ConnectionSettings.from_secrets(secrets)
    return ConnectionReport(
        tenant_url=settings.tenant_url or None,
        token_saved=bool(secrets.get("SecretToken") or secrets.get("Oauth2ClientSecret")),
        scope="unknown" if settings.scope == "unset" else settings.scope,
    )


def _state(job: Job) -> State:
    status = job.status
    if status.code == "Quarantine":
        return "quarantine"
    if job.scheduled and (status.code not in _CODES if status.code else not status.ever_ran):
        return "unknown"
    # A job that Entra itself paused may keep an Active schedule, and a job that never ran is "Paused" as well.
    if not job.scheduled or status.code in {"Paused", "NotConfigured"}:
        return "stopped" if status.ever_ran else "notStarted"
    return "running" if _runs(status) else "waiting"


def _runs(status: JobStatus) -> bool:
    return status.code == "NotRun" or status.cycle_runs


def _health(state: State, status: JobStatus, next_run: NextRun | None, now: datetime) -> Health:
    match state:
        case "quarantine" | "stopped" | "unknown":
            return state
        case "notStarted":
            return "neverRan"
    if next_run and now > next_run.time + OVERDUE_AFTER:
        return "overdue"
    last = status.last_execution
    failed = last is not None and last.ended_badly
    return "errors" if failed or status.escrows_pruned else "healthy"


def _next_run(job: Job, state: State) -> NextRun | None:
    status = job.status
    if not job.scheduled:
        return None
    if state == "quarantine" and status.quarantine and status.quarantine.next_attempt:
        return NextRun(time=status.quarantine.next_attempt, basis="quarantine")
    ended, interval = status.last_ended, job.schedule.pause_between_runs
    if state == "waiting" and ended and interval:
        return NextRun(time=ended + interval, basis="interval")
    return None


def _run(run: Execution | None) -> RunReport | None:
    if run is None:
        return None
    return RunReport(
        result=run.state,
        began=run.time_began,
        ended=run.time_ended,
        imported=run.count_imported,
        changes_imported=run.count_imported_deltas,
        in_scope=run.count_entitled_for_provisioning,
        to_export=run.count_exports,
        exported=run.count_exported,
        failed=run.count_escrowed,
        error=_error(run.error),
        activity_id=run.activity_identifier,
    )


def _quarantine(found: Quarantine | None, *, scheduled: bool) -> QuarantineReport | None:
    if found is None:
        return None
    why, began = reason(found.reason), found.series_began or found.current_began
    return QuarantineReport(
        reason=found.reason,
        meaning=why.meaning,
        what_to_do=why.what_to_do(scheduled=scheduled),
        error=_error(found.error),
        began=began,
        times_renewed=found.series_count,
        next_attempt=found.next_attempt,
        disabled_at=began + DISABLED_AFTER if began else None,
        disabled=not scheduled,
    )


def _error(error: JobError | None) -> JobErrorReport | None:
    if error is None:
        return None
    return JobErrorReport(code=error.code, message=error.message, yours_to_solve=error.tenant_actionable)
