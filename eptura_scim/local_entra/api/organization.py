"""HTTP endpoints about the caller: its permissions, and the organization it is in.

Source: Microsoft Graph v1.0, organization, appRoleAssignment, oAuth2PermissionGrant.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import collection, entity, selected
from eptura_scim.local_entra.directory.caller import Identity
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import GraphError

__all__ = ["identity_routes"]


def identity_routes(identity: Identity, objects: Objects, people: People) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def organizations(request: Request) -> Response:
        return collection(request, "organization", [identity.organization()])

    async def organization(request: Request) -> Response:
        found = identity.organization()
        if request.path_params["id"].lower() != found["id"]:
            raise GraphError.no_object(request.path_params["id"])
        return entity(request, "organization", selected(request, found))

    async def me(request: Request) -> Response:
        raise GraphError.bad_request("/me request is only valid with delegated authentication flow.")

    async def grants(request: Request) -> Response:
        return collection(request, "oauth2PermissionGrants", [])

    async def permissions(request: Request) -> Response:
        _, principal = objects.id_of(request.url.path)
        found = identity.assignments() if principal == identity.id else people.assignments_of(principal)
        return collection(request, "appRoleAssignments", found)

    both = ("/servicePrincipals/{id}", "/servicePrincipals(appId='{app_id}')")
    return [
        Route("/organization", organizations),
        Route("/organization/{id}", organization),
        Route("/me", me),
        Route("/me/{path:path}", me),
        Route("/oauth2PermissionGrants", grants),
        *(Route(f"{path}/appRoleAssignments", permissions) for path in both),
        *(Route(f"{path}/oauth2PermissionGrants", grants) for path in both),
    ]
