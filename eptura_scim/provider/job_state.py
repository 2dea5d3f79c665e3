"""SynchronizationJobState: provisioning on or off, by this job alone. Declared last, it starts when all is in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal, TypeVar

from pydantic import Field

from eptura_scim.graph.errors import ConflictError, ForbiddenError
from eptura_scim.graph.ids import JobId
from eptura_scim.graph.secrets import MASKED, ConnectionSettings, same_endpoint
from eptura_scim.graph.synchronization import Job, JobRef, SynchronizationClient
from eptura_scim.mapping import external_id_problem
from eptura_scim.plugin_sdk.difference import DifferenceKind, Path
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.messages import warn
from eptura_scim.plugin_sdk.resource import Created
from eptura_scim.provider.base import JobInputs, JobResource, parse_id
from eptura_scim.provider.configuration import Configuration, changed_groups, not_assigned, owes_restart, recorded
from eptura_scim.provider.paused_changes import REEVALUATE, RELINK, pause_and_wait

__all__ = ["JobStateInputs", "SynchronizationJobState"]

T = TypeVar("T")
ProvisioningStatus = Literal["On", "Off"]
_STATUS = ("provisioningStatus",)
_WRITTEN_BY = {
    "secrets": "SynchronizationSecrets",
    "mappings": "SynchronizationSchema",
    "assignments": "SynchronizationSecrets",
}
"""The resources that write a group of settings, by the group. Assignments are azuread's: SynchronizationSecrets depends
on them, and the engine refuses a run that has it and leaves out a new assignment.
"""
_AGAIN = "Run `pulumi up` again when no other run goes on"
_STAYS_OFF = (
    "provisioning stays off, because the program ignores changes of provisioningStatus: when it is switched on, "
    "restart it (`eptura-scim restart`), so that all users and groups are evaluated by what changes here"
)


class JobStateInputs(JobInputs):
    """Whether the job runs."""

    provisioning_status: ProvisioningStatus = Field(
        default="On",
        description="The portal's Provisioning Status. A job that Entra put in quarantine is read as `Quarantine`.",
    )
    other_jobs: list[str] | None = Field(
        default=None,
        description="Ids of further jobs of the application that may run. An update pauses others that run.",
    )
    delete_other_jobs: bool = Field(
        default=False, description="Whether an update deletes further jobs instead of pausing them, paused ones too."
    )
    configuration: Configuration | None = Field(
        default=None,
        description="The same as the SynchronizationJob's. The job is restarted where the last whole run had another "
        "connection or scope.",
    )


class SynchronizationJobState(JobResource[JobStateInputs]):
    """Whether a synchronization job runs. Make it depend on the job's secrets and schema: a first cycle with other
    mappings cannot be undone at the target.

    The output `linkedTo` is the tenant URL that Entra's links to objects at the target belong to.
    """

    inputs = JobStateInputs
    kept_outputs = frozenset({"linkedTo"})

    def preprocess_inputs(self, urn: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """The configuration is the SynchronizationJob's, where that is known: a program that ignores changes of it here
        would have each run finish what is finished already.
        """
        declared = self.changes.of(str(old.get("servicePrincipalId"))).declared
        return {**new, "configuration": declared} if declared and new.get("configuration") else new

    def differences(self, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[Path, DifferenceKind]]:
        """A job whose configuration changes is started again, although it was on before and is on after: in this run,
        or in one that was cut before the restart.
        """
        found = [(path, kind) for path, kind in super().differences(old, new) if path[0] != "configuration"]
        is_found = any(path == _STATUS for path, _ in found)
        if not is_found and new.get("provisioningStatus") == "On" and self._restarts(old, new):
            found.append((_STATUS, "update"))
        return found

    def can_be_ignored(self, path: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """A status that is the same in both is a restart: who ignores the status has not asked for a paused job."""
        return path != _STATUS or old.get("provisioningStatus") != new.get("provisioningStatus")

    async def change_warnings(self, old: dict[str, Any], new: dict[str, Any], paths: Sequence[Path]) -> list[str]:
        """What a start means, and what becomes of a second job, which has the template's mappings as a rule."""
        warnings = []
        if _STATUS in paths and (old.get("provisioningStatus"), new.get("provisioningStatus")) == ("Off", "On"):
            warnings.append("provisioning starts with an initial cycle: all users and groups are evaluated again")
        is_off = old.get("provisioningStatus") == "Off"
        if new.get("provisioningStatus") == "On" and (left_out := self._left_out(old, new, is_off=is_off)):
            warnings.append(f"provisioning is not {'started' if is_off else 'restarted'}: {left_out}")
        if _ignores_status(new) and self._restarts(old, new):
            warnings.append(_STAYS_OFF)
        if other := sorted({*(old.get("otherJobs") or ())} - {*(new.get("otherJobs") or ())}):
            act = "deleted" if new.get("deleteOtherJobs") else "paused"
            warnings.append(
                f"another job of the application is {act}: {', '.join(other)}; what it provisioned stays at the target"
            )
        return warnings

    async def create(self, urn: str, inputs: JobStateInputs) -> Created:
        """Start a new job, or leave it stopped."""
        outputs = await self.consistency.retry_new_object(lambda: self._converge(inputs, {}))
        return Created(self.id_of(inputs.job), outputs)

    async def read(self, resource_id: str, last_inputs: dict[str, Any]) -> tuple[JobStateInputs, dict[str, Any]] | None:
        """The live state."""
        api, ref = await self.api(), parse_id(resource_id)
        deletes = last_inputs.get("deleteOtherJobs") is True

        async def look() -> tuple[Job, list[str]]:
            jobs = {job.id: job for job in await api.jobs(ref.service_principal)}
            live = jobs.get(ref.job) or await api.job(ref)  # a list may be behind
            return live, sorted(job.id for job in jobs.values() if job.id != ref.job and (deletes or job.scheduled))

        known = last_inputs.get("provisioningStatus")
        found = await self.consistency.read_or_gone(
            lambda: self.consistency.confirmed(look, lambda seen: _status(seen[0]) == known)
        )
        if found is None:
            return None
        live, other = found
        await _warn_of_quarantine(live)
        values: dict[str, Any] = {"provisioning_status": _status(live), "other_jobs": other or None}
        configuration = recorded(last_inputs.get("configuration"))
        inputs = JobStateInputs.model_construct(
            service_principal_id=ref.service_principal,
            job_id=ref.job,
            delete_other_jobs=deletes,
            configuration=configuration,
            **values,
        )
        self.changes.of(ref.service_principal).completed = last_inputs.get("configuration")
        linked = last_inputs.get("linkedTo")
        if not linked and live.may_have_run:  # an import, or the state of an older version
            linked = self._address(ref, await self._saved(api, ref))
        self.changes.of(ref.service_principal).note_linked(linked)
        return inputs, _linked_to(linked)

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: JobStateInputs) -> dict[str, Any]:
        """Start, restart or pause, and pause or delete jobs that the program does not declare."""
        await self.consistency.retry_existing_object(lambda: self._stop_others(new, set(old.get("otherJobs") or ())))
        return await self.consistency.retry_existing_object(lambda: self._converge(new, old))

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Stop provisioning and wait for the running cycle; accounts at the target stay as they are.

        What is deleted after it, assignments say, must not be seen by that cycle.
        """
        api, ref = await self.api(), parse_id(resource_id)
        self.changes.of(ref.service_principal).note_linked(old.get("linkedTo"))

        async def stop() -> None:
            if not await pause_and_wait(api, self.consistency, ref, "because its resource is deleted"):
                await warn(
                    f"a provisioning cycle of job {ref.job} still runs, and may continue until the job is deleted"
                )

        await self.consistency.retry_existing_object(lambda: self.consistency.read_or_gone(stop))

    def _restarts(self, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Whether this run or an earlier one requires that all users and groups are evaluated again."""
        return self.changes.of(str(new.get("servicePrincipalId"))).restart is not None or owes_restart(
            old.get("configuration"), new.get("configuration")
        )

    def _left_out(self, old: dict[str, Any], new: dict[str, Any], *, is_off: bool) -> str:
        """Which resource this run leaves out, although a part of the change would be missing in a job that is off, that
        this run has paused, or that it would restart for that part.
        """
        if not is_off and not self._restarts(old, new):
            return ""
        changed = changed_groups(new.get("configuration"), old.get("configuration"))
        present = self.changes.of(str(new["servicePrincipalId"])).parts
        if not (missing := sorted({_WRITTEN_BY[name] for name in changed} - {_WRITTEN_BY[name] for name in present})):
            return ""
        return (
            f"this run leaves out {' and '.join(missing)} (--target or --exclude), which belongs to the change. Run "
            "`pulumi up` for the whole stack"
        )

    async def _stop_others(self, inputs: JobStateInputs, seen: set[str]) -> None:
        api, ref = await self.api(), inputs.job
        undeclared = seen - {ref.job, *(inputs.other_jobs or ())}
        if not undeclared:
            return
        for job in await api.jobs(ref.service_principal):
            other = ref._replace(job=JobId(job.id))
            if job.id in undeclared and inputs.delete_other_jobs:
                await api.delete_job(other)
            elif job.id in undeclared and job.scheduled:
                await api.pause(other)

    async def _converge(self, inputs: JobStateInputs, old: dict[str, Any]) -> dict[str, Any]:
        """Call start, restart or pause only where it changes something; gives the outputs.

        Microsoft warns of calling start again and again. Whether a restart starts a paused job is undocumented, so a
        job that is still paused after a restart is started. The restart comes first: a run that ends in between
        leaves a paused job, which the next run restarts.
        """
        api, ref = await self.api(), inputs.job
        # What shows nothing to do is confirmed: it may come from a replica that is behind.
        job = await self.consistency.confirmed(
            lambda: api.job(ref), lambda shown: _status(shown) != inputs.provisioning_status
        )
        change = self.changes.of(ref.service_principal)
        linked = old.get("linkedTo") or change.linked
        if inputs.provisioning_status == "Off":
            if job.scheduled:
                await api.pause(ref)
                await self._wait_until_shown(api, ref, on=False)
            return _linked_to(linked)
        wanted = inputs.model_dump(by_alias=True)
        declared = wanted["configuration"]
        if left_out := self._left_out(old, wanted, is_off=not job.scheduled):
            act = "restarted" if job.scheduled else "started"
            raise ResourceError(f"provisioning of job {ref.job} was not {act}: {left_out}")
        if job.may_have_run and owes_restart(old.get("configuration"), declared):
            change.plan()
        planned = change.restart
        if _status(job) == "On" and planned is None:
            return _linked_to(linked or self._address(ref, await self._saved(api, ref)))
        schema = self._refuse_other_settings(ref, await api.schema(ref), change.mappings_problem)
        self._refuse_other_external_ids(ref, schema)
        saved = self._refuse_other_settings(ref, await self._saved(api, ref), change.connection_problem)
        address = self._address(ref, saved)
        if planned or (job.may_have_run and not job.scheduled):
            if declared and ConnectionSettings.from_secrets(saved).scope == "assigned":
                await self._refuse_missing_assignments(api, ref, declared["assignments"])
            is_other_target = bool(linked and address and not same_endpoint(linked, address))
            await api.restart(ref, RELINK if is_other_target else planned or REEVALUATE)
            job = await self.consistency.confirmed(lambda: api.job(ref), lambda shown: _status(shown) != "On")
        if _status(job) != "On":
            await api.start(ref)
        await self._wait_until_shown(api, ref, on=True)
        change.restart = None
        return _linked_to(address)

    async def _wait_until_shown(self, api: SynchronizationClient, ref: JobRef, *, on: bool) -> None:
        """Wait until Entra shows the job as started or paused.

        A job may enter quarantine as soon as it runs: the next preview names that, and nothing waits for it.
        """
        await self.consistency.wait_until(
            lambda: api.job(ref),
            lambda job: "" if job.scheduled == on else f"Entra does not show provisioning as {'On' if on else 'Off'}",
        )

    @staticmethod
    def _refuse_other_settings(ref: JobRef, found: T, problem: Callable[[T], str] | None) -> T:
        """What was read, where it is what this run has written: a start with settings of another run would mix both.

        Raises ConflictError, since a replica may be behind as well.
        """
        if problem and (said := problem(found)):
            raise ConflictError(
                f"provisioning of job {ref.job} was not started, because another run, or an edit in the portal, "
                f"changed what this run has written: {said}. {_AGAIN}"
            )
        return found

    @staticmethod
    async def _refuse_missing_assignments(api: SynchronizationClient, ref: JobRef, declared: str) -> None:
        """A restart without an assignment that this run has made, or that it has found, would disable users.

        Raises ConflictError, since a replica may be behind as well.
        """
        with suppress(ForbiddenError):  # who may not read assignments can still manage the job
            assigned = await api.applications.assignments(ref.service_principal)
            if missing := not_assigned(declared, (one.principal_id for one in assigned)):
                raise ConflictError(
                    f"provisioning of job {ref.job} was not restarted, because Entra does not show {missing} of the "
                    "assignments that the program declares: another run, or an edit in the portal, may have removed "
                    f"them. {_AGAIN}"
                )

    async def _saved(self, api: SynchronizationClient, ref: JobRef) -> dict[str, str]:
        """The saved secrets; none where the application never had any."""
        return await self.consistency.read_or_gone(lambda: api.secrets(ref.service_principal)) or {}

    def _address(self, ref: JobRef, saved: dict[str, str]) -> str | None:
        """The saved tenant URL; where Graph masks it, the declared one, which is saved before this resource is updated.

        None where neither is known.
        """
        address = saved.get("BaseAddress")
        return self.changes.of(ref.service_principal).address if address == MASKED else address or None

    @staticmethod
    def _refuse_other_external_ids(ref: JobRef, schema: dict[str, Any]) -> None:
        if problem := external_id_problem(schema):
            raise ResourceError(
                f"provisioning of job {ref.job} was not started: {problem}. Run `pulumi up` for the whole stack "
                "(without --target), so that the mappings are written first"
            )


def _linked_to(address: Any) -> dict[str, Any]:
    return {"linkedTo": address} if address else {}


def _ignores_status(new: dict[str, Any]) -> bool:
    """Whether `ignoreChanges` keeps a job off that the program declares as on."""
    configuration = new.get("configuration")
    declared = configuration.get("provisioningStatus") if isinstance(configuration, dict) else None
    return (declared, new.get("provisioningStatus")) == ("On", "Off")


async def _warn_of_quarantine(job: Job) -> None:
    """Why Entra slowed provisioning down, or disabled it: a start alone does not correct that."""
    if (found := job.status.quarantine) is None:
        return
    since = f" since {found.series_began:%Y-%m-%d}" if found.series_began else ""
    why = f"{found.reason}: {found.error.message}" if found.error and found.error.message else found.reason
    off = "" if job.scheduled else ", and it is off: Entra disables it after four weeks"
    await warn(
        f"provisioning is in quarantine{since} ({why}){off}. `eptura-scim status` says what to correct before "
        "`pulumi up` starts it again"
    )


def _status(job: Job) -> str:
    if not job.scheduled:
        return "Off"
    return "Quarantine" if job.status.code == "Quarantine" else "On"
