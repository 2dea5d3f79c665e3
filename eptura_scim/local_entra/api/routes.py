"""All endpoints of Microsoft Graph, below its version."""

from __future__ import annotations

from starlette.routing import Route

from eptura_scim.local_entra.api.application_templates import application_template_routes
from eptura_scim.local_entra.api.applications import application_routes
from eptura_scim.local_entra.api.assignments import assignment_routes
from eptura_scim.local_entra.api.audit_logs import audit_log_routes
from eptura_scim.local_entra.api.credentials.federated import federated_credential_routes
from eptura_scim.local_entra.api.credentials.secrets import secret_routes
from eptura_scim.local_entra.api.deleted_items import deleted_item_routes
from eptura_scim.local_entra.api.group_references import group_reference_routes
from eptura_scim.local_entra.api.permission_grants import permission_grant_routes
from eptura_scim.local_entra.api.principals import people_routes
from eptura_scim.local_entra.api.synchronization.jobs import synchronization_routes
from eptura_scim.local_entra.api.synchronization.mapping_language import mapping_language_routes
from eptura_scim.local_entra.api.synchronization.object_connections import object_connection_routes
from eptura_scim.local_entra.api.synchronization.schema import schema_routes
from eptura_scim.local_entra.api.tenant.administrative_units import administrative_unit_routes
from eptura_scim.local_entra.api.tenant.claims_policies import claims_policy_routes
from eptura_scim.local_entra.api.tenant.organization import organization_routes
from eptura_scim.local_entra.directory.permission_grants import PermissionGrants
from eptura_scim.local_entra.parts import Parts
from eptura_scim.mapping import EvaluationContext

__all__ = ["graph_routes"]


def graph_routes(parts: Parts) -> list[Route]:
    """The endpoints over the parts of a tenant."""

    def context() -> EvaluationContext:
        return EvaluationContext(now=parts.clock(), default_domain=parts.tenant.domain)

    directory, people, objects, identity = parts.directory, parts.people, parts.objects, parts.identity
    return [
        *organization_routes(identity, objects),
        *administrative_unit_routes(parts.units, people, objects),
        *claims_policy_routes(parts.policies),
        *application_template_routes(directory, identity),
        *application_routes(directory, identity, objects),
        *secret_routes(directory, parts.clock),
        *federated_credential_routes(directory),
        *permission_grant_routes(PermissionGrants(directory, people), people),
        *deleted_item_routes(directory, people, objects),
        *assignment_routes(people, directory, identity),
        *people_routes(people, objects, parts.units),
        *group_reference_routes(people, objects),
        *schema_routes(parts.synchronization),
        *mapping_language_routes(parts.synchronization, context),
        *object_connection_routes(parts.synchronization, parts.states, people),
        *audit_log_routes(parts.provisioning.log, directory.audit),
        *synchronization_routes(parts.synchronization, parts.connection, parts.on_demand),
    ]
