"""Servers on the loopback address whose certificates are wrong, each in one way."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import trustme

__all__ = ["FAULTS", "TlsServer", "serving"]

FAULTS = ("foreign certificate", "wrong host name", "expired", "none")
"""What is wrong; `none` is a right one, to show that the tests can fail."""

_ANSWER = (
    b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
)


class TlsServer:
    """Answers 404 to each client that trusts it; `heard` is all that it was told."""

    def __init__(self, context: ssl.SSLContext, bundle: Path) -> None:
        self._context = context
        self.bundle = bundle
        self.heard = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.host = f"localhost:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                connection.settimeout(10)
                with self._context.wrap_socket(connection, server_side=True) as secured:
                    self.heard += secured.recv(65536)
                    secured.sendall(_ANSWER)


@contextlib.contextmanager
def serving(fault: str, folder: Path) -> Iterator[TlsServer]:
    """A server with such a certificate; its `bundle` holds the authority that clients are told to trust."""
    trusted, foreign = trustme.CA(), trustme.CA()
    match fault:
        case "foreign certificate":
            leaf = foreign.issue_cert("localhost", "127.0.0.1")
        case "wrong host name":
            leaf = trusted.issue_cert("graph.microsoft.com")
        case "expired":
            past = datetime(2024, 1, 1, tzinfo=UTC)
            leaf = trusted.issue_cert("localhost", "127.0.0.1", not_before=past, not_after=past.replace(year=2025))
        case _:
            leaf = trusted.issue_cert("localhost", "127.0.0.1")
    bundle = folder / "bundle.pem"
    trusted.cert_pem.write_to_path(bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    server = TlsServer(context, bundle)
    try:
        yield server
    finally:
        server.close()
