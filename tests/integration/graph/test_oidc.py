"""Login of a GitHub Actions job: its OIDC token is exchanged for one of Entra."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from eptura_scim.graph.client import connect
from eptura_scim.graph.errors import LoginError
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.synchronization import Synchronization
from eptura_scim.local_entra import LocalEntra


@pytest.fixture
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        yield started


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
    api = Synchronization(client)
    assert await api.secrets(principal) == {}
    assert len(await api.jobs(principal)) == 1
    await client.close()
    assert github.asked == [("api-version=2&audience=api://AzureADTokenExchange", "Bearer request-token")]
    assert len(entra.calls.logins()) == 1


async def test_a_job_without_the_permission_is_told_which_one(entra: LocalEntra, github: GitHub) -> None:
    github.answer = {"message": "not allowed"}
    client = await connect(job(entra, github))
    with pytest.raises(LoginError, match="id-token: write"):
        await Synchronization(client).secrets(ServicePrincipalId("x"))
    await client.close()
