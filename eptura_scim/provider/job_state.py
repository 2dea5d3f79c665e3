"""SynchronizationJobState: provisioning on or off, by this job alone. Declared last, it starts when all is in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from eptura_scim.graph.ids import JobId
from eptura_scim.graph.synchronization import Job
from eptura_scim.plugin_sdk.difference import Path
from eptura_scim.plugin_sdk.resource import Created
from eptura_scim.provider.base import JobInputs, JobResource, parse_id

__all__ = ["JobStateInputs", "SynchronizationJobState"]

Status = Literal["On", "Off"]


class JobStateInputs(JobInputs):
    """Whether the job runs."""

    provisioning_status: Status = Field(
        default="On",
        description="The portal's Provisioning Status. A job that Entra put in quarantine is read as `Quarantine`.",
    )
    other_jobs: list[str] | None = Field(
        default=None,
        description="Ids of further jobs that the application may have; left out, others are deleted by an update.",
    )


class SynchronizationJobState(JobResource[JobStateInputs]):
    """Whether a synchronization job runs. Make it depend on the job's secrets and schema: a first cycle with other
    mappings cannot be undone at the target.
    """

    inputs = JobStateInputs

    async def consequences(self, old: dict[str, Any], new: dict[str, Any], paths: Sequence[Path]) -> list[str]:
        """A second job provisions by its own mappings, the template's as a rule."""
        if other := sorted({*(old.get("otherJobs") or ())} - {*(new.get("otherJobs") or ())}):
            return [f"another job is deleted: {', '.join(other)}; what it provisioned stays at the target as it is"]
        return []

    async def create(self, urn: str, inputs: JobStateInputs) -> Created:
        """Start a new job, or leave it stopped."""
        await self.patience.settled(lambda: self._converge(inputs))
        return Created(self.id_of(inputs.job))

    async def read(self, resource_id: str, known: dict[str, Any]) -> tuple[JobStateInputs, dict[str, Any]] | None:
        """The live state."""
        api, ref = await self.api(), parse_id(resource_id)

        async def look() -> dict[str, Any]:
            jobs = {job.id: job for job in await api.jobs(ref.service_principal)}
            live = jobs.get(ref.job) or await api.job(ref)  # a list may be behind
            return {"provisioning_status": _status(live), "other_jobs": sorted(jobs.keys() - {ref.job}) or None}

        values = await self.patience.unless_gone(look)
        if values is None:
            return None
        return JobStateInputs.model_construct(service_principal_id=ref.service_principal, job_id=ref.job, **values), {}

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: JobStateInputs) -> dict[str, Any]:
        """Start or pause, and delete jobs that nobody declared."""
        api, ref = await self.api(), new.job
        if other := set(old.get("otherJobs") or ()) - {ref.job, *(new.other_jobs or ())}:
            for job in other & {job.id for job in await api.jobs(ref.service_principal)}:
                await api.delete_job(ref._replace(job=JobId(job)))
        await self._converge(new)
        return {}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Stop provisioning; accounts at the target stay as they are."""
        api, ref = await self.api(), parse_id(resource_id)

        async def stop() -> None:
            if (await api.job(ref)).scheduled:
                await api.pause(ref)

        await self.patience.unless_gone(stop)

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
