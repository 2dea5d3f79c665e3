"""HTTP endpoints of administrative units.

Source: Microsoft Graph v1.0, resource type administrativeUnit and the pages of its methods. Its scoped role members
are not modelled, because the local Entra has no directory roles.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    LIST,
    ONE,
    ORDERED_LIST,
    REFERENCE,
    REFERENCES,
    GraphRoute,
    collection,
    entity,
    json_body,
    no_content,
    object_routes,
    reference,
)
from eptura_scim.local_entra.api.principals import new_principal
from eptura_scim.local_entra.directory.administrative_units import ADMINISTRATIVE_UNIT, AdministrativeUnits
from eptura_scim.local_entra.directory.application_models import DIRECTORY_OBJECT, typed
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import ODataError

__all__ = ["administrative_unit_routes"]

_NAME = "administrativeUnits"
_PATH = f"/directory/{_NAME}"


def administrative_unit_routes(units: AdministrativeUnits, people: People, objects: Objects) -> list[Route]:
    """The endpoints, without Graph's version."""
    return [
        *object_routes(units, ADMINISTRATIVE_UNIT, _PATH, _NAME, listing=ORDERED_LIST),
        *_member_routes(units, people, objects),
    ]


def _member_routes(units: AdministrativeUnits, people: People, objects: Objects) -> list[Route]:
    def unit(request: Request) -> str:
        return str(request.path_params["unit"])

    def found(request: Request) -> list[Any]:
        return objects.principals(units.members(unit(request)))

    async def members(request: Request) -> Response:
        return collection(request, "directoryObjects", found(request), DIRECTORY_OBJECT)

    async def member(request: Request) -> Response:
        for item in found(request):
            if item["id"] == request.path_params["member"]:
                return entity(request, "directoryObjects", item, DIRECTORY_OBJECT)
        raise ODataError.no_object(request.path_params["member"])

    async def create_group(request: Request) -> Response:
        units.get(unit(request))
        body = await json_body(request)
        if body.pop("@odata.type", "").lower() != "#microsoft.graph.group":
            raise ODataError.bad_request("Only groups can be created in an administrative unit.", "Request_BadRequest")
        made = new_principal(people, objects, "group", body)
        units.add_member(unit(request), made["id"])
        return entity(request, "directoryObjects", typed("group", made), DIRECTORY_OBJECT, status=201)

    async def add(request: Request) -> Response:
        units.add_member(unit(request), await reference(request))
        return no_content()

    async def remove(request: Request) -> Response:
        units.remove_member(unit(request), request.path_params["member"])
        return no_content()

    path = f"{_PATH}/{{unit}}/members"
    return [
        GraphRoute(path, LIST, get=members, post=create_group),
        GraphRoute(f"{path}/$ref", REFERENCES, post=add),
        GraphRoute(f"{path}/{{member}}", ONE, get=member),
        GraphRoute(f"{path}/{{member}}/$ref", REFERENCE, delete=remove),
    ]
