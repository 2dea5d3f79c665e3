"""HTTP endpoints of the recycle bin.

Source: Microsoft Graph v1.0, directory (deletedItems): list, get, restore, permanently delete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    ACTION,
    FUNCTION,
    LIST,
    ONE,
    GraphRoute,
    collection,
    entity,
    no_content,
)
from eptura_scim.local_entra.directory.application_models import APPLICATION, DIRECTORY_OBJECT, SERVICE_PRINCIPAL
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.directory.principal_models import GROUP, USER
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import ODataError

__all__ = ["deleted_item_routes"]

_USER = replace(USER, default=(*USER.default, "deletedDateTime"))
_SHAPES = {shape.name: shape for shape in (APPLICATION, SERVICE_PRINCIPAL, _USER, GROUP)}
_ANY = replace(
    DIRECTORY_OBJECT,
    default_of_type={**DIRECTORY_OBJECT.default_of_type, "#microsoft.graph.user": _USER.default},
)


def deleted_item_routes(directory: ApplicationRegistry, people: People, objects: Objects) -> list[Route]:
    """The endpoints, without Graph's version."""
    listed: dict[str, Callable[[], Sequence[Any]]] = {
        "application": directory.bin.applications,
        "servicePrincipal": directory.bin.service_principals,
        "user": lambda: [entry for entry in people.deleted() if people.kind(entry["id"]) == "user"],
        "group": lambda: [entry for entry in people.deleted() if people.kind(entry["id"]) == "group"],
    }
    restored: dict[str, Callable[[str], object]] = {
        "application": directory.bin.restore_application,
        "servicePrincipal": directory.bin.restore_service_principal,
        "user": people.restore,
        "group": people.restore,
    }
    purged: dict[str, Callable[[str], object]] = {
        "application": directory.bin.purge_application,
        "servicePrincipal": directory.bin.purge_service_principal,
        "user": people.purge,
        "group": people.purge,
    }

    async def of_type(request: Request) -> Response:
        kind = request.path_params["type"]
        if kind not in listed:
            raise ODataError.not_modelled(f"deleted objects of the type {kind}")
        return collection(request, f"{kind}s", listed[kind](), _SHAPES[kind])

    async def get(request: Request) -> Response:
        return entity(request, "directoryObjects", objects.deleted(request.path_params["id"]), _ANY)

    async def purge(request: Request) -> Response:
        item = objects.deleted(request.path_params["id"])
        purged[_kind(item)](item["id"])
        return no_content()

    async def restore(request: Request) -> Response:
        item = objects.deleted(request.path_params["id"])
        restored[_kind(item)](item["id"])
        return entity(request, "directoryObjects", {**item, "deletedDateTime": None})

    async def all_types(request: Request) -> Response:
        raise ODataError.bad_request("The type is required, as in /directory/deletedItems/microsoft.graph.application.")

    path = "/directory/deletedItems"
    return [
        GraphRoute(path, FUNCTION, get=all_types),
        GraphRoute(f"{path}/graph.{{type}}", LIST, get=of_type),
        GraphRoute(f"{path}/{{id}}", ONE, get=get, delete=purge),
        GraphRoute(f"{path}/{{id}}/restore", ACTION, post=restore),
    ]


def _kind(item: dict[str, Any]) -> str:
    return str(item["@odata.type"]).rpartition(".")[2]
