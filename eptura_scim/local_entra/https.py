"""HTTPS on the loopback address, in a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from eptura_scim.local_entra.certificates import Certificates
from eptura_scim.local_entra.errors import PortTakenError, StartFailedError

__all__ = ["HOST", "listen", "serve_in_thread"]

HOST = "127.0.0.1"
"""The only address that is listened on."""

_END_SECONDS = 15.0
_ANSWER_SECONDS = 2.0
# Longer than clients keep an idle connection (httpx: 5 s, as uvicorn by default), so that the client closes it: a
# request that meets the close of the server is cut.
_KEEP_ALIVE_SECONDS = 120


def listen(port: int) -> socket.socket:
    """A socket that listens on a port, 0 for a free one. Raises PortTakenError."""
    # Named as TCP: asyncio sends small answers at once only on sockets that are (else Nagle's 40 ms an answer).
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A port whose last connections are still winding down counts as free; one that is listened on does not.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        # At once: two that are only bound can share a port, and the later one would fail when it has begun to serve.
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        raise PortTakenError(f"port {port} of {HOST} cannot be used ({error}); choose another with --port") from error
    return listening


class _Server(uvicorn.Server):
    """Ends at once: waits for answers that are under way, not for clients that keep their connection open."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_ANSWER_SECONDS)
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        await super().shutdown(sockets)


def serve_in_thread(app: ASGIApp, listening: socket.socket, certificates: Certificates) -> Callable[[], None]:
    """Serve in a thread; returns what ends it. Raises StartFailedError where the server ends before it has begun."""
    config = uvicorn.Config(
        app,
        ssl_certfile=str(certificates.server),
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="local-entra", daemon=True)
    thread.start()

    def end() -> None:
        server.should_exit = True
        thread.join(_END_SECONDS)

    waited = threading.Event()
    while not server.started:
        if not thread.is_alive():
            raise StartFailedError("the local Entra did not come up; see its log")
        waited.wait(0.01)
    return end
