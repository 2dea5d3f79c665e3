"""HTTP endpoints of app role assignments, from the service principal's side and from that of users and groups.

Source: Microsoft Graph v1.0, appRoleAssignment and the pages of its methods.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import collection, entity, json_body, no_content, parsed_filter, selected
from eptura_scim.local_entra.directory.applications import matching
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.types import Json

__all__ = ["assignment_routes"]

_FILTERABLE = frozenset({"id", "appRoleId", "principalId", "principalDisplayName", "principalType", "resourceId"})


def assignment_routes(people: People, objects: Objects) -> list[Route]:
    """The endpoints, without Graph's version."""

    def resource(request: Request) -> str:
        return objects.id_of(request.url.path)[1]

    def principal(request: Request) -> str:
        kind, identifier = request.url.path.strip("/").split("/")[0], request.path_params["id"]
        return str((people.user if kind == "users" else people.group)(identifier)["id"])

    async def assigned_to(request: Request) -> Response:
        owner = resource(request)
        name = f"servicePrincipals('{owner}')/appRoleAssignedTo"
        if request.method == "POST":
            return entity(request, name, _assign(people, await json_body(request), resource=owner), 201)
        return _listed(request, name, people.assignments(owner))

    async def assigned_to_one(request: Request) -> Response:
        owner, identifier = resource(request), request.path_params["assignment"]
        if request.method == "DELETE":
            people.unassign(owner, identifier)
            return no_content()
        found = selected(request, people.assignment(owner, identifier))
        return entity(request, f"servicePrincipals('{owner}')/appRoleAssignedTo", found)

    async def assignments(request: Request) -> Response:
        owner = principal(request)
        if request.method == "POST":
            return entity(
                request, "appRoleAssignments", _assign(people, await json_body(request), principal=owner), 201
            )
        return _listed(request, "appRoleAssignments", people.granted_to(owner))

    async def assignment(request: Request) -> Response:
        for found in people.assignments_of(principal(request)):
            if found["id"] == request.path_params["assignment"]:
                people.unassign(found["resourceId"], found["id"])
                return no_content()
        raise GraphError.no_object(request.path_params["assignment"])

    both = ("/servicePrincipals/{id}", "/servicePrincipals(appId='{app_id}')")
    return [
        *(Route(f"{path}/appRoleAssignedTo", assigned_to, methods=["GET", "POST"]) for path in both),
        *(
            Route(f"{path}/appRoleAssignedTo/{{assignment}}", assigned_to_one, methods=["GET", "DELETE"])
            for path in both
        ),
        *(
            Route(f"/{kind}/{{id}}/appRoleAssignments", assignments, methods=["GET", "POST"])
            for kind in ("users", "groups")
        ),
        *(
            Route(f"/{kind}/{{id}}/appRoleAssignments/{{assignment}}", assignment, methods=["DELETE"])
            for kind in ("users", "groups")
        ),
    ]


def _listed(request: Request, name: str, found: list[Json]) -> Response:
    conditions = parsed_filter(request.query_params.get("$filter"), _FILTERABLE)
    return collection(request, name, matching(found, conditions))


def _assign(people: People, body: Json, *, resource: str | None = None, principal: str | None = None) -> Json:
    """Assign as a body says that has to fit to its path."""
    principal_id, resource_id = _guid(body, "principalId"), _guid(body, "resourceId")
    if resource_id != (resource or resource_id) or principal_id != (principal or principal_id):
        raise GraphError.bad_request("The ids of the request's path and body differ.", "Request_BadRequest")
    return people.assign(resource_id, principal_id, _guid(body, "appRoleId"))


def _guid(body: Json, name: str) -> str:
    value: Any = body.get(name)
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise GraphError.bad_request(
            f"Invalid value specified for property '{name}' of resource 'AppRoleAssignment'.", "Request_BadRequest"
        ) from None
