"""HTTP endpoints of applications and service principals, and of their owners.

Source: Microsoft Graph v1.0, resource types application and servicePrincipal and the pages of their methods.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    COUNT,
    LIST,
    ONE,
    ORDERED_LIST,
    REFERENCE,
    REFERENCES,
    GraphRoute,
    Surface,
    collection,
    count,
    entity,
    json_body,
    no_content,
    reference,
    reference_id,
)
from eptura_scim.local_entra.directory.app_owners import add_owner, remove_owner
from eptura_scim.local_entra.directory.application_models import APPLICATION, DIRECTORY_OBJECT, SERVICE_PRINCIPAL
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.caller import Caller
from eptura_scim.local_entra.directory.credentials.keys import without_keys
from eptura_scim.local_entra.directory.logos import logo_of, set_logo
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import Shape
from eptura_scim.types import Json

__all__ = ["application_routes", "bound"]

_STREAM = Surface(frozenset({"GET", "PUT", "PATCH", "DELETE"}))
_OWNERS = "owners@odata.bind"
_BOUND_AT_ONCE = 20  # "Create group", "Add members"


def application_routes(directory: ApplicationRegistry, identity: Caller, objects: Objects) -> list[Route]:
    """The endpoints, without Graph's version."""
    return [
        *_logo_routes(directory),
        *_routes_of(_applications(directory), identity, objects),
        *_routes_of(_service_principals(directory), identity, objects),
        *_of_both("applications", directory, objects),
        *_of_both("servicePrincipals", directory, objects),
    ]


def bound(body: Json, name: str) -> list[str]:
    """Take a property such as `members@odata.bind` out of a body; the ids that it has. Raises ODataError 400."""
    found = body.pop(name, [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise ODataError.bad_request(f"The property '{name}' is a list of URLs.")
    if len(found) > _BOUND_AT_ONCE:
        raise ODataError.bad_request(f"Up to {_BOUND_AT_ONCE} {name.partition('@')[0]} can be added in one request.")
    return [reference_id(item) for item in found]


def _owners_of_new(body: Json, identity: Caller, objects: Objects) -> list[str]:
    """The caller, who owns what it creates, and the owners that the body names. Raises ODataError."""
    named = bound(body, _OWNERS)
    for owner in named:
        objects.principal(owner)
    return list(dict.fromkeys([identity.id, *named]))


@dataclass(frozen=True)
class _Kind:
    """Applications or service principals: how the directory keeps them."""

    name: str
    shape: Shape
    all: Callable[[], list[Json]]
    get: Callable[[str], Json]
    create: Callable[[Json, list[str]], Json]
    """From a body without owners, and the ids of these."""
    update: Callable[[str, Json], None]
    delete: Callable[[str], None]


def _applications(directory: ApplicationRegistry) -> _Kind:
    return _Kind(
        name="applications",
        shape=APPLICATION,
        all=directory.applications,
        get=directory.application,
        create=directory.create_application,
        update=directory.update_application,
        delete=directory.delete_application,
    )


def _service_principals(directory: ApplicationRegistry) -> _Kind:
    def create(body: Json, owners: list[str]) -> Json:
        return directory.create_service_principal(str(body.pop("appId", "")), body, owners)

    return _Kind(
        name="servicePrincipals",
        shape=SERVICE_PRINCIPAL,
        all=directory.all_service_principals,
        get=directory.service_principal,
        create=create,
        update=directory.update_service_principal,
        delete=directory.delete_service_principal,
    )


def _routes_of(kind: _Kind, identity: Caller, objects: Objects) -> list[Route]:
    async def listed(request: Request) -> Response:
        return collection(request, kind.name, list(map(without_keys, kind.all())), kind.shape)

    async def create(request: Request) -> Response:
        body = await json_body(request)
        made = kind.create(body, _owners_of_new(body, identity, objects))
        return entity(request, kind.name, without_keys(made), status=201)

    async def counted(request: Request) -> Response:
        return count(request, kind.all(), kind.shape)

    async def get(request: Request) -> Response:
        return entity(request, kind.name, _shown(request, kind.get(request.path_params["id"])), kind.shape)

    async def patch(request: Request) -> Response:
        kind.update(request.path_params["id"], await json_body(request))
        return no_content()

    async def delete(request: Request) -> Response:
        kind.delete(request.path_params["id"])
        return no_content()

    return [
        GraphRoute(f"/{kind.name}", ORDERED_LIST, get=listed, post=create),
        GraphRoute(f"/{kind.name}/$count", COUNT, get=counted),
        GraphRoute(f"/{kind.name}/{{id}}", ONE, get=get, patch=patch, delete=delete),
    ]


def _logo_routes(directory: ApplicationRegistry) -> list[Route]:
    async def get(request: Request) -> Response:
        kind, image = logo_of(directory, request.path_params["id"])
        return Response(image, media_type=kind)

    async def put(request: Request) -> Response:
        image = await request.body()
        # Another logo has another address, as on the CDN that the real one names.
        url = f"https://{request.url.netloc}{request.state.asked_path}?{hashlib.sha256(image).hexdigest()[:8]}"
        set_logo(directory, request.path_params["id"], request.headers.get("content-type", ""), image, url)
        return no_content()

    return [GraphRoute("/applications/{id}/logo", _STREAM, get=get, put=put)]


def _shown(request: Request, item: Json) -> Json:
    """One object; with the keys of its certificates only where `$select` asks for them."""
    selected = {name.strip() for name in request.query_params.get("$select", "").split(",")}
    return item if "keyCredentials" in selected else without_keys(item)


def _of_both(kind: str, directory: ApplicationRegistry, objects: Objects) -> list[Route]:
    async def owners(request: Request) -> Response:
        found = objects.principals(directory.owners(kind, request.path_params["id"]))
        return collection(request, "directoryObjects", found, DIRECTORY_OBJECT)

    async def new_owner(request: Request) -> Response:
        owner = objects.principal(await reference(request))
        add_owner(directory, kind, request.path_params["id"], owner["id"])
        return no_content()

    async def old_owner(request: Request) -> Response:
        remove_owner(directory, kind, request.path_params["id"], request.path_params["owner"])
        return no_content()

    return [
        GraphRoute(f"/{kind}/{{id}}/owners", LIST, get=owners),
        GraphRoute(f"/{kind}/{{id}}/owners/$ref", REFERENCES, post=new_owner),
        GraphRoute(f"/{kind}/{{id}}/owners/{{owner}}/$ref", REFERENCE, delete=old_owner),
    ]
