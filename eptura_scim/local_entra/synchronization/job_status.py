"""What a cycle leaves in a job's status: executions, counts, steady state, quarantine.

Sources: Microsoft Graph, resource types synchronizationStatus, synchronizationTaskExecution, synchronizationQuarantine;
published output of a job that ran ("On-demand … attribute mapping", cloud sync) and of one in quarantine (old page
"Configure provisioning using the Microsoft Graph API"); Microsoft, "Application provisioning in quarantine status".
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from eptura_scim.graph.job_status import QUARANTINE_FAILURES, QUARANTINE_LEAST, QUARANTINE_SHARE, QUARANTINE_TOTAL
from eptura_scim.local_entra.clock import NEVER, timestamp
from eptura_scim.local_entra.storage.app_records import JobRecord
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.cycle_memory import GIVE_UP, retry_at
from eptura_scim.types import Json

__all__ = [
    "INTERVAL",
    "CycleCounts",
    "QuarantineReason",
    "Thresholds",
    "execution",
    "fail",
    "next_run",
    "quarantine",
    "succeed",
]

INTERVAL = timedelta(minutes=40)
"""Between the end of a cycle and the next; it cannot be configured."""

QuarantineReason = Literal[
    "EncounteredQuarantineException",
    "EncounteredBaseEscrowThreshold",
    "EncounteredEscrowProportionThreshold",
    "EncounteredTotalEscrowThreshold",
    "TooManyDeletes",
]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many failures are too many."""

    minimum: int = QUARANTINE_LEAST
    """Below it nothing is evaluated."""
    share: float = QUARANTINE_SHARE
    base: int = QUARANTINE_FAILURES
    total: int = QUARANTINE_TOTAL
    """Failures of references included."""

    def reached(self, failures: int, references: int, successes: int) -> QuarantineReason | None:
        """Why a job is quarantined. Which of Graph's names stands for which threshold is inferred."""
        if failures + references > self.total:
            return "EncounteredTotalEscrowThreshold"
        if failures > self.base:
            return "EncounteredBaseEscrowThreshold"
        if failures >= self.minimum and failures > self.share * (failures + successes):
            return "EncounteredEscrowProportionThreshold"
        return None


@dataclass(slots=True)
class CycleCounts:
    """What a cycle did; the fields of synchronizationTaskExecution."""

    entitled: int = 0
    escrowed: int = 0
    """Failures that wait at its end, older ones included."""
    exported: int = 0
    exports: int = 0
    imported: int = 0
    deltas: int = 0
    reference_deltas: int = 0


def execution(began: datetime, ended: datetime, counts: CycleCounts, state: str, error: Json | None = None) -> Json:
    """A synchronizationTaskExecution."""
    return {
        "activityIdentifier": str(uuid.uuid4()),
        "countEntitled": counts.entitled,
        "countEntitledForProvisioning": counts.entitled,
        "countEscrowed": counts.escrowed,
        "countEscrowedRaw": counts.escrowed,
        "countExported": counts.exported,
        "countExports": counts.exports,
        "countImported": counts.imported,
        "countImportedDeltas": counts.deltas,
        "countImportedReferenceDeltas": counts.reference_deltas,
        "state": state,
        "error": error,
        "timeBegan": timestamp(began),
        "timeEnded": timestamp(ended),
    }


def succeed(job: JobRecord, done: Json) -> None:
    """A cycle came to its end, perhaps with failures of single objects."""
    job.last_execution = done
    job.complete_failures = 0
    if job.status_code != "Paused":
        job.status_code = "Active"
    job.quarantine = None
    if done["state"] == "Succeeded" and done["countEscrowed"] == 0:
        job.last_successful_execution = _summary(done)
        if done["countExported"]:
            job.last_successful_execution_with_exports = _summary(done)
    if job.steady_state_first == NEVER:
        job.steady_state_first = done["timeEnded"]
    job.steady_state_last = done["timeEnded"]


def fail(job: JobRecord, done: Json) -> None:
    """A cycle ended before its end."""
    job.last_execution = done
    job.complete_failures += 1


def quarantine(job: JobRecord, reason: QuarantineReason, error: Json | None, now: datetime, switches: Switches) -> None:
    """Put a job into quarantine, or leave it there; after four weeks it is disabled."""
    before = job.quarantine or {}
    series = before.get("seriesBegan", timestamp(now))
    count = int(before.get("seriesCount", 0)) + 1
    began = datetime.fromisoformat(series)
    attempt = retry_at(began, count, now)
    if count == 1 and switches.first_quarantine_attempt == "5 minutes":
        attempt = now + timedelta(minutes=5)
    job.quarantine = {
        "currentBegan": timestamp(now),
        "nextAttempt": timestamp(attempt),
        "reason": reason,
        "seriesBegan": series,
        "seriesCount": count,
        "error": error,
    }
    if job.status_code != "Paused":
        job.status_code = "Quarantine"
    if now - began >= GIVE_UP:
        job.schedule_state = "Disabled"


def next_run(job: JobRecord, now: datetime) -> datetime | None:
    """When the next cycle is due; None when none will come."""
    if job.schedule_state != "Active":
        return None
    if job.quarantine is not None and len(job.restarts) == job.restarts_done:
        return datetime.fromisoformat(job.quarantine["nextAttempt"])
    if job.last_execution is None or job.was_started or len(job.restarts) > job.restarts_done:
        return now
    return datetime.fromisoformat(job.last_execution["timeEnded"]) + INTERVAL


def _summary(done: Json) -> Json:
    """Of executions before the last one published output has the end, the result and the exports alone."""
    kept = {name: done[name] for name in ("countExported", "state", "error", "timeEnded")}
    empty = {name: 0 for name in done if name.startswith("count")}
    return {"activityIdentifier": None, **empty, **kept, "timeBegan": NEVER}
