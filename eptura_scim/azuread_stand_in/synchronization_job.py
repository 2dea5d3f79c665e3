"""`azuread.SynchronizationJob`: the provisioning job of a service principal."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from eptura_scim.azuread_stand_in.graph import Graph, LocalNotFoundError, object_or_none, shared
from eptura_scim.azuread_stand_in.ids import JobPath, ServicePrincipalPath
from eptura_scim.plugin_sdk.errors import InvalidIdError, ResourceError
from eptura_scim.plugin_sdk.resource import Created, Inputs, Resource

__all__ = ["SynchronizationJob", "SynchronizationJobInputs"]


def _service_principal_id(text: str) -> str:
    try:
        ServicePrincipalPath.parse(text)
    except InvalidIdError as error:
        raise ValueError(
            f"{error}: azuread gives it as `ServicePrincipal.id` and "
            "`ApplicationFromTemplate.service_principal_id`, not as an object id alone"
        ) from None
    return text


class SynchronizationJobInputs(Inputs):
    """What the program may set."""

    service_principal_id: Annotated[str, AfterValidator(_service_principal_id)]
    template_id: Annotated[str, Field(min_length=1)]
    enabled: bool = True


class SynchronizationJob(Resource[SynchronizationJobInputs]):
    """A synchronization job, started or paused by `enabled`."""

    inputs = SynchronizationJobInputs
    replace_on = frozenset({"servicePrincipalId", "templateId"})
    ignore_unset_inputs = True
    computed = frozenset({"schedules"})

    def __init__(self, graph: Graph | None = None) -> None:
        self._graph = graph or shared()

    async def create(self, urn: str, inputs: SynchronizationJobInputs) -> Created:
        """Create the job. One read confirms it, where the real plugin waits for five, 5 s apart.

        Raises ResourceError.
        """
        principal = ServicePrincipalPath.parse(inputs.service_principal_id)
        try:
            await self._graph.get(f"/v1.0{principal}")
        except LocalNotFoundError as error:
            raise ResourceError(f"servicePrincipalId: the service principal {principal} was not found") from error
        body = {"@odata.type": "#microsoft.graph.synchronizationJob", "templateId": inputs.template_id}
        made = await self._graph.post(f"/v1.0{principal}/synchronization/jobs", body)
        made_id = JobPath(principal.service_principal, made["id"])
        await self._graph.confirm(f"/v1.0{made_id}")
        if inputs.enabled:
            await self._graph.post(f"/v1.0{made_id}/start")
        return Created(str(made_id), await self._existing(made_id))

    async def read(
        self, resource_id: str, last_inputs: dict[str, Any]
    ) -> tuple[SynchronizationJobInputs, dict[str, Any]] | None:
        """The job as it is now; whether it is enabled is read from its schedule."""
        outputs = await self._outputs(JobPath.parse(resource_id))
        if outputs is None:
            return None
        return self.inputs(**{name: outputs[name] for name in ("servicePrincipalId", "templateId", "enabled")}), outputs

    async def update(
        self, urn: str, resource_id: str, old: dict[str, Any], new: SynchronizationJobInputs
    ) -> dict[str, Any]:
        """Start or pause the job."""
        job = JobPath.parse(resource_id)
        if new.enabled != old.get("enabled"):
            await self._graph.post(f"/v1.0{job}/{'start' if new.enabled else 'pause'}")
        return await self._existing(job)

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Delete the job and read once more to see that it is gone. One that is gone before is an error."""
        job = JobPath.parse(resource_id)
        await self._graph.delete(f"/v1.0{job}")
        await self._graph.confirm(f"/v1.0{job}", gone=True)

    async def _existing(self, job: JobPath) -> dict[str, Any]:
        outputs = await self._outputs(job)
        if outputs is None:
            raise ResourceError(f"the synchronization job {job} vanished after it was written")
        return outputs

    async def _outputs(self, job: JobPath) -> dict[str, Any] | None:
        live = await object_or_none(self._graph.get(f"/v1.0{job}"))
        if live is None:
            return None
        schedule = live.get("schedule") or {}
        return {
            "servicePrincipalId": f"/servicePrincipals/{job.service_principal}",
            "templateId": live.get("templateId") or "",
            "enabled": schedule.get("state") == "Active",
            "schedules": [{name: schedule.get(name) or "" for name in ("expiration", "interval", "state")}],
        }
