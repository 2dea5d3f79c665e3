"""HTTP endpoints of a group's members and owners.

Source: Microsoft Graph v1.0, "List group members", "Add members", "Remove member", "List group owners", "Add owners",
"Remove group owner", "List group transitive members".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    COUNT,
    LIST,
    REFERENCE,
    REFERENCES,
    GraphRoute,
    collection,
    count,
    no_content,
    reference,
)
from eptura_scim.local_entra.directory.application_models import DIRECTORY_OBJECT
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.types import Json

__all__ = ["group_reference_routes"]


def group_reference_routes(people: People, objects: Objects) -> list[Route]:
    """The endpoints, without Graph's version."""
    references = people.references
    return [
        *_routes("members", people.member_ids, people.add_member, people.remove_member, objects),
        *_reading_routes("transitiveMembers", partial(people.member_ids, transitive=True), objects),
        *_routes("owners", references.owners, references.add_owner, references.remove_owner, objects),
    ]


def _routes(
    name: str,
    ids: Callable[[str], list[str]],
    add_one: Callable[[str, str], Any],
    remove_one: Callable[[str, str], Any],
    objects: Objects,
) -> list[Route]:
    async def add(request: Request) -> Response:
        add_one(request.path_params["id"], await reference(request))
        return no_content()

    async def remove(request: Request) -> Response:
        remove_one(request.path_params["id"], request.path_params["object"])
        return no_content()

    path = f"/groups/{{id}}/{name}"
    return [
        *_reading_routes(name, ids, objects),
        GraphRoute(f"{path}/$ref", REFERENCES, post=add),
        GraphRoute(f"{path}/{{object}}/$ref", REFERENCE, delete=remove),
    ]


def _reading_routes(name: str, ids: Callable[[str], list[str]], objects: Objects) -> list[Route]:
    def found(request: Request) -> list[Json]:
        items = objects.principals(ids(request.path_params["id"]))
        if (kind := request.path_params.get("type")) is not None:
            items = [item for item in items if item["@odata.type"] == f"#microsoft.graph.{kind}"]
        return items

    async def listed(request: Request) -> Response:
        return collection(request, "directoryObjects", found(request), DIRECTORY_OBJECT)

    async def counted(request: Request) -> Response:
        return count(request, found(request), DIRECTORY_OBJECT)

    path = f"/groups/{{id}}/{name}"
    return [
        GraphRoute(path, LIST, get=listed),
        GraphRoute(f"{path}/$count", COUNT, get=counted),
        GraphRoute(f"{path}/graph.{{type}}", LIST, get=listed),
    ]
