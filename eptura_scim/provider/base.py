"""What the resources share: each belongs to a service principal, most to one of its jobs; all use one Graph client."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

from eptura_scim.errors import ReadableError
from eptura_scim.graph.applications import Deletion, deletion
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import GraphError, NotFoundError
from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.synchronization import JobRef, SynchronizationClient
from eptura_scim.plugin_sdk.errors import InvalidIdError
from eptura_scim.plugin_sdk.messages import warn
from eptura_scim.plugin_sdk.resource import Inputs, Resource
from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.provider.paused_changes import PausedChanges

__all__ = [
    "GraphResource",
    "JobInputs",
    "JobResource",
    "ServicePrincipalInputs",
    "last_part",
    "parse_id",
    "shared_client",
]

_ID = re.compile(
    r"(?:/?servicePrincipals/)?(?P<sp>[0-9a-fA-F-]{36})/(?:synchronization/jobs/)?(?P<job>(?!\.{1,2}\Z)[^/\s]+)\Z"
)


def _own_id(value: str) -> str:
    """The last part of an id: azuread gives paths, `/servicePrincipals/{id}/synchronization/jobs/{jobId}`."""
    last = last_part(value)
    if last in {"", ".", ".."}:  # dots would climb out of the path that the id becomes a part of
        raise ValueError("is not an id; give an object id or the id of an azuread resource")
    return last


def last_part(value: str) -> str:
    """The last part of an id that is a path, or the whole id."""
    return value.rstrip("/").rsplit("/", 1)[-1]


class ServicePrincipalInputs(Inputs):
    """The service principal that a resource belongs to."""

    service_principal_id: Annotated[str, AfterValidator(_own_id)] = Field(
        description="Object id of the service principal (not the client id), or the id of the azuread resource."
    )


class JobInputs(ServicePrincipalInputs):
    """The job that a resource belongs to."""

    job_id: Annotated[str, AfterValidator(_own_id)] = Field(
        description="Id of the synchronization job, or the id of the SynchronizationJob resource."
    )

    @property
    def job(self) -> JobRef:
        """The job in Graph."""
        return JobRef(ServicePrincipalId(self.service_principal_id), JobId(self.job_id))


InputsT = TypeVar("InputsT", bound=ServicePrincipalInputs)
JobInputsT = TypeVar("JobInputsT", bound=JobInputs)


def parse_id(resource_id: str) -> JobRef:
    """`servicePrincipalId/jobId`, or the path of a job in Graph. Raises InvalidIdError."""
    found = _ID.match(resource_id)
    if found is None:
        raise InvalidIdError(
            f"{resource_id!r} is not an id of this resource: give SERVICE_PRINCIPAL_OBJECT_ID/JOB_ID, or "
            "/servicePrincipals/SERVICE_PRINCIPAL_OBJECT_ID/synchronization/jobs/JOB_ID"
        )
    return JobRef(ServicePrincipalId(found["sp"]), JobId(found["job"]))


class _Session:
    """One Graph client, one login, for all resources of this process."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._api: SynchronizationClient | None = None
        self.changes = PausedChanges()

    async def api(self) -> SynchronizationClient:
        async with self._lock:
            if self._api is None:
                self._api = SynchronizationClient(await connect())
            return self._api


_session = _Session()


async def shared_client() -> GraphClient:
    """The Graph client that all resources of this process use. Raises GraphError."""
    return (await _session.api()).client


class GraphResource(Resource[InputsT]):
    """A resource that lives in Graph. `api`, `consistency` and `changes` are replaceable for tests."""

    replace_on = frozenset({"servicePrincipalId", "jobId"})

    def __init__(
        self,
        api: SynchronizationClient | None = None,
        consistency: Consistency | None = None,
        changes: PausedChanges | None = None,
    ) -> None:
        self._api = api
        self.consistency = consistency or Consistency()
        self.changes = changes or _session.changes
        self._managers: dict[tuple[str, ...], str] = {}

    async def api(self) -> SynchronizationClient:
        """The synchronization API. Raises GraphError when no login works."""
        return self._api or await _session.api()

    async def problems(self, urn: str, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
        """Two resources of a program that manage one object would undo each other's changes in every run."""
        identity = self._identity(new)
        if UNKNOWN in identity.values():
            return []
        manager = self._managers.setdefault(tuple(identity.values()), urn)
        if manager == urn:
            return []
        return [(next(iter(identity)), f"{manager} manages the same object: remove one of the two resources")]

    def is_declared(self, resource_id: str, old: dict[str, Any]) -> bool:
        """Whether `problems` has seen a resource for the same object."""
        return tuple(self._identity(old).values()) in self._managers

    def _identity(self, values: dict[str, Any]) -> dict[str, Any]:
        """What tells an object from others, in wire names; azuread's ids are paths."""
        known = {name: values[name] for name in sorted(self.replace_on & values.keys())}
        return {name: value if value is UNKNOWN else last_part(str(value)).lower() for name, value in known.items()}

    async def warn_of_deletion(self, principal: ServicePrincipalId, job: JobId | None = None) -> None:
        """Tell when the service principal or its job was deleted, and how it comes back, where Entra lets that be read.

        With a job, a service principal that is gone as well is left to the resource that belongs to it.
        """
        gone = await self._deletion(principal, job)
        if gone and (gone.kind == "job") == (job is not None):
            await warn(f"{gone.said}: {gone.todo}")

    async def explanation(self, error: ReadableError, resource_id: str, values: dict[str, Any]) -> str:
        """What was deleted while the run went on, or before it, where no refresh told it."""
        if not isinstance(error, NotFoundError):
            return ""
        found = _ID.match(resource_id)
        job = found["job"] if found else last_part(str(values.get("jobId", "")))
        gone = await self._deletion(ServicePrincipalId(last_part(str(values["servicePrincipalId"]))), JobId(job))
        return f"{gone.said}: {gone.todo}" if gone else ""

    async def _deletion(self, principal: ServicePrincipalId, job: JobId | None) -> Deletion | None:
        with suppress(GraphError):
            return await deletion((await self.api()).client, principal=principal, job=job or "")
        return None


class JobResource(GraphResource[JobInputsT]):
    """A resource with the id `servicePrincipalId/jobId`."""

    @staticmethod
    def id_of(job: JobRef) -> str:
        """The resource id of a job's resource."""
        return f"{job.service_principal}/{job.job}"
