"""Login of a job of GitHub Actions or Azure DevOps: its OIDC token is exchanged for one of Entra."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from eptura_scim.graph.client import connect
from eptura_scim.graph.errors import LoginError
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.local_entra import LocalEntra

HEADER = {"alg": "RS256", "typ": "JWT"}
CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "sub": "repo:owner/name:ref:refs/heads/main",
    "aud": "api://AzureADTokenExchange",
    "exp": 4102444800,
}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class GitHub:
    """The token service of a job."""

    def __init__(self) -> None:
        self.answer: Any = {"value": ".".join(map(part, (HEADER, CLAIMS, "signature")))}
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    async def token(self, request: web.Request) -> web.Response:
        self.asked.append((request.query_string, request.headers["Authorization"]))
        return web.json_response(self.answer)


@pytest.fixture
async def github() -> AsyncIterator[GitHub]:
    found, app = GitHub(), web.Application()
    app.router.add_get("/token", found.token)
    async with TestServer(app) as server:
        found.url = str(server.make_url("/token?api-version=2"))
        yield found


def job(entra: LocalEntra, github: GitHub) -> dict[str, str]:
    kept = {name: value for name, value in entra.environment.items() if name != "ARM_CLIENT_SECRET"}
    return {
        **kept,
        "ARM_USE_OIDC": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": github.url,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
    }


async def test_the_jobs_token_is_asked_for_once_and_exchanged(entra: LocalEntra, github: GitHub) -> None:
    principal = ServicePrincipalId(entra.portal.create_application("Eptura"))
    entra.portal.create_job()
    client = await connect(job(entra, github))
    api = SynchronizationClient(client)
    assert await api.secrets(principal) == {}
    assert len(await api.jobs(principal)) == 1
    await client.close()
    assert github.asked == [("api-version=2&audience=api://AzureADTokenExchange", "Bearer request-token")]
    assert len(entra.calls.logins()) == 1


async def test_a_job_without_the_permission_is_told_which_one(entra: LocalEntra, github: GitHub) -> None:
    github.answer = {"message": "not allowed"}
    client = await connect(job(entra, github))
    with pytest.raises(LoginError, match="id-token: write"):
        await SynchronizationClient(client).secrets(ServicePrincipalId("x"))
    await client.close()


class AzureDevOps(BaseHTTPRequestHandler):
    """The token service of a pipeline."""

    asked: list[str]

    def do_POST(self) -> None:
        self.asked.append(f"{self.path} {self.headers['Authorization']}")
        body = json.dumps({"oidcToken": ".".join(map(part, (HEADER, CLAIMS, "signature")))}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def azure_devops(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    AzureDevOps.asked = []
    with HTTPServer(("127.0.0.1", 0), AzureDevOps) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("SYSTEM_OIDCREQUESTURI", f"http://127.0.0.1:{server.server_port}/oidc")
        yield AzureDevOps.asked
        server.shutdown()


async def test_the_token_of_a_pipeline_of_azure_devops_is_exchanged(entra: LocalEntra, azure_devops: list[str]) -> None:
    principal = ServicePrincipalId(entra.portal.create_application("Eptura"))
    kept = {name: value for name, value in entra.environment.items() if name != "ARM_CLIENT_SECRET"}
    connection = {"ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID": "connection", "SYSTEM_ACCESSTOKEN": "access-token"}
    client = await connect({**kept, "ARM_USE_OIDC": "true", **connection})
    assert await SynchronizationClient(client).secrets(principal) == {}
    await client.close()
    assert azure_devops == ["/oidc?api-version=7.1&serviceConnectionId=connection Bearer access-token"]
    assert len(entra.calls.logins()) == 1
