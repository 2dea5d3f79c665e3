"""What a synchronization job tells of itself: schedule, cycles, quarantine, counts.

Source: Microsoft Graph v1.0, synchronizationSchedule, synchronizationStatus and the types that it names.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from eptura_scim.graph.reply import Reply

__all__ = ["Execution", "JobError", "JobStatus", "Moment", "Progress", "Quarantine", "Schedule"]

_LONGEST_INTERVAL = timedelta(days=366)


def _moment(value: Any) -> Any:
    return None if isinstance(value, str) and value.startswith("0001-01-01") else value


def _interval(value: Any) -> Any:
    return value or None


def _counts(value: Any) -> Any:
    if not isinstance(value, list):
        return value or {}
    return {str(pair.get("key")): pair.get("value") for pair in value if isinstance(pair, dict)}


Moment = Annotated[datetime | None, BeforeValidator(_moment)]
"""A time; None where it was never reached, which Graph writes as year 1."""


class JobError(Reply):
    """A synchronizationError. Whoever can do something about it is the customer where `tenant_actionable`."""

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

    code: str = "NotConfigured"
    """NotConfigured, NotRun, Active, Paused or Quarantine."""
    count_successive_complete_failures: int = 0
    escrows_pruned: bool = False
    last_execution: Execution | None = None
    last_successful_execution: Execution | None = None
    last_successful_execution_with_exports: Execution | None = None
    progress: Annotated[tuple[Progress, ...], BeforeValidator(lambda value: value or ())] = ()
    quarantine: Quarantine | None = None
    steady_state_first_achieved_time: Moment = None
    steady_state_last_achieved_time: Moment = None
    synchronized_entry_count_by_type: Annotated[dict[str, int], BeforeValidator(_counts)] = Field(default_factory=dict)
    """By names such as `User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`."""
    troubleshooting_url: str | None = None

    @property
    def ever_ran(self) -> bool:
        """Whether a cycle of the job ever ran, well or not. The first one that still runs may not show yet."""
        runs = (self.last_execution, self.last_successful_execution, self.last_successful_execution_with_exports)
        # Published output of a connector has runs with an end and no beginning.
        return any(run is not None and (run.time_began or run.time_ended) is not None for run in runs)

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
        """The interval; None where there is none, which published output writes as 10675199 days."""
        return self.interval if self.interval and self.interval < _LONGEST_INTERVAL else None
