"""SynchronizationJob: the provisioning job of a service principal. It is created stopped; SynchronizationJobState
starts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError

from eptura_scim.graph.errors import GraphError, ReplyError, RequestRefusedError, UnreachableError
from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.synchronization import Job, JobRef, Synchronization
from eptura_scim.plugin_sdk.difference import Kind, Path
from eptura_scim.plugin_sdk.resource import Created, Inputs
from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.provider.base import GraphResource, ServicePrincipalInputs, parse_id

__all__ = ["Configuration", "SynchronizationJob", "SynchronizationJobInputs"]


class Configuration(Inputs):
    """What the program declares for a job, in short: it tells what a run is about to change.

    Each text stands for one group of settings and changes with it: digests, say.
    """

    secrets: str = Field(default="", description="Tenant URL, scope and out-of-scope deletions.")
    mappings: str = Field(default="", description="Attribute mappings, scoping filters and actions.")
    assignments: str = Field(default="", description="Assigned users and groups.")
    provisioning_status: Literal["On", "Off"] = Field(default="On", description="The declared Provisioning Status.")


class SynchronizationJobInputs(ServicePrincipalInputs):
    """A job and the template that it is made from."""

    template_id: str = Field(default="scim", min_length=1, description="The template of a new job.")
    configuration: Configuration | None = Field(
        default=None,
        description="What the program declares for this job. A run that changes more than one group of settings pauses "
        "the job before it writes any of them.",
    )


class _Changes(NamedTuple):
    """What a change of the configuration asks of a job before anything is written."""

    several_writes: bool
    """More than one group of settings changes: a cycle in between would see a mixture."""
    turned_off: bool
    """Provisioning is to stop: that comes before every other change."""


class SynchronizationJob(GraphResource[SynchronizationJobInputs]):
    """The synchronization job of an application. Create takes over a job of the template that exists already, and
    never makes a second one.
    """

    inputs = SynchronizationJobInputs
    replace_on = frozenset({"servicePrincipalId", "templateId"})

    def equivalent(self, path: Path, old: Any, new: Any) -> bool:
        """azuread writes the path of the service principal where we write its object id."""
        if path == ("servicePrincipalId",) and isinstance(old, str) and isinstance(new, str):
            return old.rsplit("/", 1)[-1].lower() == new.rsplit("/", 1)[-1].lower()
        return super().equivalent(path, old, new)

    def differences(self, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[Path, Kind]]:
        """A changed configuration counts where the job has to be paused for it; other resources write the change."""
        found = super().differences(old, new)
        if any(_changes(old.get("configuration"), new.get("configuration"))):
            return found
        return [(path, kind) for path, kind in found if path[0] != "configuration"]

    async def change_warnings(self, old: dict[str, Any], new: dict[str, Any], paths: Sequence[Path]) -> list[str]:
        """What a pause means. Plans the restart."""
        changes = _changes(old.get("configuration"), new.get("configuration"))
        if changes.several_writes:
            self.changes.plan(str(new["servicePrincipalId"]))
        if changes.turned_off:
            return ["provisioning stops before anything else changes; a running cycle finishes"]
        if changes.several_writes:
            return ["provisioning is paused before the first of these changes and restarts after the last"]
        return []

    async def create(self, urn: str, inputs: SynchronizationJobInputs) -> Created:
        """Take over the template's job, or make it. It is not started."""
        api = await self.api()
        principal = ServicePrincipalId(inputs.service_principal_id)
        job = await self.consistency.retry_new_object(
            lambda: self._taken_over_or_made(api, principal, inputs.template_id)
        )
        ref = JobRef(principal, job)
        await self.consistency.wait_until(lambda: api.job(ref), lambda _: "")
        return Created(ref.path)

    async def read(
        self, resource_id: str, last_inputs: dict[str, Any]
    ) -> tuple[SynchronizationJobInputs, dict[str, Any]] | None:
        """The live job."""
        ref = parse_id(resource_id)
        api = await self.api()
        job = await self.consistency.read_or_gone(lambda: api.job(ref))
        if job is None:
            return None
        return SynchronizationJobInputs.model_construct(
            service_principal_id=ref.service_principal,
            template_id=job.template_id or last_inputs.get("templateId") or ref.job.partition(".")[0],
            configuration=_recorded(last_inputs.get("configuration")),
        ), {}

    async def update(
        self, urn: str, resource_id: str, old: dict[str, Any], new: SynchronizationJobInputs
    ) -> dict[str, Any]:
        """Pause the job before what is about to change, if it runs."""
        ref, api = parse_id(resource_id), await self.api()
        changes = _changes(old.get("configuration"), new.configuration and new.configuration.model_dump(by_alias=True))
        if changes.turned_off:
            await self.consistency.retry_existing_object(lambda: self._stop(api, ref))
        if changes.several_writes:
            await self.consistency.retry_existing_object(lambda: self.changes.pause(api, self.consistency, ref))
        return {}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Delete the job; accounts at the target stay as they are."""
        ref, api = parse_id(resource_id), await self.api()
        await self.consistency.retry_existing_object(lambda: self.consistency.read_or_gone(lambda: api.delete_job(ref)))

    async def _taken_over_or_made(self, api: Synchronization, principal: ServicePrincipalId, template: str) -> JobId:
        if (found := await self._existing(api, principal, template)) is not None:
            return found
        try:
            return JobId((await api.create_job(principal, template)).id)
        except (UnreachableError, ReplyError, RequestRefusedError):
            # The request may have been carried out although no answer says so: a second one could make a second job.
            made = None
            with suppress(GraphError):
                made = await self.consistency.read_until_found(lambda: self._existing(api, principal, template))
            if made is None:
                raise
            return made

    @staticmethod
    async def _existing(api: Synchronization, principal: ServicePrincipalId, template: str) -> JobId | None:
        """The job of the template, the first of several; Graph lists the oldest first."""
        return next((JobId(job.id) for job in await api.jobs(principal) if _is_of(job, template)), None)

    @staticmethod
    async def _stop(api: Synchronization, ref: JobRef) -> None:
        if (await api.job(ref)).scheduled:
            await api.pause(ref)


def _recorded(value: Any) -> Configuration | None:
    """The configuration that the state holds; None where the state of another version does not fit."""
    try:
        return Configuration.model_validate(value) if value else None
    except ValidationError:
        return None


def _is_of(job: Job, template: str) -> bool:
    """Whether a job was made from a template. The id of a job begins with it, where Graph leaves `templateId` out."""
    return (job.template_id or job.id.partition(".")[0]) == template


def _changes(old: Any, new: Any) -> _Changes:
    """What differs between two configurations in wire names. What an earlier run did not record is not a change."""
    if not old or not new:
        return _Changes(several_writes=False, turned_off=False)
    if new is UNKNOWN:
        return _Changes(several_writes=True, turned_off=False)
    changed = [name for name in ("secrets", "mappings", "assignments") if old.get(name) != new.get(name)]
    return _Changes(
        several_writes=len(changed) > 1 or any(new.get(name) is UNKNOWN for name in changed),
        turned_off=(old.get("provisioningStatus"), new.get("provisioningStatus")) == ("On", "Off"),
    )
