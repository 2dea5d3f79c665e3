"""The real server: HTTPS with its own authority, in a thread, on the loopback address only."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from eptura_scim import local_entra
from eptura_scim.local_entra import Fault, LocalEntra, PortTakenError, StartFailedError, Tenant
from eptura_scim.local_entra.certificates import Certificates
from eptura_scim.local_entra.https import listen, serve_in_thread
from tests.integration.local_entra.graph_client import GraphClient, pairs


@pytest.fixture(scope="module")
def served() -> Iterator[LocalEntra]:
    with LocalEntra.start() as entra:
        yield entra


@pytest.fixture
async def online(served: LocalEntra) -> AsyncIterator[GraphClient]:
    context = ssl.create_default_context(cafile=served.environment["SSL_CERT_FILE"])
    async with httpx.AsyncClient(base_url=served.url, verify=context) as http:
        yield GraphClient(served, http)
    served.faults.clear()


async def test_graph_login_and_scim_are_served_over_https(online: GraphClient, served: LocalEntra) -> None:
    app = await online.new_app()
    await online.connect(app)
    path = f"{app.job_path}/validateCredentials"

    assert (await online.ask("POST", path, {"useSavedCredentials": True})).status_code == 204
    body = {"credentials": pairs(BaseAddress=served.scim.url, SecretToken="wrong")}
    assert (await online.ask("POST", path, body)).status_code == 400
    body = {"credentials": pairs(BaseAddress=served.scim.url.replace("localhost", "127.0.0.2"), SecretToken="x")}
    assert (await online.ask("POST", path, body)).status_code == 400


async def test_a_client_without_the_authority_refuses_the_certificate(served: LocalEntra) -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await http.get(f"{served.url}/metadata/endpoints")


def test_the_environment_is_what_the_azuread_provider_reads(served: LocalEntra) -> None:
    environment = served.environment
    assert environment["ARM_METADATA_HOSTNAME"] == served.url.removeprefix("https://")
    assert environment["ARM_TENANT_ID"] == served.tenant.id
    assert environment["ARM_CLIENT_ID"] == served.tenant.client_id
    assert environment["ARM_CLIENT_SECRET"] == served.tenant.client_secret


def test_other_addresses_stay_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    certificates = Certificates.of(tmp_path)
    own = (tmp_path / "ca.pem").read_text()
    bundle = certificates.bundle.read_text()
    assert bundle.startswith(own)
    assert bundle.count("BEGIN CERTIFICATE") > 50

    # The authority of a company's proxy, as its computers name it.
    (tmp_path / "company.pem").write_text("company")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "company.pem"))
    assert Certificates.of(tmp_path).bundle.read_text() == f"{own}company"
    # What `eptura-scim local env` set is not put into itself.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.bundle))
    assert Certificates.of(tmp_path).bundle.read_text() == bundle


def test_both_names_of_the_loopback_are_in_the_certificate(served: LocalEntra) -> None:
    context = ssl.create_default_context(cafile=served.environment["SSL_CERT_FILE"])
    port = int(served.url.rpartition(":")[2])
    for host in ("localhost", "127.0.0.1"):
        answer = httpx.get(f"https://{host}:{port}/metadata/endpoints", verify=context).json()
        assert answer["resourceManager"] == f"https://{host}:{port}"


LOGIN = """
import asyncio, os
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential

base = "https://" + os.environ["ARM_METADATA_HOSTNAME"]
who = [os.environ[name] for name in ("ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET")]
how = {"authority": base, "disable_instance_discovery": True}

async def login():
    async with AsyncClientSecretCredential(*who, **how) as credential:
        return await credential.get_token(base + "/.default")

for token in (ClientSecretCredential(*who, **how).get_token(base + "/.default"), asyncio.run(login())):
    print(token.token.count("."))
"""


def test_azure_identity_logs_in_both_ways(served: LocalEntra) -> None:
    # In a process of its own: aiohttp reads SSL_CERT_FILE once, when it is imported; requests has its own variable.
    environment = {**served.environment, "REQUESTS_CA_BUNDLE": served.environment["SSL_CERT_FILE"]}
    done = subprocess.run(
        [sys.executable, "-c", LOGIN], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["2", "2"], done.stderr


@pytest.mark.parametrize("kind", ["reset", "truncate"])
async def test_a_connection_is_cut(
    kind: str, online: GraphClient, served: LocalEntra, caplog: pytest.LogCaptureFixture
) -> None:
    await online.get("/applications")
    served.faults.add(Fault.model_validate({"path": "/applications", "kind": kind}))

    with pytest.raises(httpx.RemoteProtocolError):
        await online.ask("GET", "/applications")
    assert list(served.calls)[-1].fault == kind
    assert (await online.ask("GET", "/applications")).status_code == 200
    assert caplog.text == ""


def test_the_server_listens_on_the_loopback_address_alone(served: LocalEntra) -> None:
    port = int(served.url.rpartition(":")[2])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=1)


def test_a_port_in_use_is_a_clear_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} .* choose another with --port"):
            LocalEntra.start(port=port)
    with pytest.raises(PortTakenError):
        LocalEntra.start(port=70000)


def test_a_port_is_reserved_before_the_first_request() -> None:
    with listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTakenError):
            LocalEntra.start(port=port)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_that_cannot_begin_is_an_error(tmp_path: Path) -> None:
    listening = listen(0)
    listening.close()
    with pytest.raises(StartFailedError, match="did not come up; see its log"):
        serve_in_thread(LocalEntra.in_process().app, listening, Certificates.of(tmp_path))


def test_an_answer_that_is_under_way_comes_before_the_end() -> None:
    asked = threading.Event()

    async def hold(_seconds: float) -> None:
        asked.set()
        await asyncio.sleep(0.3)  # longer than the server needs to see that it is to end

    entra = LocalEntra.start(sleep=hold)
    entra.faults.add(Fault(path="/metadata", kind="slow", delay=1))
    context = ssl.create_default_context(cafile=entra.environment["SSL_CERT_FILE"])
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(httpx.get, f"{entra.url}/metadata/endpoints", verify=context)
        assert asked.wait(10)
        entra.close()
        assert answer.result().json()["microsoftGraphResourceId"] == f"{entra.url}/"


def test_an_unknown_name_is_not_an_attribute_of_the_package() -> None:
    assert not hasattr(local_entra, "NothingOfTheKind")


def test_close_frees_the_port_and_may_be_repeated() -> None:
    entra = LocalEntra.start()
    port = int(entra.url.rpartition(":")[2])
    entra.close()
    entra.close()

    again = LocalEntra.start(port=port, tenant=Tenant(id="11111111-1111-1111-1111-111111111111"))
    assert again.environment["ARM_TENANT_ID"] == "11111111-1111-1111-1111-111111111111"
    again.close()


async def test_portal_and_clients_may_work_at_the_same_time(online: GraphClient, served: LocalEntra) -> None:
    app = await online.new_app("busy")
    portal = served.portal.of("busy")
    stop = threading.Event()
    failures: list[Exception] = []

    def edit() -> None:
        try:
            while not stop.is_set():
                portal.set_default("title", "x")
                portal.set_scope("all")
                time.sleep(0.002)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=edit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        schema = await online.get(app.schema)
        assert (await online.ask("PUT", app.schema, schema)).status_code == 204
        assert (await online.save(app, SyncAll="true")).status_code == 204
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
