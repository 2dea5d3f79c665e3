"""HTTP endpoints of users, groups and members.

Source: Microsoft Graph v1.0, "Working with users", "Working with groups" and the pages of their methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    collection,
    counted,
    entity,
    json_body,
    no_content,
    parsed_filter,
    reference,
    selected,
)
from eptura_scim.local_entra.directory.applications import matching
from eptura_scim.local_entra.directory.objects import typed
from eptura_scim.local_entra.directory.principal_models import DEFAULT_USER_PROPERTIES, Entry, Kind, shown
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.types import Json

__all__ = ["people_routes"]

_FILTERABLE: dict[Kind, tuple[str, ...]] = {
    "user": (
        "id", "userPrincipalName", "mail", "displayName", "givenName", "surname", "mailNickname", "employeeId",
        "userType", "department", "jobTitle", "accountEnabled", "companyName", "country", "city",
    ),
    "group": ("id", "displayName", "mail", "mailNickname", "mailEnabled", "securityEnabled"),
}  # fmt: skip
_REQUIRED: dict[Kind, tuple[str, ...]] = {
    "user": ("accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"),
    "group": ("displayName", "mailEnabled", "mailNickname", "securityEnabled"),
}
_BOUND = "members@odata.bind"
_BOUND_AT_ONCE = 20  # "Create group", "Add members"


def people_routes(people: People) -> list[Route]:
    """The endpoints, without Graph's version."""
    return [*_routes_of(people, "user"), *_routes_of(people, "group"), *_member_routes(people)]


def _routes_of(people: People, kind: Kind) -> list[Route]:
    plural = f"{kind}s"
    listed, one = (people.users, people.user) if kind == "user" else (people.groups, people.group)
    default = DEFAULT_USER_PROPERTIES if kind == "user" else ()

    async def all_of_them(request: Request) -> Response:
        if request.method == "POST":
            made = _create(people, kind, await json_body(request))
            return entity(request, plural, selected(request, made, default), 201)
        conditions = parsed_filter(request.query_params.get("$filter"), frozenset(_FILTERABLE[kind]))
        return collection(request, plural, matching(listed(), conditions), default)

    async def count(request: Request) -> Response:
        if not counted(request):
            raise GraphError.bad_request("$count is not currently supported.", "Request_BadRequest")
        return PlainTextResponse(str(len(listed())))

    async def single(request: Request) -> Response:
        entry = one(request.path_params["id"])
        match request.method:
            case "PATCH":
                _update(people, kind, entry["id"], await json_body(request))
                return no_content()
            case "DELETE":
                (people.delete_user if kind == "user" else people.delete_group)(entry["id"])
                return no_content()
        return entity(request, plural, selected(request, entry, default))

    async def member_of(request: Request) -> Response:
        found = people.groups_of(one(request.path_params["id"])["id"])
        return collection(request, "directoryObjects", [shown("group", group) for group in found])

    async def delta(request: Request) -> Response:
        raise GraphError.not_modelled(f"delta queries of {plural}")

    return [
        Route(f"/{plural}", all_of_them, methods=["GET", "POST"]),
        Route(f"/{plural}/$count", count),
        Route(f"/{plural}/delta", delta),
        Route(f"/{plural}/{{id}}", single, methods=["GET", "PATCH", "DELETE"]),
        Route(f"/{plural}/{{id}}/memberOf", member_of),
    ]


def _member_routes(people: People) -> list[Route]:
    async def members(request: Request) -> Response:
        found = people.members(request.path_params["id"])
        shown_ones = [_selectable(request, people.kind(entry["id"]) or "user", entry) for entry in found]
        return collection(request, "directoryObjects", shown_ones)

    async def add(request: Request) -> Response:
        people.add_member(request.path_params["id"], await reference(request))
        return no_content()

    async def remove(request: Request) -> Response:
        people.remove_member(request.path_params["id"], request.path_params["member"])
        return no_content()

    return [
        Route("/groups/{id}/members", members),
        Route("/groups/{id}/members/$ref", add, methods=["POST"]),
        Route("/groups/{id}/members/{member}/$ref", remove, methods=["DELETE"]),
    ]


def _selectable(request: Request, kind: Kind, entry: Entry) -> Json:
    """A member with all that `$select` may name."""
    return typed(kind, entry) if "$select" in request.query_params else shown(kind, entry)


def _create(people: People, kind: Kind, body: Json) -> Entry:
    for name in _REQUIRED[kind]:
        if body.get(name) in (None, ""):
            raise GraphError.bad_request(
                f"A value is required for property '{name}' of resource '{kind.capitalize()}'.", "Request_BadRequest"
            )
    if "id" in body:
        raise GraphError.bad_request("Property 'id' is read-only and cannot be set.", "Request_BadRequest")
    members = _bound(body)
    with people.lock:
        _check_members(people, members)
        properties = {name: value for name, value in body.items() if name != _BOUND}
        made = people.add_user(**properties) if kind == "user" else people.add_group(**properties)
        if members:
            people.add_member(made["id"], *members)
        return made


def _update(people: People, kind: Kind, identifier: str, body: Json) -> None:
    members = _bound(body)
    with people.lock:
        _check_members(people, members)
        changes = {name: value for name, value in body.items() if name != _BOUND}
        if changes:
            (people.update_user if kind == "user" else people.update_group)(identifier, changes)
        if members:
            people.add_member(identifier, *members)


def _bound(body: Mapping[str, Any]) -> list[str]:
    """Ids of the members that a body binds to a group."""
    found = body.get(_BOUND, [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise GraphError.bad_request(f"The property '{_BOUND}' is a list of URLs.")
    if len(found) > _BOUND_AT_ONCE:
        raise GraphError.bad_request(f"Up to {_BOUND_AT_ONCE} members can be added in one request.")
    return [item.rstrip("/").rpartition("/")[2] for item in found]


def _check_members(people: People, members: list[str]) -> None:
    for member in members:
        if (entry := people.find(member)) is None or entry["deletedDateTime"] is not None:
            raise GraphError.no_object(member)
