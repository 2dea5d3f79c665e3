"""HTTP endpoints of application templates: the one that is not of the gallery.

Source: Microsoft Graph v1.0, resource type applicationTemplate, "Instantiate applicationTemplate". The name of the
template that stands for an application of one's own is "Custom" (published answers).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    ACTION,
    COUNT,
    LIST,
    ONE,
    GraphRoute,
    answer,
    collection,
    count,
    entity,
    json_body,
)
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.caller import Caller
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape
from eptura_scim.local_entra.tenant import NON_GALLERY_TEMPLATE
from eptura_scim.types import Json

__all__ = ["application_template_routes"]

_TEMPLATE = Shape(
    name="applicationTemplate",
    properties={
        "id": "",
        "categories": [],
        "description": TEXT,
        "displayName": "",
        "homePageUrl": TEXT,
        "logoUrl": TEXT,
        "publisher": TEXT,
        "supportedProvisioningTypes": [],
        "supportedSingleSignOnModes": [],
    },
)
_CUSTOM: Json = {
    **_TEMPLATE.blank,
    "id": NON_GALLERY_TEMPLATE,
    "displayName": "Custom",
    "supportedSingleSignOnModes": ["password", "saml", "notSupported"],
}


def application_template_routes(directory: ApplicationRegistry, identity: Caller) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def listed(request: Request) -> Response:
        return collection(request, "applicationTemplates", [_CUSTOM], _TEMPLATE)

    async def counted(request: Request) -> Response:
        return count(request, [_CUSTOM], _TEMPLATE)

    async def get(request: Request) -> Response:
        if request.path_params["template"] != NON_GALLERY_TEMPLATE:
            raise GraphError.no_object(request.path_params["template"])
        return entity(request, "applicationTemplates", _CUSTOM, _TEMPLATE)

    async def instantiate(request: Request) -> Response:
        name = str((await json_body(request)).get("displayName") or "")
        made = directory.instantiate(request.path_params["template"], name, owner=identity.id)
        return answer(request, "microsoft.graph.applicationServicePrincipal", made, status=201)

    return [
        GraphRoute("/applicationTemplates", LIST, get=listed),
        GraphRoute("/applicationTemplates/$count", COUNT, get=counted),
        GraphRoute("/applicationTemplates/{template}", ONE, get=get),
        GraphRoute("/applicationTemplates/{template}/instantiate", ACTION, post=instantiate),
    ]
