"""The way between the plugins and the local Entra without a socket: each call is told, and may end the run."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import httpx
from multidict import CIMultiDict
from starlette.types import ASGIApp, Message

from eptura_scim.graph.client import Transport
from eptura_scim.graph.secrets import MASKED

__all__ = ["KilledError", "LateReplica", "Wire"]

Hook = Callable[[str, str], Awaitable[None]]


class KilledError(BaseException):
    """The process is killed: no code of the plugins may catch it."""


@dataclass(frozen=True)
class _WireResponse:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    whole: bool


@dataclass
class LateReplica:
    """Answers one read as at an earlier time: the one of this number, from 0, whose path a pattern finds."""

    pattern: str
    number: int
    answers: Mapping[str, _WireResponse]
    """By path."""
    reads: int = 0
    """How many reads the pattern has found."""

    def answer(self, path: str) -> _WireResponse | None:
        """The earlier answer; None for a read that another replica answers."""
        if re.search(self.pattern, path) is None:
            return None
        self.reads += 1
        return self.answers.get(path) if self.reads == self.number + 1 else None


class Wire:
    """Carries calls to an ASGI application. `before` and `after` are told the method and the path of each call."""

    def __init__(self, app: ASGIApp, before: Hook, after: Hook) -> None:
        self.read: dict[str, _WireResponse] = {}
        """The last answer to a GET of each path."""
        self.late: LateReplica | None = None
        self.masks_tenant_url = False
        """Whether Graph shows the saved tenant URL as it shows the token."""
        self._app = app
        self._before = before
        self._after = after

    def httpx(self) -> httpx.AsyncBaseTransport:
        """For the azuread stand-in."""
        return _HttpxTransport(self)

    def azure(self, sleep: Callable[[float], Awaitable[None]]) -> Transport:
        """For our Graph client, whose retries then wait by `sleep`."""
        return _AzureTransport(self, sleep)

    async def carry(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> _WireResponse:
        """One call. Raises ConnectionResetError where no answer comes."""
        parts = urlsplit(url)
        await self._before(method, parts.path)
        late = self.late.answer(parts.path) if self.late and method == "GET" else None
        answer = late or await self._exchange(method, parts.path, parts.query, headers, body)
        if self.masks_tenant_url and method == "GET" and parts.path.endswith("/synchronization/secrets"):
            answer = _without_tenant_url(answer)
        if method == "GET":
            self.read[parts.path] = answer
        await self._after(method, parts.path)
        return answer

    async def _exchange(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> _WireResponse:
        started: list[Message] = []
        received = b""

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal received
            if message["type"] == "http.response.start":
                started.append(message)
            received += message.get("body", b"")

        given = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "https", "method": method,
            "path": httpx.URL(path).path, "raw_path": path.encode(), "root_path": "", "query_string": query.encode(),
            "headers": [(b"host", b"localhost"), *((name, value) for name, value in given if name != b"host")],
            "server": ("localhost", 443), "client": ("127.0.0.1", 1), "extensions": {},
        }  # fmt: skip
        whole = True
        try:
            await self._app(scope, receive, send)
        except ConnectionResetError:
            if not started:
                raise
            whole = False
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in started[0]["headers"]]
        return _WireResponse(started[0]["status"], pairs, received, whole)


def _without_tenant_url(answer: _WireResponse) -> _WireResponse:
    """Source: Microsoft Graph, synchronizationSecretKeyStringValuePair; which values it masks is not documented."""
    shown = json.loads(answer.body)
    for pair in shown.get("value", []):
        if pair["key"] == "BaseAddress":
            pair["value"] = MASKED
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    return replace(answer, headers=headers, body=json.dumps(shown).encode())


class _HttpxTransport(httpx.AsyncBaseTransport):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await self._wire.carry(request.method, str(request.url), request.headers, await request.aread())
        except ConnectionResetError:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.") from None
        if not answer.whole:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)


class _AzureTransport(Transport):
    def __init__(self, wire: Wire, sleep: Callable[[float], Awaitable[None]]) -> None:
        super().__init__(session=_Session(wire))
        self._sleep = sleep

    async def sleep(self, duration: float) -> None:
        await self._sleep(duration)


class _Session:
    """What azure-core needs of an aiohttp session."""

    auto_decompress = False

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def __aenter__(self) -> _Session:
        return self

    async def __aexit__(self, *_error: object) -> None:
        return

    async def close(self) -> None:
        return

    async def request(self, method: str, url: str, *, headers: Mapping[str, str], data: Any, **_options: Any) -> Any:
        body = urlencode(data).encode() if isinstance(data, Mapping) else data or b""
        try:
            answer = await self._wire.carry(method, url, headers, body.encode() if isinstance(body, str) else body)
        except ConnectionResetError:
            raise aiohttp.ServerDisconnectedError from None
        return _Response(answer)


class _Response:
    """What azure-core needs of an aiohttp response."""

    def __init__(self, answer: _WireResponse) -> None:
        self.status = answer.status
        self.reason = str(answer.status)
        self.headers = CIMultiDict(answer.headers)
        self.content = self
        self._left = answer.body
        self._whole = answer.whole

    async def read(self, size: int = -1) -> bytes:
        part, self._left = (self._left, b"") if size < 0 else (self._left[:size], self._left[size:])
        if not part and not self._whole:
            raise aiohttp.ClientPayloadError("the answer was cut")
        return part

    def close(self) -> None:
        return
