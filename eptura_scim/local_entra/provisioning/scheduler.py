"""Runs the cycles of the jobs that are on: when they are due, when they are asked for, or in the background.

    await entra.provisioning.run_cycle()                    # of the tenant's only job, now
    await entra.provisioning.advance(timedelta(days=1))     # all that are due in a day, in seconds

Source: Microsoft, "How application provisioning works", "Application provisioning in quarantine status"; Microsoft
Graph, synchronizationJob: restart. Undocumented behaviour is in `Switches`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import httpx

from eptura_scim.local_entra.clock import AdvancingClock, timestamp
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.errors import CycleError, ODataError
from eptura_scim.local_entra.provisioning.compiled_rules import CompiledRules
from eptura_scim.local_entra.provisioning.cycle import Cycle, CycleReport
from eptura_scim.local_entra.provisioning.job_config import JobConfigs, JobKey
from eptura_scim.local_entra.provisioning.object_sync import ObjectOutcome
from eptura_scim.local_entra.provisioning.provisioning_log import ProvisioningLog
from eptura_scim.local_entra.provisioning.target import DefectError, Sent, Target, TargetError
from eptura_scim.local_entra.storage.app_records import JobRecord
from eptura_scim.local_entra.synchronization.cycle_memory import CycleState
from eptura_scim.local_entra.synchronization.job_status import (
    INTERVAL,
    Thresholds,
    execution,
    fail,
    next_run,
    quarantine,
    succeed,
)
from eptura_scim.quantities import counted
from eptura_scim.types import Json

__all__ = ["Provisioning"]

_log = logging.getLogger(__name__)

_KEPT_REQUESTS = 10_000
_POLL_SECONDS = 1.0


class Provisioning:
    """The provisioning service of the local Entra."""

    def __init__(
        self,
        directory: ApplicationRegistry,
        job_configs: JobConfigs,
        clock: AdvancingClock,
        client: Callable[[], httpx.AsyncClient],
        log: ProvisioningLog,
    ) -> None:
        self.thresholds = Thresholds()
        """How many failures lead to quarantine."""
        self.requests: deque[Sent] = deque(maxlen=_KEPT_REQUESTS)
        """What was asked of SCIM endpoints, oldest first."""
        self.log = log
        """What became of each object."""
        self._directory = directory
        self.on_cycle: Callable[[CycleReport], None] = lambda report: None
        """Told of every cycle that ended."""
        self._job_configs = job_configs
        self._synchronization = job_configs.synchronization
        self._states = job_configs.states
        self._switches = job_configs.switches
        self._clock = clock
        self.client = client
        """Makes the HTTP client that SCIM endpoints are asked with."""
        self._running: set[str] = set()

    async def run_cycle(self, service_principal: str | None = None) -> CycleReport:
        """Run the next cycle of a job now, due or not; without an id of the tenant's only job.

        What ends a cycle early is in the report. Raises CycleError when provisioning is off, when a cycle of the job
        runs already, and when there is not one job.
        """
        key = self._only_job(service_principal)
        if self._job(key).schedule_state != "Active":
            raise CycleError("provisioning is not on: start the job first")
        return await self._run(key)

    async def run_all(self) -> list[CycleReport]:
        """Run the next cycle of every job that is on, due or not."""
        keys = [key for key in self._synchronization.all_jobs() if self._job(key).schedule_state == "Active"]
        reports: list[CycleReport] = []
        for key in keys:
            with suppress(CycleError):  # a cycle of it runs already
                reports.append(await self._run(key))
        return reports

    async def run_due(self) -> list[CycleReport]:
        """Run the cycles that are due now, each job's once."""
        reports: list[CycleReport] = []
        tried: set[JobKey] = set()
        # Looked up again after each cycle, which takes time: a job may be stopped or deleted meanwhile.
        while due := [key for key, moment in self._schedule() if moment <= self._clock() and key not in tried]:
            tried.add(due[0])
            with suppress(CycleError):  # another request has just begun it
                reports.append(await self._run(due[0]))
        return reports

    async def advance(self, span: timedelta) -> list[CycleReport]:
        """Put the clock forward, and run on the way what becomes due, in its order."""
        end, reports = self._clock() + span, []
        while due := min(self._schedule(), key=lambda item: item[1], default=None):
            key, moment = due
            if moment > end:
                break
            self._clock.reach(moment)
            reports.append(await self._run(key))
        self._clock.reach(end)
        return reports

    def next_run(self, service_principal: str | None = None) -> datetime | None:
        """When a job's next cycle is due; None when none will come. Raises CycleError."""
        return next_run(self._job(self._only_job(service_principal)), self._clock())

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """Run cycles when they are due, in a thread, until the block is left.

        A running cycle is cut: what it did is known, and the next cycle continues from there.
        """
        loop = asyncio.new_event_loop()
        watching = loop.create_task(self._watch())

        def work() -> None:
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(watching)

        thread = threading.Thread(target=work, name="local-entra-cycles", daemon=True)
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(watching.cancel)
            thread.join()
            loop.close()

    # Inside

    async def _watch(self) -> None:
        while True:
            pause = _POLL_SECONDS
            try:
                await self.run_due()
            except Exception:
                # A bug of ours; the next cycle may come out, and the log must not fill the disk.
                _log.exception("a cycle failed")
                pause = INTERVAL.total_seconds()
            await asyncio.sleep(pause)

    async def _run(self, key: JobKey) -> CycleReport:
        with self._alone(key[1]):
            began, taken_in = self._clock(), self._job(key).restarts_done
            is_initial, allows_deletes = self._begin(key)
            report = CycleReport("initial" if is_initial else "incremental", began)
            try:
                job_config = self._job_configs.of(key)
                settings = job_config.settings
                async with self.client() as http:
                    target = Target(http, settings.tenant_url, settings.token, self.requests.append)
                    await target.test(job_config.test_attribute)
                    sync = job_config.sync(target, settings.dialect, is_initial=is_initial)
                    threshold = None if allows_deletes else settings.delete_threshold
                    cycle = Cycle(
                        sync,
                        self._clock,
                        further=job_config.further(sync),
                        delete_threshold=threshold,
                        on_progress=self._progress_of(key),
                        on_outcome=self._noted(key, job_config.rules, began),
                    )
                    report = cycle.report
                    await cycle.run()
            except (TargetError, ODataError) as error:
                report.error = TargetError(error.code, error.message)
                self._failed(key, report, report.error)
            except asyncio.CancelledError:
                self._cut(key, taken_in)
                raise
            except Exception as error:  # shown in the job's status, as whatever ends a cycle
                report.error = DefectError(error)
                self._failed(key, report, report.error)
            else:
                self._ended(key, report, job_config.rules, job_config.state)
            self.on_cycle(report)
            return report

    def _begin(self, key: JobKey) -> tuple[bool, bool]:
        """Take in the restarts since the last cycle; whether this one is initial, and whether deletes are allowed."""
        with self._directory.lock:
            job, state = self._job(key), self._states.of(key[1])
            scopes = {scope for restart in job.restarts[job.restarts_done :] for scope in restart}
            full = "Full" in scopes
            state.reset(
                links=full or "ConnectorDataStore" in scopes,
                escrows=full or "Escrows" in scopes,
                watermark=job.needs_initial_cycle,
            )
            if not state.links:
                job.synchronized = {}
            job.restarts_done = len(job.restarts)
            is_initial = state.watermark is None
            job.needs_initial_cycle = job.was_started = False
            self._save(key)
            return is_initial, "ForceDeletes" in scopes

    def _ended(self, key: JobKey, report: CycleReport, rules: CompiledRules, state: CycleState) -> None:
        with self._directory.lock:
            job = self._known(key)
            if job is None:
                return
            now, counts = self._clock(), report.counts
            done = execution(report.began, now, counts, "EntryLevelErrors" if report.failures else "Succeeded")
            was_initial = report.kind == "initial"
            job.progress = []
            job.synchronized = {
                mapping.count_key: state.count(mapping.kind)
                for mapping in (rules.users, rules.groups)
                if state.count(mapping.kind) or mapping.count_key in job.synchronized
            }
            references = sum(escrow.reference for escrow in state.escrows.values())
            failures = len(state.escrows) - references
            reason = self.thresholds.reached(failures, references, len(state.links))
            if report.staged:
                job.last_execution = done
                quarantine(job, "TooManyDeletes", _too_many(report.staged), now, self._switches)
            elif reason and was_initial and self._switches.initial_escrow_threshold == "pruned":
                state.reset(escrows=True)
                succeed(job, done)
                job.escrows_pruned, job.status_code = True, "Paused"
                job.schedule_state = self._switches.state_after_pause
            elif reason:
                job.last_execution = done
                quarantine(job, reason, _too_many_failures(failures + references), now, self._switches)
            else:
                succeed(job, done)
            self._save(key)

    def _failed(self, key: JobKey, report: CycleReport, error: TargetError) -> None:
        with self._directory.lock:
            job = self._known(key)
            if job is None:
                return
            told = {"code": error.code, "message": error.message, "tenantActionable": True}
            now = self._clock()
            fail(job, execution(report.began, now, report.counts, "Failed", told))
            job.progress = []
            quarantine(job, "EncounteredQuarantineException", told, now, self._switches)
            self._save(key)

    def _cut(self, key: JobKey, taken_in: int) -> None:
        """The process ends: the next cycle takes in the same restarts."""
        with self._directory.lock:
            job = self._known(key)
            if job is not None:
                job.restarts_done, job.progress = taken_in, []
                self._save(key)

    def _noted(self, key: JobKey, rules: CompiledRules, began: datetime) -> Callable[[ObjectOutcome], None]:
        cycle = str(uuid.uuid4())
        return lambda outcome: self.log.add(key, cycle, outcome, rules, began)

    def _progress_of(self, key: JobKey) -> Callable[[int, int], None]:
        def note(done: int, total: int) -> None:
            with self._directory.lock:
                job = self._known(key)
                if job is not None:
                    job.progress = [_progress(done, total, self._clock())]

        return note

    def _schedule(self) -> list[tuple[JobKey, datetime]]:
        now = self._clock()
        with self._directory.lock:
            due = [(key, next_run(self._job(key), now)) for key in self._synchronization.all_jobs()]
        return [(key, moment) for key, moment in due if moment is not None and key[1] not in self._running]

    def _only_job(self, service_principal: str | None) -> JobKey:
        found = [key for key in self._synchronization.all_jobs() if service_principal in {None, key[0]}]
        if len(found) != 1:
            where = "the tenant" if service_principal is None else f"the service principal {service_principal}"
            raise CycleError(f"{where} has {counted(len(found), 'synchronization job')}: a cycle needs exactly one")
        return found[0]

    def _job(self, key: JobKey) -> JobRecord:
        return self._directory.record(key[0]).jobs[key[1]]

    def _known(self, key: JobKey) -> JobRecord | None:
        """The job, unless it was deleted while its cycle ran."""
        return self._job(key) if key in self._synchronization.all_jobs() else None

    def _save(self, key: JobKey) -> None:
        self._directory.save(self._directory.record(key[0]))

    @contextmanager
    def _alone(self, job_id: str) -> Iterator[None]:
        with self._directory.lock:
            if job_id in self._running:
                raise CycleError("a cycle of this job is running")
            self._running.add(job_id)
        try:
            yield
        finally:
            with self._directory.lock:
                self._running.discard(job_id)


def _progress(done: int, total: int, now: datetime) -> Json:
    return {
        "completedUnits": done,
        "progressObservationDateTime": timestamp(now),
        "totalUnits": total,
        "units": "pages",
    }


def _too_many(staged: int) -> Json:
    # Code and text are undocumented; the reason of the quarantine is what tells.
    return {
        "code": "TooManyDeletes",
        "message": f"{staged} users and groups would be disabled or deleted, more than the threshold allows.",
        "tenantActionable": True,
    }


def _too_many_failures(failures: int) -> Json:
    return {
        "code": "TooManyEscrows",
        "message": f"{failures} users and groups could not be provisioned.",
        "tenantActionable": True,
    }
