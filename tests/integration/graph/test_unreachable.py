"""A host that cannot be reached is told in our words, whatever the library says of it."""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlsplit

import pytest

from eptura_scim.graph.client import connect
from eptura_scim.graph.errors import UnreachableError
from eptura_scim.local_entra import LocalEntra


async def what_is_said(host: str) -> str:
    with pytest.raises(UnreachableError) as caught:
        await connect({"ARM_METADATA_HOSTNAME": host})
    return str(caught.value)


async def test_a_name_that_is_not_found() -> None:
    assert await what_is_said("entra.invalid") == (
        "ARM_METADATA_HOSTNAME: entra.invalid cannot be reached: its name is not found. See whether this machine is "
        "online, and whether HTTPS_PROXY names the proxy of its network; then run again"
    )


async def test_a_port_on_which_no_server_listens() -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    said = await what_is_said(f"localhost:{port}")
    assert said == (
        f"ARM_METADATA_HOSTNAME: localhost:{port} cannot be reached: it refuses connections. Start the local Entra "
        "(`eptura-scim local start --detach`), or correct ARM_METADATA_HOSTNAME"
    )


async def test_a_certificate_that_is_not_trusted() -> None:
    with LocalEntra.start() as entra:
        host = urlsplit(entra.url).netloc
        assert await what_is_said(host) == (
            f"ARM_METADATA_HOSTNAME: {host} cannot be reached: its certificate is not trusted. Set SSL_CERT_FILE as "
            "`eptura-scim local env` prints it, and run again"
        )


async def test_a_server_without_tls() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert ": it does not speak TLS. " in await what_is_said(f"localhost:{port}")
