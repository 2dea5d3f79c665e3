"""Why Eptura's endpoint does not answer as it should: each reason apart."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

import pytest

from eptura_scim.checkup.endpoint import endpoint
from eptura_scim.emulator import LocalEntra
from eptura_scim.graph.client import trust


@pytest.fixture(scope="module")
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        yield started


@pytest.fixture
def trusted(entra: LocalEntra) -> ssl.SSLContext:
    return trust(entra.environment)


async def test_an_endpoint_that_takes_the_token_is_green_and_no_user_is_read(
    entra: LocalEntra, trusted: ssl.SSLContext
) -> None:
    finding = await endpoint(entra.scim.url, entra.scim.token, trusted)
    assert finding.status == "green", finding


async def test_a_refused_token_is_told_from_one_that_is_not_set(entra: LocalEntra, trusted: ssl.SSLContext) -> None:
    refused = await endpoint(entra.scim.url, "secret-5d", trusted)
    assert (refused.status, "refuses the token (401)" in refused.said) == ("red", True)
    assert "secret-5d" not in str(refused)
    missing = await endpoint(entra.scim.url, None, trusted)
    assert (missing.status, "there is none to try" in missing.said) == ("yellow", True)


async def test_another_api_at_the_address_is_not_scim(entra: LocalEntra, trusted: ssl.SSLContext) -> None:
    finding = await endpoint(f"{entra.url}/metadata/", entra.scim.token, trusted)
    assert "where SCIM users are expected" in finding.said
    assert "compare tenantUrl" in finding.todo


async def test_a_name_that_does_not_exist_is_dns(trusted: ssl.SSLContext) -> None:
    finding = await endpoint("https://scim.invalid/scim/v1/", "x", trusted)
    assert "scim.invalid cannot be reached: DNS does not know the name" in finding.said


async def test_a_closed_port_is_tcp(trusted: ssl.SSLContext) -> None:
    with socket.socket() as bound:  # bound and not listened on: nobody else can take it
        bound.bind(("127.0.0.1", 0))
        finding = await endpoint(f"https://127.0.0.1:{bound.getsockname()[1]}/scim/v1/", "x", trusted)
    assert "TCP: no connection" in finding.said


async def test_a_certificate_that_nobody_trusts_is_tls(entra: LocalEntra) -> None:
    finding = await endpoint(entra.scim.url, entra.scim.token, ssl.create_default_context())
    assert "TLS: its certificate is not trusted" in finding.said


async def test_a_port_without_tls_is_tls(trusted: ssl.SSLContext) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        finding = await endpoint(f"https://127.0.0.1:{port}/scim/v1/", "x", trusted)
    assert "TLS: no agreement" in finding.said
