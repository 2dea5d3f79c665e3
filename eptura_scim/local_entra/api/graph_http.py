"""HTTP in and out in Graph's manner, for the endpoint modules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.query import Query, refuse_options
from eptura_scim.local_entra.odata.shapes import Shape
from eptura_scim.local_entra.strict_json import read_document
from eptura_scim.types import Json

__all__ = [
    "ACTION",
    "COUNT",
    "FUNCTION",
    "LIST",
    "ONE",
    "ORDERED_LIST",
    "OWNER_KINDS",
    "REFERENCE",
    "REFERENCES",
    "GraphObjects",
    "GraphRoute",
    "RouteHandler",
    "Surface",
    "answer",
    "collection",
    "count",
    "counted",
    "entity",
    "json_body",
    "no_content",
    "object_routes",
    "owner",
    "reference",
    "reference_id",
]

OWNER_KINDS = ("servicePrincipals", "applications")
"""Below which objects the `synchronization` segment stands; the documentation uses both."""

RouteHandler = Callable[[Request], Awaitable[Response]]
"""What answers a request."""


@dataclass(frozen=True)
class Surface:
    """What Graph has at a path, and which query options of a GET are carried out here."""

    methods: frozenset[str]
    options: frozenset[str] = frozenset()


LIST = Surface(frozenset({"GET", "POST"}), frozenset({"$filter", "$select", "$count", "$top"}))
"""A collection."""
ORDERED_LIST = Surface(LIST.methods, LIST.options | {"$orderby"})
"""A collection that can be sorted."""
ONE = Surface(frozenset({"GET", "PATCH", "DELETE"}), frozenset({"$select"}))
"""An object of a collection."""
COUNT = Surface(frozenset({"GET"}), frozenset({"$filter"}))
"""`…/$count`."""
REFERENCES = Surface(frozenset({"GET", "POST", "DELETE"}))
"""`…/$ref` of a collection."""
REFERENCE = Surface(frozenset({"GET", "PUT", "DELETE"}))
"""`…/$ref` of one object."""
ACTION = Surface(frozenset({"POST"}))
FUNCTION = Surface(frozenset({"GET"}))


class GraphRoute(Route):
    """A path with what answers each method.

    A method that Graph has at the path and this route has not is answered with 501, any other with 405; a query option
    that `surface` does not name with 501 as well.
    """

    def __init__(self, path: str, surface: Surface, **endpoints: RouteHandler) -> None:
        self.options = surface.options
        """The query options that a GET carries out."""
        self.served = frozenset(method.upper() for method in endpoints)
        """The methods that are modelled."""
        by_method = {method.upper(): endpoint for method, endpoint in endpoints.items()}

        async def respond(request: Request) -> Response:
            is_read = request.method in {"GET", "HEAD"}
            refuse_options(request.query_params, surface.options if is_read else frozenset())
            endpoint = by_method.get("GET" if is_read else request.method)
            if endpoint is None:
                raise ODataError.not_modelled(f"{request.method} {request.url.path}")
            return await endpoint(request)

        super().__init__(path, respond, methods=sorted(surface.methods | self.served))


class _GraphResponse(JSONResponse):
    media_type = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


async def json_body(request: Request, *, required: bool = True) -> Json:
    """The request's JSON object; empty when the body is empty and may be. Raises ODataError."""
    raw = await request.body()
    if not raw and not required:
        return {}
    try:
        body = read_document(raw)
    except ValueError:
        raise ODataError.bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid "
            "JSON format."
        ) from None
    if not isinstance(body, dict):
        raise ODataError.bad_request("The request payload is not a JSON object.")
    return body


def answer(request: Request, context: str, document: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON document with its context annotation; of a new object with its address."""
    content = {"@odata.context": _context(request, context), **document}
    headers = {"OData-Version": "4.0"}
    if status == 201 and isinstance(document.get("id"), str):
        headers["Location"] = f"https://{request.url.netloc}{request.state.asked_path}/{document['id']}"
    return _GraphResponse(content, status_code=status, headers=headers)


def entity(
    request: Request, name: str, value: Mapping[str, Any], shape: Shape | None = None, *, status: int = 200
) -> Response:
    """One object; of a type with a shape what `$select` names. Raises ODataError."""
    if shape is not None:
        value = Query(request.query_params, shape, eventual=counted(request)).shown(value)
    return answer(request, f"{name}/$entity", value, status)


def collection(request: Request, name: str, items: Sequence[Mapping[str, Any]], shape: Shape) -> Response:
    """A list: filtered, sorted, counted on request, and paged by `$top` with a next link. Raises ODataError."""
    query = Query(request.query_params, shape, eventual=counted(request))
    page = query.page(items)
    document: Json = {}
    if query.counts:
        document["@odata.count"] = page.total
    if page.following is not None:
        following = request.url.include_query_params(**{"$skiptoken": page.following})
        document["@odata.nextLink"] = str(following.replace(path=request.state.asked_path))
    return answer(request, name, {**document, "value": page.values})


def count(request: Request, items: Sequence[Mapping[str, Any]], shape: Shape) -> Response:
    """The answer of `…/$count`. Raises ODataError."""
    if not counted(request):
        raise ODataError.bad_request("$count is not currently supported.", "Request_BadRequest")
    query = Query(request.query_params, shape, eventual=True, is_count=True)
    return PlainTextResponse(str(len(query.matching(items))))


def counted(request: Request) -> bool:
    """Whether the request may have a count ("Advanced query capabilities on Microsoft Entra ID objects")."""
    return request.headers.get("ConsistencyLevel", "").lower() == "eventual"


def no_content() -> Response:
    """204."""
    return Response(status_code=204)


class GraphObjects(Protocol):
    """All objects of a kind in the tenant. What is wrong is a ODataError."""

    def all(self) -> Sequence[Json]:
        """Oldest first."""

    def get(self, identifier: str) -> Json:
        """One object."""

    def create(self, values: Json) -> Json:
        """Make an object; as Graph shows it."""

    def update(self, identifier: str, changes: Json) -> None:
        """Change the properties that are named."""

    def delete(self, identifier: str) -> None:
        """Delete an object."""


def object_routes(
    objects: GraphObjects, shape: Shape, path: str, name: str, *, listing: Surface = LIST
) -> list[GraphRoute]:
    """The endpoints of a kind of object: list and create at the path, get, update and delete below it.

    `name` is the set's in `@odata.context`, `listing` what a list carries out.
    """

    async def listed(request: Request) -> Response:
        return collection(request, name, objects.all(), shape)

    async def create(request: Request) -> Response:
        return entity(request, name, objects.create(await json_body(request)), shape, status=201)

    async def get(request: Request) -> Response:
        return entity(request, name, objects.get(request.path_params["id"]), shape)

    async def patch(request: Request) -> Response:
        objects.update(request.path_params["id"], await json_body(request))
        return no_content()

    async def delete(request: Request) -> Response:
        objects.delete(request.path_params["id"])
        return no_content()

    return [
        GraphRoute(path, listing, get=listed, post=create),
        GraphRoute(f"{path}/{{id}}", ONE, get=get, patch=patch, delete=delete),
    ]


async def reference(request: Request) -> str:
    """The id that the body of a POST or PUT to `…/$ref` names. Raises ODataError."""
    found = (await json_body(request)).get("@odata.id")
    if not isinstance(found, str) or "/" not in found:
        raise ODataError.bad_request("The property '@odata.id' is required and has the URL of an object.")
    return reference_id(found)


def reference_id(url: str) -> str:
    """The object id at the end of an object's URL."""
    return url.rstrip("/").rpartition("/")[2].lower()


def owner(request: Request) -> tuple[str, str]:
    """Kind and id of the object that the path begins with."""
    return request.url.path.strip("/").split("/")[0], str(request.path_params["id"])


def _context(request: Request, name: str) -> str:
    return f"https://{request.url.netloc}/{request.state.graph_version}/$metadata#{name}"
