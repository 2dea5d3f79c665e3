"""HTTP endpoints of claims mapping policies.

Source: Microsoft Graph v1.0, resource type claimsMappingPolicy; "Assign claimsMappingPolicy", "List assigned
claimsMappingPolicies" and "Remove claimsMappingPolicy" of a service principal.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    LIST,
    REFERENCE,
    REFERENCES,
    GraphRoute,
    collection,
    no_content,
    object_routes,
    reference,
)
from eptura_scim.local_entra.directory.claims_policies import CLAIMS_MAPPING_POLICY, ClaimsPolicies

__all__ = ["claims_policy_routes"]

_NAME = "claimsMappingPolicies"


def claims_policy_routes(policies: ClaimsPolicies) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def assigned(request: Request) -> Response:
        return collection(request, _NAME, policies.of(request.path_params["id"]), CLAIMS_MAPPING_POLICY)

    async def assign(request: Request) -> Response:
        policies.assign(request.path_params["id"], await reference(request))
        return no_content()

    async def unassign(request: Request) -> Response:
        policies.unassign(request.path_params["id"], request.path_params["policy"])
        return no_content()

    of_principal = f"/servicePrincipals/{{id}}/{_NAME}"
    return [
        *object_routes(policies, CLAIMS_MAPPING_POLICY, f"/policies/{_NAME}", f"policies/{_NAME}"),
        GraphRoute(of_principal, LIST, get=assigned),
        GraphRoute(f"{of_principal}/$ref", REFERENCES, post=assign),
        GraphRoute(f"{of_principal}/{{policy}}/$ref", REFERENCE, delete=unassign),
    ]
