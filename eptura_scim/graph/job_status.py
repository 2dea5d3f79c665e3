"""What a synchronization job tells of itself: schedule, cycles, quarantine, counts.

Source: Microsoft Graph v1.0, synchronizationSchedule, synchronizationStatus and the types that it names.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from eptura_scim.graph.reply import Reply

__all__ = [
    "QUARANTINE_FAILURES",
    "QUARANTINE_LEAST",
    "QUARANTINE_SHARE",
    "QUARANTINE_TOTAL",
    "Execution",
    "JobError",
    "JobStatus",
    "Moment",
    "Progress",
    "Quarantine",
    "Schedule",
]

# Source: Microsoft, "Application provisioning in quarantine status", which calls these numbers subject to change.
QUARANTINE_SHARE = 0.4
QUARANTINE_LEAST = 5_000
"""More than this share of objects fails, and at least this number: quarantine."""

QUARANTINE_FAILURES = 40_000
"""More failures than this: quarantine, at any share."""

QUARANTINE_TOTAL = 60_000
"""More failures than this with those of references (members, managers) among them: quarantine."""

_LONGEST_INTERVAL = timedelta(days=366)


_NEVER = ("0001-", "9999-")
"""The years of the least and the greatest time of .NET, which stand for a time that was never reached."""


def _moment(value: Any) -> Any:
    return None if isinstance(value, str) and value.startswith(_NEVER) else value


def _in_utc(moment: datetime | None) -> datetime | None:
    """A time without a zone is in UTC, as all of Graph's are."""
    return moment and (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))


def _interval(value: Any) -> Any:
    return value or None


def _counts(value: Any) -> Any:
    if not isinstance(value, list):
        return value or {}
    pairs = [pair for pair in value if isinstance(pair, dict)]
    return {str(pair.get("key") or "unnamed"): count for pair in pairs if (count := pair.get("value")) is not None}


Moment = Annotated[datetime | None, BeforeValidator(_moment), AfterValidator(_in_utc)]
"""A time in UTC; None where it was never reached, which Graph writes as year 1 or year 9999."""


class JobError(Reply):
    """A synchronizationError. The customer can correct it where `tenant_actionable`."""

    code: str | None = None
    message: str | None = None
    tenant_actionable: bool = False


class Execution(Reply):
    """A synchronizationTaskExecution: one run of the job and how many entries it dealt with."""

    activity_identifier: str | None = None
    state: str = ""
    """Succeeded, Failed or EntryLevelErrors."""
    error: JobError | None = None
    time_began: Moment = None
    time_ended: Moment = None
    count_imported: int = 0
    count_imported_deltas: int = 0
    count_imported_reference_deltas: int = 0
    count_entitled: int = 0
    count_entitled_for_provisioning: int = 0
    count_exports: int = 0
    count_exported: int = 0
    count_escrowed: int = 0
    """Entries that failed and are retried."""
    count_escrowed_raw: int = 0

    @property
    def ended_badly(self) -> bool:
        """Whether it has ended, and it or some entries failed."""
        return self.state != "" and (self.state != "Succeeded" or self.count_escrowed > 0)


class Progress(Reply):
    """A synchronizationProgress: how far a run is."""

    completed_units: int = 0
    total_units: int = 0
    units: str | None = None
    progress_observation_date_time: Moment = None


class Quarantine(Reply):
    """A synchronizationQuarantine."""

    reason: str = "Unknown"
    current_began: Moment = None
    series_began: Moment = None
    series_count: int = 0
    next_attempt: Moment = None
    error: JobError | None = None


class JobStatus(Reply):
    """A synchronizationStatus."""

    code: str = ""
    """NotConfigured, NotRun, Active, Paused or Quarantine; empty where Graph gives none."""
    count_successive_complete_failures: int = 0
    escrows_pruned: bool = False
    last_execution: Execution | None = None
    last_successful_execution: Execution | None = None
    last_successful_execution_with_exports: Execution | None = None
    progress: tuple[Progress, ...] = ()
    quarantine: Quarantine | None = None
    steady_state_first_achieved_time: Moment = None
    steady_state_last_achieved_time: Moment = None
    synchronized_entry_count_by_type: Annotated[dict[str, int], BeforeValidator(_counts)] = Field(default_factory=dict)
    """By names such as `User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`."""
    troubleshooting_url: str | None = None

    @property
    def ever_ran(self) -> bool:
        """Whether a cycle of the job ever ran, well or not. The first one that still runs may not show yet."""
        # Published output of a connector has runs with an end and no beginning.
        return any((run.time_began or run.time_ended) is not None for run in self._runs)

    @property
    def last_ended(self) -> datetime | None:
        """When the last run ended, of those that are told."""
        return max((run.time_ended for run in self._runs if run.time_ended), default=None)

    @property
    def _runs(self) -> list[Execution]:
        runs = (self.last_execution, self.last_successful_execution, self.last_successful_execution_with_exports)
        return [run for run in runs if run is not None]

    @property
    def cycle_runs(self) -> bool:
        """Whether a cycle is running, as far as executions and progress show. A paused job finishes its cycle."""
        last = self.last_execution
        open_end = last is not None and last.time_began is not None and last.time_ended is None
        return open_end or any(part.completed_units < part.total_units for part in self.progress)


class Schedule(Reply):
    """A synchronizationSchedule."""

    state: str = "Disabled"
    """Active, Disabled or Paused."""
    interval: Annotated[timedelta | None, BeforeValidator(_interval)] = None
    expiration: Moment = None

    @property
    def pause_between_runs(self) -> timedelta | None:
        """The interval; None unless it is usable: published output has 10675199 days."""
        usable = self.interval is not None and timedelta() < self.interval < _LONGEST_INTERVAL
        return self.interval if usable else None
