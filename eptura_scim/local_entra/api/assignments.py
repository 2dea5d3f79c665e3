"""HTTP endpoints of app role assignments, from the resource's side and from that of who is assigned.

Source: Microsoft Graph v1.0, appRoleAssignment and the pages of its methods.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    COUNT,
    LIST,
    ONE,
    GraphRoute,
    collection,
    count,
    entity,
    json_body,
    no_content,
)
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.caller import Caller
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape
from eptura_scim.types import Json

__all__ = ["assignment_routes"]

_ASSIGNMENT = Shape(
    name="appRoleAssignment",
    is_directory_object=True,
    properties={
        "id": "",
        "deletedDateTime": None,
        "appRoleId": "",
        "createdDateTime": "",
        "principalDisplayName": TEXT,
        "principalId": "",
        "principalType": "",
        "resourceDisplayName": TEXT,
        "resourceId": "",
    },
)


def assignment_routes(people: People, directory: ApplicationRegistry, identity: Caller) -> list[Route]:
    """The endpoints, without Graph's version."""
    principals = [_of_principal(kind, people, directory, identity) for kind in ("users", "groups", "servicePrincipals")]
    return [*_of_resource(people), *(route for routes in principals for route in routes)]


def _of_resource(people: People) -> list[Route]:
    def name(request: Request) -> str:
        return f"servicePrincipals('{request.path_params['id']}')/appRoleAssignedTo"

    async def listed(request: Request) -> Response:
        return collection(request, name(request), people.assignments(request.path_params["id"]), _ASSIGNMENT)

    async def counted(request: Request) -> Response:
        return count(request, people.assignments(request.path_params["id"]), _ASSIGNMENT)

    async def assign(request: Request) -> Response:
        made = _assign(people, await json_body(request), resource=request.path_params["id"])
        return entity(request, name(request), made, status=201)

    async def get(request: Request) -> Response:
        found = people.assignment(request.path_params["id"], request.path_params["assignment"])
        return entity(request, name(request), found, _ASSIGNMENT)

    async def unassign(request: Request) -> Response:
        people.unassign(request.path_params["id"], request.path_params["assignment"])
        return no_content()

    path = "/servicePrincipals/{id}/appRoleAssignedTo"
    return [
        GraphRoute(path, LIST, get=listed, post=assign),
        GraphRoute(f"{path}/$count", COUNT, get=counted),
        GraphRoute(f"{path}/{{assignment}}", ONE, get=get, delete=unassign),
    ]


def _of_principal(kind: str, people: People, directory: ApplicationRegistry, identity: Caller) -> list[Route]:
    def principal(request: Request) -> str:
        find = {"users": people.user, "groups": people.group, "servicePrincipals": directory.service_principal}[kind]
        return str(find(request.path_params["id"])["id"])

    def found(request: Request) -> list[Json]:
        owner = principal(request)
        own = identity.assignments() if owner == identity.id else []
        return own + (people.assignments_of(owner) if kind == "servicePrincipals" else people.granted_to(owner))

    def one(request: Request) -> Json:
        for made in people.assignments_of(principal(request)):
            if made["id"] == request.path_params["assignment"]:
                return made
        raise ODataError.no_object(request.path_params["assignment"])

    async def listed(request: Request) -> Response:
        return collection(request, "appRoleAssignments", found(request), _ASSIGNMENT)

    async def assign(request: Request) -> Response:
        made = _assign(people, await json_body(request), principal=principal(request))
        return entity(request, "appRoleAssignments", made, status=201)

    async def get(request: Request) -> Response:
        return entity(request, "appRoleAssignments", one(request), _ASSIGNMENT)

    async def unassign(request: Request) -> Response:
        made = one(request)
        people.unassign(made["resourceId"], made["id"])
        return no_content()

    path = f"/{kind}/{{id}}/appRoleAssignments"
    return [
        GraphRoute(path, LIST, get=listed, post=assign),
        GraphRoute(f"{path}/{{assignment}}", ONE, get=get, delete=unassign),
    ]


def _assign(people: People, body: Json, *, resource: str | None = None, principal: str | None = None) -> Json:
    """Assign as a body says that has to fit to its path."""
    principal_id, resource_id = _guid(body, "principalId"), _guid(body, "resourceId")
    if resource_id != (resource or resource_id) or principal_id != (principal or principal_id):
        raise ODataError.bad_request("The ids of the request's path and body differ.", "Request_BadRequest")
    return people.assign(resource_id, principal_id, _guid(body, "appRoleId"))


def _guid(body: Json, name: str) -> str:
    value: Any = body.get(name)
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise ODataError.bad_request(
            f"Invalid value specified for property '{name}' of resource 'AppRoleAssignment'.", "Request_BadRequest"
        ) from None
