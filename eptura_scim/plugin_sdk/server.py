"""Serves a provider to the engine over gRPC.

A request that fails is answered with one line for the user's terminal: the text of a ReadableError, or for a defect its
kind and place, without the values that an exception's text may hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf import empty_pb2

from eptura_scim.errors import ReadableError, kind_and_place
from eptura_scim.plugin_sdk.errors import PartlyCreatedError
from eptura_scim.plugin_sdk.messages import Messages
from eptura_scim.plugin_sdk.protocol import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.values import encode

__all__ = ["listen", "serve"]

_MESSAGE_SIZE = 400 * 1024 * 1024  # bytes; the engine's own limit
_LINE_LENGTH = 4000  # characters; gRPC cuts a connection off whose error text is longer than 8 to 16 kB
_PARENT_CHECK_SECONDS = 2.0
_STOP_GRACE_SECONDS = 2.0
_DETAILS = "grpc-status-details-bin"


class _Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Hands requests to a provider; they end when the engine is told to stop."""

    def __init__(self, provider: ResourceProvider, version: str) -> None:
        self._provider = provider
        self._version = version

    async def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802 the protocol's
        return plugin_pb2.PluginInfo(version=self._version)

    async def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802 the protocol's
        await self._provider.cancel()
        return empty_pb2.Empty()


def _handed_on(method: str) -> Callable[..., Awaitable[Any]]:
    async def call(self: _Servicer, request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        provider = self._provider
        try:
            return await provider.requests.run(getattr(provider, method)(request))
        except Exception as error:  # the last place before the user's terminal
            line = _line(error)[:_LINE_LENGTH]
            if isinstance(error, PartlyCreatedError):
                context.set_trailing_metadata(((_DETAILS, _init_failed_detail(error, line)),))
            await context.abort(grpc.StatusCode.UNKNOWN, line)

    return call


def _not_offered(name: str) -> Callable[..., Awaitable[Any]]:
    async def call(self: _Servicer, request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{name} is not offered by this provider")

    return call


for _name, _method in (
    ("Check", "check"),
    ("CheckConfig", "check_config"),
    ("Configure", "configure"),
    ("Create", "create"),
    ("Delete", "delete"),
    ("Diff", "diff"),
    ("DiffConfig", "diff_config"),
    ("GetSchema", "get_schema"),
    ("Invoke", "invoke"),
    ("Read", "read"),
    ("Update", "update"),
):
    setattr(_Servicer, _name, _handed_on(_method))
for _name in ("Call", "Construct", "List", "Parameterize"):
    setattr(_Servicer, _name, _not_offered(_name))


def _line(error: Exception) -> str:
    if isinstance(error, ReadableError):
        return str(error)
    return f"the provider failed unexpectedly: {kind_and_place(error)}. This is a defect; please report it"


def _init_failed_detail(error: PartlyCreatedError, line: str) -> bytes:
    """What the engine keeps of a creation that failed after the object was made."""
    failed = provider_pb2.ErrorResourceInitFailed(id=error.id, properties=encode(error.outputs), reasons=[line])
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=line)
    status.details.add().Pack(failed)
    return bytes(status.SerializeToString())


def serve(provider: ResourceProvider, version: str) -> None:
    """Answer the engine's calls until it ends the process. The engine reads the port from standard output."""
    if len(sys.argv) < 2:
        sys.exit(f"{sys.argv[0]} is a Pulumi plugin: the engine starts it. To use it, run `pulumi up`.")
    # The engine shows what a plugin writes to standard error: what libraries log is not for the user's terminal.
    logging.getLogger().addHandler(logging.NullHandler())
    asyncio.run(_serve(provider, version, engine_address=sys.argv[1]))
    # The engine waits until its plugins have ended, and Python would take each loaded module apart first.
    os._exit(0)


async def listen(provider: ResourceProvider, version: str) -> tuple[grpc.aio.Server, int]:
    """A server that answers for the provider on a free port of the loopback address, and that port."""
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", _MESSAGE_SIZE)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(_Servicer(provider, version), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


async def _serve(provider: ResourceProvider, version: str, engine_address: str) -> None:
    provider.messages = Messages(engine_address)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server, port = await listen(provider, version)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while not stop.is_set() and os.getppid() == parent:  # a killed engine cannot end its plugins
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _PARENT_CHECK_SECONDS)
    await provider.cancel()
    await server.stop(grace=_STOP_GRACE_SECONDS)
