"""The outermost application: request ids, the log of calls, faults, tokens, permissions, Graph's error bodies."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eptura_scim.local_entra.api.batch import Part, run_batch
from eptura_scim.local_entra.api.call_log import Calls
from eptura_scim.local_entra.api.faults import Fault, Faults
from eptura_scim.local_entra.api.login import AccessTokens, fault_of_login, login_failure
from eptura_scim.local_entra.api.paths import VERSIONS, Paths
from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.directory.audit_log import CALLED_BY_APP
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.local_entra.odata.query import with_dollar
from eptura_scim.local_entra.permissions import Access

__all__ = ["Gate"]

_ACTIONS = {"start", "pause", "restart"}
_WRITES = {"PUT", "PATCH", "POST", "DELETE"}
_PAGE = b"<!DOCTYPE html><html><body>One moment, please.</body></html>"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Asked:
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


class Gate:
    """Answers everything but the SCIM server's paths, which it passes on."""

    def __init__(
        self,
        *,
        graph: ASGIApp,
        login: ASGIApp,
        scim: ASGIApp,
        paths: Paths,
        tokens: AccessTokens,
        access: Access,
        calls: Calls,
        faults: Faults,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._graph = graph
        self._login = login
        self._scim = scim
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
        asked = await _read(scope, receive)
        answer, fault = await self._recorded(replace(asked, canonical=self._paths.canonical(asked.path)))
        if fault is not None and fault.kind == "reset":
            await _abort(send)
            return
        await _send(answer, send, truncated=fault is not None and fault.kind == "truncate")

    async def _recorded(self, asked: _Asked) -> tuple[_Answer, Fault | None]:
        """The answer to a request, noted in the log of calls, and the fault that it met."""
        fault = self._faults.take(asked.method, asked.path, asked.headers.get("user-agent", ""))
        answer = await self._met(asked, fault) if fault else await self._served(asked)
        cut = fault is not None and fault.kind == "reset"
        self._calls.record(
            method=asked.method,
            path=asked.path,
            query=unquote_plus(asked.scope["query_string"].decode("latin-1")),
            status=0 if cut else answer.status,
            request_id=asked.id,
            user_agent=asked.headers.get("user-agent", ""),
            body=asked.body,
            fault=fault.kind if fault else None,
            canonical=asked.canonical,
        )
        return answer, fault

    async def _met(self, asked: _Asked, fault: Fault) -> _Answer:
        if fault.kind == "slow":
            await self._sleep(fault.delay)
            return await self._served(asked)
        answer = await self._served(asked) if fault.applied or fault.kind in {"truncate", "garble"} else _Answer(0)
        if fault.delay:
            await self._sleep(fault.delay)
        if fault.kind == "garble":
            return _Answer(200, {**self._ids(asked), "content-type": "text/html"}, _PAGE)
        if fault.kind != "status":
            return answer
        if asked.version is None and asked.path.endswith("/token"):
            response = login_failure(
                fault_of_login(fault.status), f"https://{asked.headers.get('host', '')}", self._clock
            )
            return _Answer(
                response.status_code, {**fault.headers, "content-type": "application/json"}, bytes(response.body)
            )
        code, message = fault.error
        return self._failure(asked, GraphError(fault.status, code, message, fault.headers))

    async def _served(self, asked: _Asked) -> _Answer:
        try:
            if asked.version is None:
                return await self._dispatched(self._login, asked, asked.path)
            claims = self._tokens.check(asked.headers.get("authorization", ""))
            if asked.below_version == "/$batch" and asked.method == "POST":
                return await self._batch(asked)
            self._access.check(asked.method, asked.below_version, claims)
            return await self._replicated(asked)
        except GraphError as error:
            return self._failure(asked, error)
        except Exception:
            # A bug of ours. Its text may hold anything of the request: it goes to the log, not to the client.
            _log.exception("%s %s failed", asked.method, asked.path)
            return self._failure(
                asked, GraphError(500, "InternalServerError", "The local Entra has a bug; see its log.")
            )

    async def _batch(self, asked: _Asked) -> _Answer:
        async def ask(part: Part) -> Part:
            path, _, query = part.url.partition("?")
            whole = f"/{asked.version}{path}"
            inner = replace(
                asked,
                scope={**asked.scope, "query_string": query.encode()},
                method=part.method,
                path=whole,
                canonical=self._paths.canonical(whole),
                headers={**asked.headers, **(part.headers or {}), "authorization": asked.headers["authorization"]},
                body=part.body,
                id=str(uuid.uuid4()),
            )
            answer, _ = await self._recorded(inner)
            return Part(status=answer.status or 503, headers=answer.headers, body=answer.body)

        document = await run_batch(asked.body, ask)
        headers = {**self._ids(asked), "content-type": "application/json"}
        return _Answer(200, headers, json.dumps(document).encode())

    async def _replicated(self, asked: _Asked) -> _Answer:
        """What the replica that is asked knows: lag after a creation, stale reads after a write."""
        if self._faults.lags(asked.resource):
            raise GraphError.no_object(asked.resource.rpartition("/")[2])
        if asked.method == "GET" and isinstance(old := self._faults.stale(asked.resource), _Answer):
            return replace(old, headers={**old.headers, "request-id": asked.id, "client-request-id": asked.id})
        before, reads = None, 0
        if asked.method in _WRITES and (reads := self._faults.wants_stale(asked.method, asked.path)):
            before = await self._graph_answer(replace(asked, method="GET", body=b""), asked.resource)
        answer = await self._graph_answer(asked, asked.below_version)
        if answer.status < 300 and before is not None:
            self._faults.keep_stale(asked.resource, reads, before)
        if answer.status == 201:
            self._faults.created(asked.method, asked.path, _created(asked.resource, answer.body))
        return self._without_lagging(asked, answer) if asked.method == "GET" else answer

    async def _graph_answer(self, asked: _Asked, path: str) -> _Answer:
        before = CALLED_BY_APP.set(True)
        try:
            answer = await self._dispatched(self._graph, asked, path)
        finally:
            CALLED_BY_APP.reset(before)
        if answer.status == 405:
            raise GraphError(405, "MethodNotAllowed", f"{asked.method} is not allowed on {path}.", answer.headers)
        if answer.status == 404 and not answer.headers.get("content-type", "").startswith("application/json"):
            raise GraphError.not_modelled(f"{asked.method} {path}")
        return answer

    def _without_lagging(self, asked: _Asked, answer: _Answer) -> _Answer:
        document = _document(answer.body) if answer.status == 200 else None
        values = document.get("value") if document is not None else None
        if document is None or not isinstance(values, list):
            return answer
        seen = [
            item
            for item in values
            if not (isinstance(item, dict) and "id" in item and self._faults.lags(f"{asked.resource}/{item['id']}"))
        ]
        if len(seen) == len(values):
            return answer
        return replace(answer, body=json.dumps({**document, "value": seen}).encode())

    async def _dispatched(self, app: ASGIApp, asked: _Asked, path: str) -> _Answer:
        """Run an inner application on a request that was read already, and collect its answer."""
        status, headers, body = 500, {}, b""

        async def receive() -> Message:
            return {"type": "http.request", "body": asked.body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in message["headers"]}
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")

        query = asked.scope["query_string"]
        if asked.version == "beta":  # "on the beta endpoint, the $ prefix is optional"
            pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            query = urlencode(with_dollar(pairs)).encode()
        scope = {
            **asked.scope,
            "query_string": query,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers.items()],
            "method": asked.method,
            "path": path,
            "raw_path": path.encode(),
            "state": {"graph_version": asked.version or "", "asked_path": asked.path},
        }
        await app(scope, receive, send)
        headers.pop("content-length", None)
        return _Answer(status, {**headers, **self._ids(asked)}, body)

    def _ids(self, asked: _Asked) -> dict[str, str]:
        return {"request-id": asked.id, "client-request-id": asked.headers.get("client-request-id", asked.id)}

    def _failure(self, asked: _Asked, error: GraphError) -> _Answer:
        ids = self._ids(asked)
        inner = {"date": f"{self._clock():%Y-%m-%dT%H:%M:%S}", **ids}
        body: dict[str, Any] = {"error": {"code": error.code, "message": error.message, "innerError": inner}}
        headers = {**error.headers, **ids, "content-type": "application/json"}
        return _Answer(error.status, headers, json.dumps(body).encode())


async def _read(scope: Scope, receive: Receive) -> _Asked:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    return _Asked(scope, scope["method"], scope["path"], body, headers, str(uuid.uuid4()))


async def _send(answer: _Answer, send: Send, *, truncated: bool) -> None:
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
    document = json.loads(body)
    return document if isinstance(document, dict) else None
