"""The live configuration in the form of the declared one, for a state that does not say what was declared last."""

from __future__ import annotations

from eptura_scim import mapping
from eptura_scim.graph.errors import GraphError
from eptura_scim.graph.secrets import MASKED
from eptura_scim.graph.synchronization import JobRef, SynchronizationClient
from eptura_scim.mapping import SchemaError
from eptura_scim.provider.configuration import (
    Configuration,
    digest_of_assigned,
    digest_of_connection,
    digest_of_mappings,
)

__all__ = ["live_configuration"]


async def live_configuration(api: SynchronizationClient, job: JobRef) -> Configuration | None:
    """The live configuration; None where no cycle can have seen it, where it cannot be read, or where Graph hides the
    tenant URL.
    """
    try:
        live = await api.job(job)
        if not live.may_have_run:
            return None
        connection = await api.connection(job.service_principal)
        mappings = mapping.mappings_of(await api.schema(job))
        assigned = await api.applications.assignments(job.service_principal)
    except (GraphError, SchemaError):
        return None
    if connection.tenant_url == MASKED:
        return None
    return Configuration(
        secrets=digest_of_connection(
            connection.tenant_url,
            connection.scope,
            skip_out_of_scope_deletions=connection.skip_out_of_scope_deletions,
        ),
        mappings=digest_of_mappings(mappings),
        assignments=digest_of_assigned(one.principal_id for one in assigned),
        provisioning_status="On" if live.scheduled else "Off",
    )
