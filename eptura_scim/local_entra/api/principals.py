"""HTTP endpoints of users and groups.

Source: Microsoft Graph v1.0, "Working with users", "Working with groups" and the pages of their methods.
"""

from __future__ import annotations

from itertools import chain

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.applications import bound
from eptura_scim.local_entra.api.graph_http import (
    COUNT,
    FUNCTION,
    LIST,
    ONE,
    ORDERED_LIST,
    REFERENCE,
    GraphRoute,
    collection,
    count,
    entity,
    json_body,
    no_content,
    reference,
)
from eptura_scim.local_entra.directory.administrative_units import AdministrativeUnits
from eptura_scim.local_entra.directory.application_models import DIRECTORY_OBJECT, typed
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.directory.principal_models import GROUP, USER, PrincipalEntry, PrincipalKind
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.types import Json

__all__ = ["new_principal", "people_routes"]

_REQUIRED: dict[PrincipalKind, tuple[str, ...]] = {
    "user": ("accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"),
    "group": ("displayName", "mailEnabled", "mailNickname", "securityEnabled"),
}


def people_routes(people: People, objects: Objects, units: AdministrativeUnits) -> list[Route]:
    """The endpoints, without Graph's version."""
    of_kinds = (_routes_of(people, objects, units, kind) for kind in ("user", "group"))
    return [*chain.from_iterable(of_kinds), *_manager_routes(people)]


def _routes_of(people: People, objects: Objects, units: AdministrativeUnits, kind: PrincipalKind) -> list[Route]:
    plural = f"{kind}s"
    shape = USER if kind == "user" else GROUP
    everyone, one = (people.users, people.user) if kind == "user" else (people.groups, people.group)

    async def listed(request: Request) -> Response:
        return collection(request, plural, everyone(), shape)

    async def create(request: Request) -> Response:
        made = new_principal(people, objects, kind, await json_body(request))
        return entity(request, plural, made, shape, status=201)

    async def counted(request: Request) -> Response:
        return count(request, everyone(), shape)

    async def get(request: Request) -> Response:
        return entity(request, plural, one(request.path_params["id"]), shape)

    async def patch(request: Request) -> Response:
        _update(people, objects, kind, one(request.path_params["id"])["id"], await json_body(request))
        return no_content()

    async def delete(request: Request) -> Response:
        (people.delete_user if kind == "user" else people.delete_group)(one(request.path_params["id"])["id"])
        return no_content()

    async def member_of(request: Request) -> Response:
        member = one(request.path_params["id"])["id"]
        found = [
            *(typed("group", group) for group in people.groups_of(member)),
            *(typed("administrativeUnit", unit) for unit in units.of_member(member)),
        ]
        return collection(request, "directoryObjects", found, DIRECTORY_OBJECT)

    async def delta(request: Request) -> Response:
        raise ODataError.not_modelled(f"delta queries of {plural}")

    return [
        GraphRoute(f"/{plural}", ORDERED_LIST, get=listed, post=create),
        GraphRoute(f"/{plural}/$count", COUNT, get=counted),
        GraphRoute(f"/{plural}/delta", FUNCTION, get=delta),
        GraphRoute(f"/{plural}/{{id}}", ONE, get=get, patch=patch, delete=delete),
        GraphRoute(f"/{plural}/{{id}}/memberOf", LIST, get=member_of),
    ]


def _manager_routes(people: People) -> list[Route]:
    def user(request: Request) -> str:
        return str(people.user(request.path_params["id"])["id"])

    async def get(request: Request) -> Response:
        found = typed("user", people.references.manager(user(request)))
        return entity(request, "directoryObjects", found, DIRECTORY_OBJECT)

    async def put(request: Request) -> Response:
        people.references.set_manager(user(request), await reference(request))
        return no_content()

    async def delete(request: Request) -> Response:
        people.references.remove_manager(user(request))
        return no_content()

    return [
        GraphRoute("/users/{id}/manager", ONE, get=get),
        GraphRoute("/users/{id}/manager/$ref", REFERENCE, put=put, delete=delete),
    ]


def new_principal(people: People, objects: Objects, kind: PrincipalKind, body: Json) -> PrincipalEntry:
    """Create the user or group of a body. Raises ODataError 400, 404."""
    for name in _REQUIRED[kind]:
        if body.get(name) in (None, ""):
            raise ODataError.bad_request(
                f"A value is required for property '{name}' of resource '{kind.capitalize()}'.", "Request_BadRequest"
            )
    if "id" in body:
        raise ODataError.bad_request("Property 'id' is read-only and cannot be set.", "Request_BadRequest")
    with people.lock:
        members, owners = _bound(body, objects, kind)
        made = people.add_user(**body) if kind == "user" else people.add_group(**body)
        _refer(people, made["id"], members, owners)
        return made


def _update(people: People, objects: Objects, kind: PrincipalKind, identifier: str, body: Json) -> None:
    with people.lock:
        members, owners = _bound(body, objects, kind)
        if body:
            (people.update_user if kind == "user" else people.update_group)(identifier, body)
        _refer(people, identifier, members, owners)


def _bound(body: Json, objects: Objects, kind: PrincipalKind) -> tuple[list[str], list[str]]:
    """Ids of the members and owners that a body binds to a group. Raises ODataError 404 for one that does not exist."""
    if kind == "user":
        return [], []
    members, owners = bound(body, "members@odata.bind"), bound(body, "owners@odata.bind")
    for identifier in (*members, *owners):
        objects.principal(identifier)
    return members, owners


def _refer(people: People, group: str, members: list[str], owners: list[str]) -> None:
    if members:
        people.add_member(group, *members)
    if owners:
        people.references.add_owner(group, *owners)
