"""HTTP endpoints of a job's schema: the schema itself, its directories, functions and expressions."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eptura_scim.expressions.functions import FUNCTIONS
from eptura_scim.local_entra.api.graph_http import OWNER_KINDS, collection, entity, json_body, no_content, owner
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.local_entra.synchronization.jobs import Synchronization, find_directory
from eptura_scim.local_entra.synchronization.parse_expression import parse_expression
from eptura_scim.local_entra.synchronization.schema import FILTER_OPERATORS
from eptura_scim.mapping import Surroundings
from eptura_scim.types import Json

__all__ = ["schema_routes"]

_FUNCTIONS: list[Json] = [
    {
        "id": function.name,
        "name": function.name,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "required": parameter.required,
                "allowMultipleOccurrences": parameter.repeats,
            }
            for parameter in function.parameters
        ],
    }
    for function in FUNCTIONS.values()
]


def schema_routes(synchronization: Synchronization, surroundings: Callable[[], Surroundings]) -> list[Route]:
    """The endpoints, without Graph's version; `surroundings` is what an expression sees beside its object."""

    def current(request: Request) -> Json:
        return synchronization.schema(owner(request), request.path_params["job"])

    async def schema(request: Request) -> Response:
        job = request.path_params["job"]
        match request.method:
            case "PUT":
                synchronization.put_schema(owner(request), job, await json_body(request))
                return no_content()
            case "DELETE":
                synchronization.reset_schema(owner(request), job)
                return no_content()
            case "PATCH":
                # As users report it: microsoftgraph/msgraph-sdk-python#820.
                raise GraphError(
                    404,
                    "UnknownError",
                    f"No HTTP resource was found that matches the request URI "
                    f"'https://{request.url.netloc}{request.state.asked_path}'.",
                )
        return entity(request, "schema", current(request))

    async def directories(request: Request) -> Response:
        return collection(request, "directories", current(request)["directories"])

    async def directory(request: Request) -> Response:
        return entity(request, "directories", find_directory(current(request), request.path_params["directory"]))

    async def discover(request: Request) -> Response:
        found = synchronization.discover(owner(request), request.path_params["job"], request.path_params["directory"])
        return entity(request, "directories", found)

    async def filter_operators(request: Request) -> Response:
        current(request)
        return JSONResponse({"value": FILTER_OPERATORS})

    async def functions(request: Request) -> Response:
        current(request)
        return JSONResponse({"value": _FUNCTIONS})

    async def parse(request: Request) -> Response:
        current(request)
        answer = parse_expression(await json_body(request), surroundings)
        return JSONResponse(
            {"@odata.context": f"https://{request.url.netloc}/v1.0/$metadata#parseExpression", **answer}
        )

    return [
        Route(f"/{kind}/{{id}}/synchronization/jobs/{{job}}/schema{path}", endpoint, methods=methods)
        for kind in OWNER_KINDS
        for path, endpoint, methods in (
            ("", schema, ["GET", "PUT", "PATCH", "DELETE"]),
            ("/directories", directories, ["GET"]),
            ("/directories/{directory}", directory, ["GET"]),
            ("/directories/{directory}/discover", discover, ["POST"]),
            ("/filterOperators", filter_operators, ["GET"]),
            ("/functions", functions, ["GET"]),
            ("/parseExpression", parse, ["POST"]),
        )
    ]
