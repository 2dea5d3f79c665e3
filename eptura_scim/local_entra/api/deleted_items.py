"""HTTP endpoints of the recycle bin.

Source: Microsoft Graph v1.0, directory (deletedItems): list, get, restore, permanently delete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import collection, entity, no_content, parsed_filter, selected
from eptura_scim.local_entra.directory.applications import Directory, matching
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import GraphError

__all__ = ["deleted_item_routes"]

_FILTERABLE = frozenset({"id", "appId", "displayName", "userPrincipalName"})


def deleted_item_routes(directory: Directory, people: People, objects: Objects) -> list[Route]:
    """The endpoints, without Graph's version."""
    listed: dict[str, Callable[[], Sequence[Any]]] = {
        "application": directory.deleted_applications,
        "servicePrincipal": directory.deleted_service_principals,
        "user": lambda: [entry for entry in people.deleted() if people.kind(entry["id"]) == "user"],
        "group": lambda: [entry for entry in people.deleted() if people.kind(entry["id"]) == "group"],
    }
    restored: dict[str, Callable[[str], object]] = {
        "application": directory.restore_application,
        "servicePrincipal": directory.restore_service_principal,
        "user": people.restore,
        "group": people.restore,
    }
    purged: dict[str, Callable[[str], object]] = {
        "application": directory.purge_application,
        "servicePrincipal": directory.purge_service_principal,
        "user": people.purge,
        "group": people.purge,
    }

    async def of_type(request: Request) -> Response:
        kind = request.path_params["type"]
        if kind not in listed:
            raise GraphError.not_modelled(f"deleted objects of the type {kind}")
        conditions = parsed_filter(request.query_params.get("$filter"), _FILTERABLE)
        return collection(request, f"{kind}s", matching(listed[kind](), conditions))

    async def one(request: Request) -> Response:
        item = objects.deleted(request.path_params["id"])
        if request.method == "DELETE":
            purged[_kind(item)](item["id"])
            return no_content()
        return entity(request, "directoryObjects", selected(request, item))

    async def restore(request: Request) -> Response:
        item = objects.deleted(request.path_params["id"])
        restored[_kind(item)](item["id"])
        return entity(request, "directoryObjects", {**item, "deletedDateTime": None})

    async def all_types(request: Request) -> Response:
        raise GraphError.bad_request("The type is required, as in /directory/deletedItems/microsoft.graph.application.")

    return [
        Route(f"/directory/{name}{path}", endpoint, methods=methods)
        for name in ("deletedItems", "deleteditems")
        for path, endpoint, methods in (
            ("", all_types, ["GET"]),
            ("/microsoft.graph.{type}", of_type, ["GET"]),
            ("/{id}", one, ["GET", "DELETE"]),
            ("/{id}/restore", restore, ["POST"]),
        )
    ]


def _kind(item: dict[str, Any]) -> str:
    return str(item["@odata.type"]).rpartition(".")[2]
