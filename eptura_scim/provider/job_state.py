"""SynchronizationJobState: provisioning on or off. Declared last, it starts the job when all else is in place."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from eptura_scim.graph.errors import NotFoundError
from eptura_scim.graph.synchronization import Job
from eptura_scim.plugin_sdk.resource import Created
from eptura_scim.provider.job import JobInputs, JobResource, parse_id

__all__ = ["JobStateInputs", "SynchronizationJobState"]

Status = Literal["On", "Off"]


class JobStateInputs(JobInputs):
    """Whether the job runs."""

    provisioning_status: Status = Field(
        default="On",
        description="The portal's Provisioning Status. A job that Entra put in quarantine is read as `Quarantine`.",
    )


class SynchronizationJobState(JobResource[JobStateInputs]):
    """Whether a synchronization job runs. Make it depend on the job's secrets and schema: a first cycle with other
    mappings cannot be undone at the target.
    """

    inputs = JobStateInputs

    async def create(self, urn: str, inputs: JobStateInputs) -> Created:
        """Start a new job, or leave it stopped."""
        await self.patience.settled(lambda: self._converge(inputs))
        return Created(self.id_of(inputs.job))

    async def read(self, resource_id: str, known: dict[str, Any]) -> tuple[JobStateInputs, dict[str, Any]] | None:
        """The live state."""
        job = parse_id(resource_id)
        try:
            live = await (await self.api()).job(job)
        except NotFoundError:
            return None
        values: dict[str, Any] = {"provisioning_status": _status(live)}
        return JobStateInputs.model_construct(service_principal_id=job.service_principal, job_id=job.job, **values), {}

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: JobStateInputs) -> dict[str, Any]:
        """Start or pause."""
        await self._converge(new)
        return {}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Stop provisioning; accounts at the target stay as they are."""
        api, ref = await self.api(), parse_id(resource_id)
        try:
            if (await api.job(ref)).scheduled:
                await api.pause(ref)
        except NotFoundError:
            return

    async def _converge(self, inputs: JobStateInputs) -> None:
        """Call start or pause only where it changes something: Microsoft warns of calling start again and again."""
        api, ref, wanted = await self.api(), inputs.job, inputs.provisioning_status
        if _status(await api.job(ref)) == wanted:
            return
        await (api.start(ref) if wanted == "On" else api.pause(ref))
        await self.patience.until(
            lambda: api.job(ref),
            # A job may enter quarantine as soon as it runs: that is seen by the next preview, not waited for.
            lambda job: "" if job.scheduled == (wanted == "On") else f"Entra does not show provisioning as {wanted}",
        )


def _status(job: Job) -> str:
    if not job.scheduled:
        return "Off"
    return "Quarantine" if job.status.code == "Quarantine" else "On"
