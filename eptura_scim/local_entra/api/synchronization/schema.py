"""HTTP endpoints of a job's schema: the schema itself and its directories."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    ACTION,
    FUNCTION,
    OWNER_KINDS,
    GraphRoute,
    Surface,
    collection,
    entity,
    json_body,
    no_content,
    owner,
)
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import Shape
from eptura_scim.local_entra.synchronization.jobs import Synchronization, find_directory
from eptura_scim.types import Json

__all__ = ["schema_routes"]

_SCHEMA = Surface(frozenset({"GET", "PUT", "PATCH", "DELETE"}))
_DIRECTORIES = Surface(frozenset({"GET", "PATCH", "DELETE"}))
_DIRECTORY = Shape(name="directoryDefinition", properties={"id": "", "name": "", "objects": [{}]})


def schema_routes(synchronization: Synchronization) -> list[Route]:
    """The endpoints, without Graph's version."""

    def current(request: Request) -> Json:
        return synchronization.schema(owner(request), request.path_params["job"])

    async def get(request: Request) -> Response:
        return entity(request, "schema", current(request))

    async def put(request: Request) -> Response:
        synchronization.put_schema(owner(request), request.path_params["job"], await json_body(request))
        return no_content()

    async def delete(request: Request) -> Response:
        synchronization.reset_schema(owner(request), request.path_params["job"])
        return no_content()

    async def patch(request: Request) -> Response:
        # As users report it: microsoftgraph/msgraph-sdk-python#820.
        raise ODataError(
            404,
            "UnknownError",
            f"No HTTP resource was found that matches the request URI "
            f"'https://{request.url.netloc}{request.state.asked_path}'.",
        )

    async def directories(request: Request) -> Response:
        return collection(request, "directories", current(request)["directories"], _DIRECTORY)

    async def directory(request: Request) -> Response:
        return entity(request, "directories", find_directory(current(request), request.path_params["directory"]))

    async def discover(request: Request) -> Response:
        found = synchronization.discover(owner(request), request.path_params["job"], request.path_params["directory"])
        return entity(request, "directories", found)

    return [
        GraphRoute(f"/{kind}/{{id}}/synchronization/jobs/{{job}}/schema{path}", surface, **endpoints)
        for kind in OWNER_KINDS
        for path, surface, endpoints in (
            ("", _SCHEMA, {"get": get, "put": put, "patch": patch, "delete": delete}),
            ("/directories", FUNCTION, {"get": directories}),
            ("/directories/{directory}", _DIRECTORIES, {"get": directory}),
            ("/directories/{directory}/discover", ACTION, {"post": discover}),
        )
    ]
