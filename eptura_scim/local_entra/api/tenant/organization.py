"""HTTP endpoints about the tenant: its organization and domains, and its objects of any type.

Source: Microsoft Graph v1.0, organization, domain, directoryObject (get, getByIds).
"""

from __future__ import annotations

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
    Surface,
    collection,
    entity,
    json_body,
)
from eptura_scim.local_entra.directory.application_models import DIRECTORY_OBJECT
from eptura_scim.local_entra.directory.caller import Caller
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape

__all__ = ["organization_routes"]

_ORGANIZATION = Shape(
    name="organization",
    properties={
        "id": "",
        "deletedDateTime": None,
        "createdDateTime": "",
        "displayName": "",
        "tenantType": "",
        "verifiedDomains": [{}],
    },
)
_DOMAIN = Shape(
    name="domain",
    properties={
        "id": "",
        "authenticationType": "",
        "availabilityStatus": TEXT,
        "isAdminManaged": True,
        "isDefault": True,
        "isInitial": True,
        "isRoot": True,
        "isVerified": True,
        "passwordNotificationWindowInDays": TEXT,
        "passwordValidityPeriodInDays": TEXT,
        "state": TEXT,
        "supportedServices": [],
    },
    not_modelled=frozenset({"manufacturer", "model"}),
)
_ANY = Surface(frozenset({"GET", "POST", "PATCH", "DELETE"}), frozenset({"$select"}))
_IDS_AT_ONCE = 1000


def organization_routes(identity: Caller, objects: Objects) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def organizations(request: Request) -> Response:
        return collection(request, "organization", [identity.organization()], _ORGANIZATION)

    async def organization(request: Request) -> Response:
        found = identity.organization()
        if request.path_params["id"].lower() != found["id"]:
            raise ODataError.no_object(request.path_params["id"])
        return entity(request, "organization", found, _ORGANIZATION)

    async def domains(request: Request) -> Response:
        return collection(request, "domains", identity.domains(), _DOMAIN)

    async def domain(request: Request) -> Response:
        for found in identity.domains():
            if found["id"] == request.path_params["id"].lower():
                return entity(request, "domains", found, _DOMAIN)
        raise ODataError.no_object(request.path_params["id"])

    async def me(request: Request) -> Response:
        raise ODataError.bad_request("/me request is only valid with delegated authentication flow.")

    async def directory_object(request: Request) -> Response:
        return entity(request, "directoryObjects", objects.find(request.path_params["id"]), DIRECTORY_OBJECT)

    async def by_ids(request: Request) -> Response:
        body = await json_body(request)
        ids: Any = body.get("ids")
        kinds: Any = body.get("types") or []
        if not isinstance(ids, list) or not isinstance(kinds, list) or len(ids) > _IDS_AT_ONCE:
            raise ODataError.bad_request(f"ids is a list of up to {_IDS_AT_ONCE} object ids, types a list of names.")
        wanted = {f"#microsoft.graph.{kind}".lower() for kind in kinds} - {"#microsoft.graph.directoryobject"}
        found = [item for item in map(_found(objects), ids) if item is not None]
        items = [item for item in found if not wanted or item["@odata.type"].lower() in wanted]
        return collection(request, "directoryObjects", items, DIRECTORY_OBJECT)

    return [
        GraphRoute("/organization", LIST, get=organizations),
        GraphRoute("/organization/{id}", ONE, get=organization),
        GraphRoute("/domains", LIST, get=domains),
        GraphRoute("/domains/{id}", ONE, get=domain),
        GraphRoute("/me", _ANY, get=me),
        GraphRoute("/me/{path:path}", _ANY, get=me),
        GraphRoute("/directoryObjects/getByIds", ACTION, post=by_ids),
        GraphRoute("/directoryObjects/delta", FUNCTION),
        GraphRoute("/directoryObjects/{id}", ONE, get=directory_object),
    ]


def _found(objects: Objects) -> Any:
    def find(identifier: Any) -> Any:
        try:
            return objects.find(str(identifier).lower())
        except ODataError:
            return None

    return find
