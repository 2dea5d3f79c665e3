"""HTTP in and out in Graph's manner, for the endpoint modules."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from eptura_scim.emulator.documents import read_document
from eptura_scim.emulator.errors import GraphError
from eptura_scim.emulator.records import Json

__all__ = ["collection", "entity", "json_body", "no_content", "parsed_filter", "selected"]

_PAGE = 100  # Graph's default page of servicePrincipals and applications
_COUNT = re.compile(r"[0-9]{1,9}")
_CONDITION = re.compile(r"\s*(\w+)\s+eq\s+(?:'((?:[^']|'')*)'|(true|false))\s*(?:and\b|$)", re.IGNORECASE)


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


def entity(request: Request, name: str, value: Json, status: int = 200) -> Response:
    """One object, with its context annotation."""
    return JSONResponse({"@odata.context": _context(request, f"{name}/$entity"), **value}, status_code=status)


def collection(request: Request, name: str, items: list[Json]) -> Response:
    """A list: `$select`ed, and paged by `$top` with a next link."""
    top = request.query_params.get("$top", "")
    skip = request.query_params.get("$skiptoken", "")
    if not all(_COUNT.fullmatch(number) for number in (top, skip) if number) or (top and int(top) == 0):
        raise GraphError.bad_request("Invalid page size or skip token.")
    size, start = int(top or _PAGE), int(skip or 0)
    page: Json = {
        "@odata.context": _context(request, name),
        "value": [selected(request, item) for item in items[start : start + size]],
    }
    if start + size < len(items):
        following = request.url.include_query_params(**{"$skiptoken": start + size})
        page["@odata.nextLink"] = str(following.replace(path=request.state.asked_path))
    return JSONResponse(page)


def no_content() -> Response:
    """204."""
    return Response(status_code=204)


def selected(request: Request, item: Json) -> Json:
    """The properties that `$select` names, null where the object has none; all without it."""
    names = [name.strip() for name in request.query_params.get("$select", "").split(",") if name.strip()]
    return {name: item.get(name) for name in names} if names else item


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
        conditions[match[1]] = match[3].lower() == "true" if match[3] else match[2].replace("''", "'")
        position = match.end()
    return conditions


def _context(request: Request, name: str) -> str:
    return f"https://{request.url.netloc}/{request.state.graph_version}/$metadata#{name}"
