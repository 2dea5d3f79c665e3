"""A server whose certificate is wrong is refused by everything that talks, before it is told anything."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.azuread_stand_in.graph import Graph
from eptura_scim.doctor.endpoint import endpoint
from eptura_scim.errors import ReadableError
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.cloud import Cloud
from eptura_scim.graph.credentials import GitHubOidcCredential, credential_from
from eptura_scim.local_entra import LocalEntra
from eptura_scim.local_entra.provisioning.target import Target, TargetError
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.connection import ConnectionTest
from tests.security.no_wait_transport import NoWaitTransport
from tests.security.tls_server import FAULTS, TlsServer, serving
from tests.security.traces import CLIENT_SECRET, TOKEN
from tests.unit.graph.logged_in import LoggedIn

WRONG = [fault for fault in FAULTS if fault != "none"]
Talk = Callable[[TlsServer], Awaitable[Any]]
WHO = {
    "ARM_TENANT_ID": "22222222-2222-2222-2222-222222222222",
    "ARM_CLIENT_ID": "33333333-3333-3333-3333-333333333333",
    "ARM_CLIENT_SECRET": CLIENT_SECRET,
}


async def metadata(server: TlsServer) -> None:
    client = await connect({"ARM_METADATA_HOSTNAME": server.host, "SSL_CERT_FILE": str(server.bundle), **WHO})
    await client.close()


async def graph(server: TlsServer) -> None:
    cloud = Cloud(f"https://{server.host}", "https://localhost:1")
    client = GraphClient(cloud, LoggedIn(TOKEN), NoWaitTransport(server.bundle))
    try:
        await client.request("PUT", "/servicePrincipals/x/synchronization/secrets", {"value": TOKEN})
    finally:
        await client.close()


async def login(server: TlsServer) -> None:
    transport, cloud = NoWaitTransport(server.bundle), Cloud("https://localhost:1", f"https://{server.host}")
    async with transport:
        client = GraphClient(cloud, credential_from(WHO, cloud, transport), transport)
        await client.request("GET", "/servicePrincipals")


async def github(server: TlsServer) -> None:
    async with NoWaitTransport(server.bundle) as transport:
        credential = GitHubOidcCredential(f"https://{server.host}/token", TOKEN, transport, {})
        await credential.get_token("scope")


async def stand_in(server: TlsServer) -> None:
    variables = {"ARM_METADATA_HOSTNAME": server.host, "SSL_CERT_FILE": str(server.bundle), **WHO}
    asked = Graph(Environment.of(variables), sleep=_no_sleep)
    try:
        await asked.get("/v1.0/applications")
    finally:
        await asked.close()


async def connection_test(server: TlsServer) -> None:
    """The local Entra's, with the client that it is served with."""
    context = ssl.create_default_context(cafile=str(server.bundle))
    test = ConnectionTest(Switches(), lambda: httpx.AsyncClient(verify=context))
    await test.run({"BaseAddress": f"https://{server.host}/scim/v1/", "SecretToken": TOKEN})


async def cycle(server: TlsServer) -> None:
    """What the local Entra provisions with."""
    async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=str(server.bundle))) as client:
        try:
            await Target(client, f"https://{server.host}/scim/v1/", TOKEN).test("userName")
        except TargetError as error:
            raise ReadableError(error.message) from error


async def doctor(server: TlsServer) -> None:
    """Its look at the SCIM endpoint."""
    trusted = ssl.create_default_context(cafile=str(server.bundle))
    found = await endpoint(f"https://{server.host}/scim/v1/", TOKEN, trusted)
    raise ReadableError(str(found))


async def _no_sleep(_seconds: float) -> None:
    return


EVERYBODY: list[Talk] = [metadata, graph, login, github, stand_in, connection_test, cycle, doctor]


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TlsServer]:
    with serving(request.param, tmp_path) as started:
        yield started


@pytest.mark.parametrize("server", WRONG, indirect=True)
@pytest.mark.parametrize("talk", EVERYBODY, ids=lambda talk: talk.__name__)
async def test_a_server_with_a_wrong_certificate_learns_no_secret(talk: Talk, server: TlsServer) -> None:
    with pytest.raises(ReadableError) as refused:
        await talk(server)
    assert "certificate" in str(refused.value).lower(), str(refused.value)
    assert server.heard == b""


@pytest.mark.parametrize("server", ["none"], indirect=True)
@pytest.mark.parametrize("talk", EVERYBODY, ids=lambda talk: talk.__name__)
async def test_the_same_server_with_a_right_certificate_is_asked(talk: Talk, server: TlsServer) -> None:
    with pytest.raises(ReadableError):
        await talk(server)
    assert b"localhost" in server.heard


@pytest.mark.parametrize("server", WRONG[:1], indirect=True)
async def test_a_local_entra_sends_no_token_to_an_untrusted_server(
    server: TlsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.bundle))
    with LocalEntra.start() as entra:
        entra.portal.create_application("Eptura")
        job = entra.portal.create_job()
        context = ssl.create_default_context(cafile=entra.environment["SSL_CERT_FILE"])
        async with httpx.AsyncClient(base_url=entra.url, verify=context) as client:
            principal = entra.portal.service_principal()["id"]
            token = await client.post(
                f"/{entra.tenant.id}/oauth2/v2.0/token",
                data={
                    "grant_type": "client_credentials",
                    "scope": f"{entra.url}/.default",
                    "client_id": entra.tenant.client_id,
                    "client_secret": entra.tenant.client_secret,
                },
            )
            answer = await client.post(
                f"/v1.0/servicePrincipals/{principal}/synchronization/jobs/{job}/validateCredentials",
                headers={"Authorization": f"Bearer {token.json()['access_token']}"},
                json={
                    "credentials": [
                        {"key": "BaseAddress", "value": f"https://{server.host}/scim/v1/"},
                        {"key": "SecretToken", "value": TOKEN},
                    ]
                },
            )
    assert answer.status_code == 400
    assert "certificate" in answer.json()["error"]["message"].lower()
    assert server.heard == b""
