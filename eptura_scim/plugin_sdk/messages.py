"""Messages to the user, shown by the engine beside the resource that they are about."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextvars import ContextVar
from typing import Any

import grpc
import grpc.aio

from eptura_scim.plugin_sdk.difference import DifferenceKind, Path, render
from eptura_scim.plugin_sdk.protocol import engine_pb2, engine_pb2_grpc
from eptura_scim.plugin_sdk.values import UNKNOWN

__all__ = ["Messages", "diff_lines", "inform", "set_current_urn", "warn"]

_DIRECT = [("grpc.enable_http_proxy", 0)]  # the engine is on this machine, and https_proxy is for others


class Messages:
    """Sends messages to the engine at `address`; without one they are dropped. A failed message is ignored."""

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._stub: Any = None

    async def info(self, urn: str, text: str) -> None:
        """Something to know."""
        await self._send(engine_pb2.INFO, urn, text)

    async def warning(self, urn: str, text: str) -> None:
        """Something to decide on."""
        await self._send(engine_pb2.WARNING, urn, text)

    async def _send(self, severity: Any, urn: str, text: str) -> None:
        if not self._address:
            return
        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.aio.insecure_channel(self._address, options=_DIRECT))
        try:
            await self._stub.Log(engine_pb2.LogRequest(severity=severity, message=text, urn=urn))
        except grpc.aio.AioRpcError:
            return


_asked: ContextVar[tuple[Messages, str] | None] = ContextVar("asked", default=None)


def set_current_urn(messages: Messages, urn: str) -> None:
    """From here on, and in this request only, `warn` is about this resource."""
    _asked.set((messages, urn))


async def inform(text: str) -> None:
    """Tell what happens to the resource that the engine asks for at the moment."""
    if asked := _asked.get():
        messages, urn = asked
        await messages.info(urn, text)


async def warn(text: str) -> None:
    """Warn about the resource that the engine asks for at the moment."""
    if asked := _asked.get():
        messages, urn = asked
        await messages.warning(urn, text)


def diff_lines(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    found: Iterable[tuple[Path, DifferenceKind]],
    digests: Collection[str] = (),
) -> list[str]:
    """A line for each difference. The engine's plain preview names the outermost property only, these name each.

    `digests` are paths whose values tell a reader nothing: their lines say only that they changed.
    """
    lines = []
    for path, kind in found:
        if render(path) in digests:
            lines.append(f"~ {render(path)}: changed")
            continue
        match kind:
            case "add":
                lines.append(f"+ {render(path)}: {_shown(_at(new, path))}")
            case "delete":
                lines.append(f"- {render(path)}: {_shown(_at(old, path))}")
            case "update":
                before, after = _shown(_at(old, path)), _shown(_at(new, path))
                lines.append(f"~ {render(path)}: {before} => {after}{' (again)' if before == after else ''}")
    return lines


def _at(tree: Any, path: Path) -> Any:
    for segment in path:
        tree = tree[segment]
    return tree


def _shown(value: Any) -> str:
    if value is UNKNOWN:
        return "known after the update"
    if isinstance(value, Mapping) and "source" in value:  # of an attribute mapping, its source is shown
        value = value["source"]
    return json.dumps(value, ensure_ascii=False, default=lambda _: "known after the update")
