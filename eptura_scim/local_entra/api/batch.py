"""`$batch`: up to 20 requests in one.

Source: Microsoft Graph, "Combine multiple HTTP requests using JSON batching".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.strict_json import read_document
from eptura_scim.types import Json

__all__ = ["BatchPart", "run_batch"]

_MOST = 20
# A url is relative; the SDKs take away Graph's own address only, and leave another one in front.
_ADDRESS = re.compile(r"^https?://[^/]+/(?:v1\.0|beta)(?=/)")


@dataclass(frozen=True)
class BatchPart:
    """One request of a batch, or the answer to it."""

    status: int = 0
    method: str = ""
    url: str = ""
    """Below the version: `/users?$top=1`."""
    headers: Mapping[str, str] | None = None
    body: bytes = b""


async def run_batch(raw: bytes, ask: Callable[[BatchPart], Awaitable[BatchPart]]) -> Json:
    """The answer to a batch; its requests run in turn. Raises ODataError 400 for a body that is not a batch."""
    answers: list[Json] = []
    statuses: dict[str, int] = {}
    for request in _requests(raw):
        identifier = request["id"]
        if any(statuses.get(before, 424) >= 400 for before in request.get("dependsOn") or ()):
            statuses[identifier] = 424
            error = {"code": "FailedDependency", "message": "A request that this one depends on has failed."}
            answers.append({"id": identifier, "status": 424, "headers": {}, "body": {"error": error}})
            continue
        answer = await ask(_part(request))
        statuses[identifier] = answer.status
        answers.append({"id": identifier, "status": answer.status, **_shown(answer)})
    return {"responses": answers}


def _requests(raw: bytes) -> list[Json]:
    try:
        document: Any = read_document(raw)
    except ValueError:
        document = None
    found = document.get("requests") if isinstance(document, dict) else None
    if not isinstance(found, list) or not found or len(found) > _MOST:
        raise ODataError.bad_request(f"Invalid batch payload format: 1 to {_MOST} requests are expected.")
    seen: set[str] = set()
    for request in found:
        texts = [request.get(key) for key in ("id", "method", "url")] if isinstance(request, dict) else [None]
        if not all(isinstance(text, str) for text in texts):
            raise ODataError.bad_request("Invalid batch payload format: a request has id, method and url.")
        depends = request.get("dependsOn") or []
        if request["id"] in seen or not isinstance(depends, list) or not set(map(str, depends)) <= seen:
            raise ODataError.bad_request(
                "Invalid batch payload format: ids are unique, and dependsOn names requests that come before."
            )
        if not isinstance(request.get("headers") or {}, dict):
            raise ODataError.bad_request("Invalid batch payload format: headers is an object.")
        seen.add(request["id"])
    return found


def _part(request: Json) -> BatchPart:
    body = request.get("body")
    content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    given = (request.get("headers") or {}).items()
    headers = {_header(name).lower(): _header(value) for name, value in given}
    url = _ADDRESS.sub("", request["url"])
    return BatchPart(method=request["method"].upper(), url=f"/{url.lstrip('/')}", headers=headers, body=content)


def _header(text: object) -> str:
    """A name or value of a header, which has characters of Latin-1 alone."""
    return str(text).encode("latin-1", "replace").decode("latin-1")


def _shown(answer: BatchPart) -> Json:
    headers = {name: value for name, value in (answer.headers or {}).items() if name.lower() != "content-length"}
    if not answer.body:
        return {"headers": headers}
    if headers.get("content-type", "").startswith("application/json"):
        return {"headers": headers, "body": json.loads(answer.body)}
    return {"headers": headers, "body": base64.b64encode(answer.body).decode()}
