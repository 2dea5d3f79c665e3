"""HTTP endpoints of application templates.

Source: Microsoft Graph v1.0, resource type applicationTemplate, "Instantiate applicationTemplate".
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
from eptura_scim.local_entra.directory.templates.gallery import APPLICATION_TEMPLATE, gallery, gallery_template
from eptura_scim.types import Json

__all__ = ["application_template_routes"]


def application_template_routes(directory: ApplicationRegistry, identity: Caller) -> list[Route]:
    """The endpoints, without Graph's version."""

    def shown() -> list[Json]:
        return [found.shown() for found in gallery().values()]

    async def listed(request: Request) -> Response:
        return collection(request, "applicationTemplates", shown(), APPLICATION_TEMPLATE)

    async def counted(request: Request) -> Response:
        return count(request, shown(), APPLICATION_TEMPLATE)

    async def get(request: Request) -> Response:
        found = gallery_template(request.path_params["template"])
        return entity(request, "applicationTemplates", found.shown(), APPLICATION_TEMPLATE)

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
