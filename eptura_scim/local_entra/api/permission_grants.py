"""HTTP endpoints of delegated permission grants.

Source: Microsoft Graph v1.0, resource type oAuth2PermissionGrant and the pages of its methods; "List
oauth2PermissionGrants" of a service principal and of a user.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import FUNCTION, LIST, GraphRoute, collection, object_routes
from eptura_scim.local_entra.directory.permission_grants import PERMISSION_GRANT, PermissionGrants
from eptura_scim.local_entra.directory.principals import People

__all__ = ["permission_grant_routes"]

_NAME = "oauth2PermissionGrants"


def permission_grant_routes(grants: PermissionGrants, people: People) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def of_client(request: Request) -> Response:
        return collection(request, _NAME, grants.of_client(request.path_params["id"]), PERMISSION_GRANT)

    async def of_user(request: Request) -> Response:
        user = people.user(request.path_params["id"])["id"]
        return collection(request, _NAME, grants.of_user(user), PERMISSION_GRANT)

    return [
        GraphRoute(f"/{_NAME}/delta", FUNCTION),  # before the ids
        *object_routes(grants, PERMISSION_GRANT, f"/{_NAME}", _NAME),
        GraphRoute(f"/servicePrincipals/{{id}}/{_NAME}", LIST, get=of_client),
        GraphRoute(f"/users/{{id}}/{_NAME}", LIST, get=of_user),
    ]
