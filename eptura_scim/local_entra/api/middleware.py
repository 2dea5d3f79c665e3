"""The outermost application: request ids, the log of calls, faults, tokens, permissions, Graph's error bodies."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, assert_never
from urllib.parse import parse_qsl, unquote_plus, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eptura_scim.local_entra.api.batch import BatchPart, run_batch
from eptura_scim.local_entra.api.call_log import Calls
from eptura_scim.local_entra.api.faults import Fault, Faults
from eptura_scim.local_entra.api.login.access_tokens import AccessTokens
from eptura_scim.local_entra.api.login.failures import fault_of_login, login_failure
from eptura_scim.local_entra.api.paths import VERSIONS, Paths
from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.directory.audit_log import CALLED_BY_APP
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.query import with_dollar
from eptura_scim.local_entra.permissions import Authorization

__all__ = ["WEB_PREFIX", "GraphMiddleware"]

WEB_PREFIX = "/portal/"
"""Where the pages of the local Entra are; the first of them is `/`."""

_ACTIONS = {"start", "pause", "restart"}
_WRITES = {"PUT", "PATCH", "POST", "DELETE"}
_PAGE = b"<!DOCTYPE html><html><body>One moment, please.</body></html>"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _ServedResponse:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Request:
    """A request, read to its end."""

    scope: Scope
    method: str
    path: str
    """As the client wrote it."""
    body: bytes
    headers: dict[str, str]
    id: str
    canonical: str = ""
    """The path in the form of the routes."""

    @property
    def version(self) -> str | None:
        """`v1.0` or `beta`; None for what is not Graph."""
        first = self.canonical.strip("/").partition("/")[0]
        return first if first in VERSIONS else None

    @property
    def below_version(self) -> str:
        """The path without Graph's version."""
        return self.canonical.removeprefix(f"/{self.version}") if self.version else self.canonical

    @property
    def resource(self) -> str:
        """The path without Graph's version and without an action at its end."""
        path = self.below_version
        base, _, last = path.rpartition("/")
        return base if self.method == "POST" and last in _ACTIONS else path


class GraphMiddleware:
    """Answers everything but the paths of the SCIM server and of the pages, which it passes on."""

    def __init__(
        self,
        *,
        graph: ASGIApp,
        login: ASGIApp,
        scim: ASGIApp,
        web: ASGIApp,
        paths: Paths,
        tokens: AccessTokens,
        access: Authorization,
        calls: Calls,
        faults: Faults,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._graph = graph
        self._login = login
        self._scim = scim
        self._web = web
        self._paths = paths
        self._tokens = tokens
        self._access = access
        self._calls = calls
        self._faults = faults
        self._clock = clock
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["path"].startswith("/scim/"):
            await self._scim(scope, receive, send)
            return
        if scope["path"] == "/" or scope["path"].startswith(WEB_PREFIX):
            await self._web(scope, receive, send)
            return
        request = await _read(scope, receive)
        answer, fault = await self._recorded(replace(request, canonical=self._paths.canonical(request.path)))
        if fault is not None and fault.kind == "reset":
            await _abort(send)
            return
        await _send(answer, send, truncated=fault is not None and fault.kind == "truncate")

    async def _recorded(self, request: _Request) -> tuple[_ServedResponse, Fault | None]:
        """The answer to a request, noted in the log of calls, and the fault that it met."""
        fault = self._faults.take(request.method, request.path, request.headers.get("user-agent", ""))
        answer = await self._apply_fault(request, fault) if fault else await self._handle(request)
        cut = fault is not None and fault.kind == "reset"
        self._calls.record(
            method=request.method,
            path=request.path,
            query=unquote_plus(request.scope["query_string"].decode("latin-1")),
            status=0 if cut else answer.status,
            request_id=request.id,
            user_agent=request.headers.get("user-agent", ""),
            body=request.body,
            fault=fault.kind if fault else None,
            canonical=request.canonical,
        )
        return answer, fault

    async def _apply_fault(self, request: _Request, fault: Fault) -> _ServedResponse:
        if fault.kind == "slow":
            await self._sleep(fault.delay)
            return await self._handle(request)
        carried_out = fault.applied or fault.kind in {"truncate", "garble"}
        answer = await self._handle(request) if carried_out else _ServedResponse(0)
        if fault.delay:
            await self._sleep(fault.delay)
        match fault.kind:
            case "status":
                return self._refused(request, fault)
            case "garble":
                return _ServedResponse(200, {**self._ids(request), "content-type": "text/html"}, _PAGE)
            case "reset" | "truncate":  # cut when the answer is sent
                return answer
            case "lag" | "stale":  # met by reads, in _replicated
                return answer
            case unknown:
                assert_never(unknown)

    def _refused(self, request: _Request, fault: Fault) -> _ServedResponse:
        """The answer of a `status` fault, of the login or of Graph."""
        if request.version is None and request.path.endswith("/token"):
            response = login_failure(
                fault_of_login(fault.status), f"https://{request.headers.get('host', '')}", self._clock
            )
            return _ServedResponse(
                response.status_code, {**fault.headers, "content-type": "application/json"}, bytes(response.body)
            )
        code, message = fault.error
        return self._failure(request, ODataError(fault.status, code, message, fault.headers))

    async def _handle(self, request: _Request) -> _ServedResponse:
        try:
            if request.version is None:
                return await self._dispatched(self._login, request, request.path)
            claims = self._tokens.check(request.headers.get("authorization", ""))
            if request.below_version == "/$batch" and request.method == "POST":
                return await self._batch(request)
            self._access.check(request.method, request.below_version, claims)
            return await self._replicated(request)
        except ODataError as error:
            return self._failure(request, error)
        except Exception:
            # A bug of ours. Its text may hold anything of the request: it goes to the log, not to the client.
            _log.exception("%s %s failed", request.method, request.path)
            return self._failure(
                request, ODataError(500, "InternalServerError", "The local Entra has a bug; see its log.")
            )

    async def _batch(self, request: _Request) -> _ServedResponse:
        async def ask(part: BatchPart) -> BatchPart:
            path, _, query = part.url.partition("?")
            whole = f"/{request.version}{path}"
            inner = replace(
                request,
                scope={**request.scope, "query_string": query.encode()},
                method=part.method,
                path=whole,
                canonical=self._paths.canonical(whole),
                headers={**request.headers, **(part.headers or {}), "authorization": request.headers["authorization"]},
                body=part.body,
                id=str(uuid.uuid4()),
            )
            answer, _ = await self._recorded(inner)
            return BatchPart(status=answer.status or 503, headers=answer.headers, body=answer.body)

        document = await run_batch(request.body, ask)
        headers = {**self._ids(request), "content-type": "application/json"}
        return _ServedResponse(200, headers, json.dumps(document).encode())

    async def _replicated(self, request: _Request) -> _ServedResponse:
        """What the replica that serves the request knows: lag after a creation, stale reads after a write."""
        if self._faults.lags(request.resource):
            raise ODataError.no_object(request.resource.rpartition("/")[2])
        if request.method == "GET" and isinstance(old := self._faults.stale(request.resource), _ServedResponse):
            return replace(old, headers={**old.headers, "request-id": request.id, "client-request-id": request.id})
        before, reads = None, 0
        if request.method in _WRITES and (reads := self._faults.wants_stale(request.method, request.path)):
            before = await self._graph_answer(replace(request, method="GET", body=b""), request.resource)
        answer = await self._graph_answer(request, request.below_version)
        if answer.status < 300 and before is not None:
            self._faults.keep_stale(request.resource, reads, before)
        if answer.status == 201:
            self._faults.created(request.method, request.path, _created(request.resource, answer.body))
        return self._without_lagging(request, answer) if request.method == "GET" else answer

    async def _graph_answer(self, request: _Request, path: str) -> _ServedResponse:
        before = CALLED_BY_APP.set(True)
        try:
            answer = await self._dispatched(self._graph, request, path)
        finally:
            CALLED_BY_APP.reset(before)
        if answer.status == 405:
            raise ODataError(405, "MethodNotAllowed", f"{request.method} is not allowed on {path}.", answer.headers)
        if answer.status == 404 and not answer.headers.get("content-type", "").startswith("application/json"):
            raise ODataError.not_modelled(f"{request.method} {path}")
        return answer

    def _without_lagging(self, request: _Request, answer: _ServedResponse) -> _ServedResponse:
        document = _document(answer.body) if answer.status == 200 else None
        values = document.get("value") if document is not None else None
        if document is None or not isinstance(values, list):
            return answer
        seen = [
            item
            for item in values
            if not (isinstance(item, dict) and "id" in item and self._faults.lags(f"{request.resource}/{item['id']}"))
        ]
        if len(seen) == len(values):
            return answer
        return replace(answer, body=json.dumps({**document, "value": seen}).encode())

    async def _dispatched(self, app: ASGIApp, request: _Request, path: str) -> _ServedResponse:
        """Run an inner application on a request that was read already, and collect its answer."""
        status, headers, body = 500, {}, b""

        async def receive() -> Message:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in message["headers"]}
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")

        query = request.scope["query_string"]
        if request.version == "beta":  # "on the beta endpoint, the $ prefix is optional"
            pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            query = urlencode(with_dollar(pairs)).encode()
        scope = {
            **request.scope,
            "query_string": query,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()],
            "method": request.method,
            "path": path,
            "raw_path": path.encode(),
            "state": {"graph_version": request.version or "", "asked_path": request.path},
        }
        await app(scope, receive, send)
        headers.pop("content-length", None)
        return _ServedResponse(status, {**headers, **self._ids(request)}, body)

    def _ids(self, request: _Request) -> dict[str, str]:
        return {"request-id": request.id, "client-request-id": request.headers.get("client-request-id", request.id)}

    def _failure(self, request: _Request, error: ODataError) -> _ServedResponse:
        ids = self._ids(request)
        inner = {"date": f"{self._clock():%Y-%m-%dT%H:%M:%S}", **ids}
        body: dict[str, Any] = {"error": {"code": error.code, "message": error.message, "innerError": inner}}
        headers = {**error.headers, **ids, "content-type": "application/json"}
        return _ServedResponse(error.status, headers, json.dumps(body).encode())


async def _read(scope: Scope, receive: Receive) -> _Request:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    return _Request(scope, scope["method"], scope["path"], body, headers, str(uuid.uuid4()))


async def _send(answer: _ServedResponse, send: Send, *, truncated: bool) -> None:
    headers = {key: value for key, value in answer.headers.items() if key.lower() != "content-length"}
    if answer.status != 204:
        headers["content-length"] = str(len(answer.body))
    pairs = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    if truncated:
        # Half of what content-length promises; leaving the body unfinished makes the server close the connection.
        await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
        await _abort(send)
        return
    await send({"type": "http.response.body", "body": answer.body})


async def _abort(send: Send) -> None:
    """Cut the connection. ASGI has no word for it, so this reaches for uvicorn's transport behind `send`."""
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise ConnectionResetError("the local Entra cut the connection: a fault that was asked for")
    transport.abort()
    for _ in range(10):  # a few turns of the loop until uvicorn knows; else it reports an unfinished answer
        if getattr(cycle, "disconnected", True):
            return
        await asyncio.sleep(0)


def _created(resource: str, body: bytes) -> list[str]:
    """The resources that an answer says were created."""
    document = _document(body) or {}
    if "application" in document and "servicePrincipal" in document:
        return [
            f"/applications/{document['application']['id']}",
            f"/servicePrincipals/{document['servicePrincipal']['id']}",
        ]
    return [f"{resource}/{document['id']}"] if "id" in document else []


def _document(body: bytes) -> dict[str, Any] | None:
    """An answer's JSON object; None for a count, an image or nothing."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
