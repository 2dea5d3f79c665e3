"""HTTP endpoints of what mappings are written in: functions, expressions and the operators of filters."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.expressions.functions import FUNCTIONS
from eptura_scim.local_entra.api.graph_http import ACTION, FUNCTION, OWNER_KINDS, GraphRoute, answer, json_body, owner
from eptura_scim.local_entra.synchronization.jobs import Synchronization
from eptura_scim.local_entra.synchronization.parse_expression import parse_expression
from eptura_scim.local_entra.synchronization.schema import FILTER_OPERATORS
from eptura_scim.mapping import EvaluationContext
from eptura_scim.types import Json

__all__ = ["mapping_language_routes"]

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


def mapping_language_routes(synchronization: Synchronization, context: Callable[[], EvaluationContext]) -> list[Route]:
    """The endpoints, without Graph's version; `context` is what an expression sees beside its object."""

    def check_job(request: Request) -> None:
        """Raises ODataError where the path names no job: these endpoints are below its schema."""
        synchronization.schema(owner(request), request.path_params["job"])

    async def filter_operators(request: Request) -> Response:
        check_job(request)
        return answer(request, "Collection(microsoft.graph.filterOperatorSchema)", {"value": FILTER_OPERATORS})

    async def functions(request: Request) -> Response:
        check_job(request)
        return answer(request, "Collection(microsoft.graph.attributeMappingFunctionSchema)", {"value": _FUNCTIONS})

    async def parse(request: Request) -> Response:
        check_job(request)
        return answer(request, "parseExpression", parse_expression(await json_body(request), context))

    return [
        GraphRoute(f"/{kind}/{{id}}/synchronization/jobs/{{job}}/schema{path}", surface, **endpoints)
        for kind in OWNER_KINDS
        for path, surface, endpoints in (
            ("/filterOperators", FUNCTION, {"get": filter_operators}),
            ("/functions", FUNCTION, {"get": functions}),
            ("/parseExpression", ACTION, {"post": parse}),
        )
    ]
