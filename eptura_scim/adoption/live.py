"""What an application is set to in Entra, read as the provider's resources read it."""

from __future__ import annotations

from dataclasses import dataclass

from eptura_scim.adoption.candidate import AdoptionCandidate
from eptura_scim.adoption.errors import NotAdoptableError
from eptura_scim.graph.applications import Applications, Assignment
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from eptura_scim.provider.schema import SchemaInputs, SynchronizationSchema
from eptura_scim.provider.secrets import SecretsInputs, SynchronizationSecrets
from eptura_scim.types import KINDS

__all__ = ["Live", "LiveProvisioning", "read_live"]


@dataclass(frozen=True)
class LiveProvisioning:
    """The live inputs of the three resources of a job."""

    secrets: SecretsInputs
    schema: SchemaInputs
    state: JobStateInputs


@dataclass(frozen=True)
class Live:
    """An application and, where it has a job, its provisioning."""

    candidate: AdoptionCandidate
    provisioning: LiveProvisioning | None
    assignments: tuple[Assignment, ...] = ()
    """Users and groups; read where only those are provisioned."""


async def read_live(candidate: AdoptionCandidate, api: SynchronizationClient, applications: Applications) -> Live:
    """Read an application and its provisioning; the saved token is not tested.

    Raises NotAdoptableError, GraphError, SchemaError.
    """
    if candidate.ref is None:
        return Live(candidate, None)
    resource_id = SynchronizationSecrets.id_of(candidate.ref)
    secrets = await SynchronizationSecrets(api).read(resource_id, {"testSavedToken": False})
    schema = await SynchronizationSchema(api).read(resource_id, {})
    state = await SynchronizationJobState(api).read(resource_id, {})
    if secrets is None or schema is None or state is None:
        raise NotAdoptableError(
            f"the job {candidate.ref.job}, or what belongs to it, was not found any more: run this again"
        )
    assigned: list[Assignment] = []
    if secrets[0].scope == "assigned":
        assigned = await applications.assignments(candidate.principal.id)
    return Live(
        candidate,
        LiveProvisioning(secrets[0], schema[0], state[0]),
        tuple(one for one in assigned if one.principal_type in KINDS),
    )
