"""HTTP endpoints of delegated permission grants.

Source: Microsoft Graph v1.0, resource type oAuth2PermissionGrant and the pages of its methods; "List
oauth2PermissionGrants" of a service principal and of a user.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    FUNCTION,
    LIST,
    ONE,
    GraphRoute,
    collection,
    entity,
    json_body,
    no_content,
)
from eptura_scim.local_entra.directory.permission_grants import PERMISSION_GRANT, PermissionGrants
from eptura_scim.local_entra.directory.principals import People

__all__ = ["permission_grant_routes"]

_NAME = "oauth2PermissionGrants"


def permission_grant_routes(grants: PermissionGrants, people: People) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def listed(request: Request) -> Response:
        return collection(request, _NAME, grants.all(), PERMISSION_GRANT)

    async def of_client(request: Request) -> Response:
        return collection(request, _NAME, grants.of_client(request.path_params["id"]), PERMISSION_GRANT)

    async def of_user(request: Request) -> Response:
        user = people.user(request.path_params["id"])["id"]
        return collection(request, _NAME, grants.of_user(user), PERMISSION_GRANT)

    async def create(request: Request) -> Response:
        return entity(request, _NAME, grants.create(await json_body(request)), PERMISSION_GRANT, status=201)

    async def get(request: Request) -> Response:
        return entity(request, _NAME, grants.get(request.path_params["grant"]), PERMISSION_GRANT)

    async def patch(request: Request) -> Response:
        grants.update(request.path_params["grant"], await json_body(request))
        return no_content()

    async def delete(request: Request) -> Response:
        grants.delete(request.path_params["grant"])
        return no_content()

    return [
        GraphRoute(f"/{_NAME}", LIST, get=listed, post=create),
        GraphRoute(f"/{_NAME}/delta", FUNCTION),
        GraphRoute(f"/{_NAME}/{{grant}}", ONE, get=get, patch=patch, delete=delete),
        GraphRoute(f"/servicePrincipals/{{id}}/{_NAME}", LIST, get=of_client),
        GraphRoute(f"/users/{{id}}/{_NAME}", LIST, get=of_user),
    ]
