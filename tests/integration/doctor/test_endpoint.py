"""Why Eptura's endpoint does not answer as it should: each reason apart."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

import pytest

from eptura_scim.doctor.endpoint import endpoint
from eptura_scim.graph.client import ssl_context
from eptura_scim.local_entra import Fault, LocalEntra


@pytest.fixture(scope="module")
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        yield started


@pytest.fixture
def trusted(entra: LocalEntra) -> ssl.SSLContext:
    return ssl_context(entra.environment)


async def test_an_endpoint_that_accepts_the_token_is_green(entra: LocalEntra, trusted: ssl.SSLContext) -> None:
    finding = await endpoint(entra.scim.url, entra.scim.token, trusted)
    assert finding.status == "green", finding


async def test_a_refused_token_is_told_from_a_missing_token(entra: LocalEntra, trusted: ssl.SSLContext) -> None:
    refused = await endpoint(entra.scim.url, "secret-5d", trusted)
    assert (refused.status, "refuses the token (401)" in refused.said) == ("red", True)
    assert "secret-5d" not in str(refused)
    missing = await endpoint(entra.scim.url, None, trusted)
    assert (missing.status, "no token is set" in missing.said) == ("yellow", True)


async def test_another_api_at_the_address_is_not_scim(entra: LocalEntra, trusted: ssl.SSLContext) -> None:
    finding = await endpoint(f"{entra.url}/metadata/", entra.scim.token, trusted)
    assert "where SCIM users are expected" in finding.said
    assert "compare tenantUrl" in finding.todo


async def test_a_name_that_does_not_exist_is_dns(trusted: ssl.SSLContext) -> None:
    finding = await endpoint("https://scim.invalid/scim/v1/", "x", trusted)
    assert "scim.invalid cannot be reached: DNS does not know the name" in finding.said


async def test_a_closed_port_is_tcp(trusted: ssl.SSLContext) -> None:
    with socket.socket() as bound:  # bound and not listened on: no other process can take it
        bound.bind(("127.0.0.1", 0))
        finding = await endpoint(f"https://127.0.0.1:{bound.getsockname()[1]}/scim/v1/", "x", trusted)
    assert "TCP: no connection" in finding.said


async def test_an_untrusted_certificate_is_tls(entra: LocalEntra) -> None:
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


async def test_a_proxy_that_is_not_there_is_told_as_the_proxy(
    entra: LocalEntra, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{bound.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "")
        finding = await endpoint(entra.scim.url, "x", trusted)
    assert "the proxy of this machine does not let it through" in finding.said
    assert "check HTTPS_PROXY" in finding.todo


async def test_a_server_that_says_nothing_is_not_waited_for_forever(trusted: ssl.SSLContext) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        finding = await endpoint(f"https://127.0.0.1:{port}/scim/v1/", "x", trusted, seconds=0.05)
    assert "TCP: no answer in time" in finding.said
    assert "a firewall" in finding.todo


async def test_a_connection_that_breaks_off_is_to_be_tried_again(entra: LocalEntra, trusted: ssl.SSLContext) -> None:
    entra.faults.add(Fault(path="/Users$", kind="reset", times=9))
    finding = await endpoint(f"{entra.url}/v1.0/", "x", trusted)
    entra.faults.clear()
    assert "the connection broke off (ServerDisconnectedError)" in finding.said
    assert finding.todo.startswith("try again. ")


async def test_a_page_of_a_proxy_is_not_scim(entra: LocalEntra, trusted: ssl.SSLContext) -> None:
    entra.faults.add(Fault(path="/Users$", kind="garble"))
    finding = await endpoint(f"{entra.url}/v1.0/", "x", trusted)
    assert (finding.status, "answers, but not with a SCIM list" in finding.said) == ("red", True)
