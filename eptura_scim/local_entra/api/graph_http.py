"""HTTP in and out in Graph's manner, for the endpoint modules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from eptura_scim.graph.ids import UUID
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.local_entra.strict_json import read_document
from eptura_scim.types import Json

__all__ = [
    "OWNER_KINDS",
    "collection",
    "counted",
    "entity",
    "json_body",
    "no_content",
    "owner",
    "parsed_filter",
    "reference",
    "selected",
]

OWNER_KINDS = ("servicePrincipals", "applications")
"""Below which objects the `synchronization` segment stands; the documentation uses both."""

_PAGE = 100  # Graph's default page of directory objects
_LARGEST_PAGE = 999
_COUNT = re.compile(r"[0-9]{1,9}")
_CONDITION = re.compile(
    rf"\s*(\w+)\s+eq\s+(?:'((?:[^']|'')*)'|(true|false)|({UUID}))"
    r"\s*(?:and\b|$)",
    re.IGNORECASE,
)
_NOT_MODELLED = ("$expand", "$orderby", "$orderBy", "$search", "$skip")


async def json_body(request: Request, *, required: bool = True) -> Json:
    """The request's JSON object; empty when there is none and none is required. Raises GraphError."""
    raw = await request.body()
    if not raw and not required:
        return {}
    try:
        body = read_document(raw)
    except ValueError:
        raise GraphError.bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid "
            "JSON format."
        ) from None
    if not isinstance(body, dict):
        raise GraphError.bad_request("The request payload is not a JSON object.")
    return body


def entity(request: Request, name: str, value: Mapping[str, Any], status: int = 200) -> Response:
    """One object, with its context annotation."""
    return JSONResponse({"@odata.context": _context(request, f"{name}/$entity"), **value}, status_code=status)


def collection(
    request: Request, name: str, items: Sequence[Mapping[str, Any]], default: Sequence[str] = ()
) -> Response:
    """A list: `$select`ed, counted on request, and paged by `$top` with a next link.

    `default` names what is shown without `$select`, where that is not all. Raises GraphError.
    """
    for option in _NOT_MODELLED:
        if option in request.query_params:
            raise GraphError.not_modelled(f"the query option {option}")
    top = request.query_params.get("$top", "")
    skip = request.query_params.get("$skiptoken", "")
    if not all(_COUNT.fullmatch(number) for number in (top, skip) if number):
        raise GraphError.bad_request("Invalid page size or skip token.")
    size, start = int(top or _PAGE), int(skip or 0)
    if not 1 <= size <= _LARGEST_PAGE:
        raise GraphError.bad_request(
            f"Invalid page size specified: '{size}'. Must be between 1 and {_LARGEST_PAGE} inclusive.",
            "Request_UnsupportedQuery",
        )
    page: Json = {"@odata.context": _context(request, name)}
    if request.query_params.get("$count", "").lower() == "true" and counted(request):
        page["@odata.count"] = len(items)
    page["value"] = [selected(request, item, default) for item in items[start : start + size]]
    if start + size < len(items):
        following = request.url.include_query_params(**{"$skiptoken": start + size})
        page["@odata.nextLink"] = str(following.replace(path=request.state.asked_path))
    return JSONResponse(page)


def counted(request: Request) -> bool:
    """Whether the request may have a count ("Advanced query capabilities on Microsoft Entra ID objects")."""
    return request.headers.get("ConsistencyLevel", "").lower() == "eventual"


def no_content() -> Response:
    """204."""
    return Response(status_code=204)


def selected(request: Request, item: Mapping[str, Any], default: Sequence[str] = ()) -> Json:
    """The properties that `$select` names, null where the object has none; without it `default`, or all."""
    names = [name.strip() for name in request.query_params.get("$select", "").split(",") if name.strip()]
    names = names or list(default)
    annotations = {name: value for name, value in item.items() if name.startswith("@odata.")} if names else {}
    return {**annotations, **{name: item.get(name) for name in names}} if names else dict(item)


async def reference(request: Request) -> str:
    """The id that the body of a POST to `…/$ref` names. Raises GraphError."""
    found = (await json_body(request)).get("@odata.id")
    if not isinstance(found, str) or "/" not in found:
        raise GraphError.bad_request("The property '@odata.id' is required and has the URL of an object.")
    return found.rstrip("/").rpartition("/")[2]


def parsed_filter(text: str | None, allowed: frozenset[str]) -> dict[str, Any]:
    """`appId eq '…'`, several joined by `and`, as names and values. Raises GraphError for anything else."""
    conditions: dict[str, Any] = {}
    position = 0
    while text and position < len(text):
        match = _CONDITION.match(text, position)
        if match is None or match[1] not in allowed or (match.end() == len(text) and text.rstrip().endswith(" and")):
            raise GraphError.bad_request(
                "Unsupported or invalid query filter clause specified; the local Entra understands "
                f"{', '.join(sorted(allowed))} with eq and and.",
                "Request_UnsupportedQuery",
            )
        text_value = match[4] or (match[2] or "").replace("''", "'")
        conditions[match[1]] = match[3].lower() == "true" if match[3] else text_value
        position = match.end()
    return conditions


def owner(request: Request) -> tuple[str, str]:
    """Kind and id of the object that the path begins with."""
    return request.url.path.strip("/").split("/")[0], str(request.path_params["id"])


def _context(request: Request, name: str) -> str:
    return f"https://{request.url.netloc}/{request.state.graph_version}/$metadata#{name}"
