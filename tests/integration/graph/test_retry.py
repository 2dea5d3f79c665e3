"""How often, and for how long, a request that fails for a passing reason is sent again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.core.exceptions import ServiceRequestError, ServiceResponseError

from eptura_scim.graph.client import GraphClient, Transport
from eptura_scim.graph.cloud import Cloud
from eptura_scim.graph.credentials import credential_from
from eptura_scim.graph.errors import GraphError, LoginError, RequestRefusedError, UnreachableError
from eptura_scim.graph.retry import LONGEST_SECONDS, RETRIES
from tests.unit.graph.logged_in import LoggedIn

SERVICE_CLOCK = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DATE = format_datetime(SERVICE_CLOCK, usegmt=True)


class Service(Transport):
    """A service that fails as a test says; its clock stands still, and the client's pauses take no time."""

    def __init__(self, address: str) -> None:
        super().__init__(session=aiohttp.ClientSession(auto_decompress=False))
        self._address = address
        self.failure: Exception | None = None
        self.requests = 0
        self.pauses: list[float] = []

    async def send(self, request: Any, **options: Any) -> Any:
        self.requests += 1
        if self.failure:
            raise self.failure
        meant, request.url = request.url, self._address
        try:
            return await super().send(request, **options)
        finally:
            request.url = meant

    async def sleep(self, duration: float) -> None:
        self.pauses.append(duration)


class Answer:
    """What the service answers."""

    status = 200
    headers: Mapping[str, str] = {}
    times = 1000


@pytest.fixture
def answer() -> Answer:
    return Answer()


@pytest.fixture
async def service(answer: Answer) -> AsyncIterator[Service]:
    async def reply(_request: web.Request) -> web.Response:
        answer.times -= 1
        headers = {"Date": DATE, **answer.headers}
        return web.json_response({}, status=200 if answer.times < 0 else answer.status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", reply)
    async with TestServer(app) as server:
        started = Service(str(server.make_url("/")))
        await started.open()
        yield started
        await started.close()


@pytest.fixture
def client(service: Service) -> GraphClient:
    return GraphClient(Cloud("https://graph.example", "https://login.example"), LoggedIn(), service)


def fail(answer: Answer, status: int, retry_after: str = "", times: int = 1000) -> None:
    answer.status, answer.times = status, times
    answer.headers = {"Retry-After": retry_after} if retry_after else {}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 509])
async def test_a_passing_failure_is_retried_five_times_in_24_seconds(
    client: GraphClient, service: Service, answer: Answer, status: int
) -> None:
    fail(answer, status)
    with pytest.raises(RequestRefusedError, match=f"GET /users: {status}"):
        await client.request("GET", "/users")
    assert service.requests == 1 + RETRIES == 6
    assert sum(service.pauses) == pytest.approx(24)


@pytest.mark.parametrize("failure", [ServiceRequestError("no connection"), ServiceResponseError("cut")])
async def test_a_failed_connection_is_tried_five_more_times(
    client: GraphClient, service: Service, failure: Exception
) -> None:
    service.failure = failure
    with pytest.raises(UnreachableError, match=rf"graph\.example cannot be reached: {failure}\. "):
        await client.request("GET", "/users")
    assert service.requests == 1 + RETRIES
    assert sum(service.pauses) == pytest.approx(24)


async def test_an_answer_to_the_last_attempt_counts(client: GraphClient, answer: Answer) -> None:
    fail(answer, 503, times=RETRIES)
    assert await client.request("GET", "/users") == {}


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        (format_datetime(SERVICE_CLOCK + timedelta(seconds=40), usegmt=True), 40),
        (format_datetime(SERVICE_CLOCK - timedelta(hours=5), usegmt=True), 0),
    ],
)
async def test_the_pause_is_as_long_as_the_service_says_by_its_clock(
    client: GraphClient, service: Service, answer: Answer, said: str, seconds: float
) -> None:
    fail(answer, 429, said, times=1)
    assert await client.request("GET", "/users") == {}
    assert sum(service.pauses) == seconds
    assert service.requests == 2


@pytest.mark.parametrize("said", ["soon", "-5", "1.5", "nan", "9" * 5000, "Thu, 99 Foo 2026 99:99:99 GMT"])
async def test_a_pause_that_cannot_be_read_counts_as_not_said(
    client: GraphClient, service: Service, answer: Answer, said: str
) -> None:
    fail(answer, 429, said)
    with pytest.raises(RequestRefusedError, match=r"^GET /users: 429 Too Many Requests$"):
        await client.request("GET", "/users")
    assert sum(service.pauses) == pytest.approx(24)


async def test_an_unreadable_retry_after_repeats_no_refused_request(
    client: GraphClient, service: Service, answer: Answer
) -> None:
    fail(answer, 400, "soon")
    with pytest.raises(RequestRefusedError, match="400"):
        await client.request("GET", "/users")
    assert service.requests == 1


@pytest.mark.parametrize("said", ["86400", format_datetime(SERVICE_CLOCK + timedelta(days=1), usegmt=True)])
async def test_a_retry_after_a_day_is_an_error_with_the_time(
    client: GraphClient, service: Service, answer: Answer, said: str
) -> None:
    fail(answer, 429, said)
    with pytest.raises(RequestRefusedError, match=r"Graph asks to come back in 86400 s, at 2026-03-02 12:00:00 UTC$"):
        await client.request("GET", "/users")
    assert (service.requests, service.pauses) == (1, [])


async def test_all_pauses_together_have_a_bound(client: GraphClient, service: Service, answer: Answer) -> None:
    fail(answer, 503, "120")
    with pytest.raises(RequestRefusedError, match="come back in 120 s"):
        await client.request("GET", "/users")
    assert service.pauses == [120, 120]
    assert sum(service.pauses) <= LONGEST_SECONDS


@pytest.mark.parametrize("path", ["start", "pause", "restart", "validateCredentials", "schema/parseExpression"])
async def test_a_post_that_may_be_done_twice_is_sent_again(
    client: GraphClient, service: Service, answer: Answer, path: str
) -> None:
    fail(answer, 504, times=1)
    await client.request("POST", f"/servicePrincipals/a/synchronization/jobs/b/{path}", {})
    assert service.requests == 2


@pytest.mark.parametrize(("status", "requests"), [(429, 2), (503, 1), (504, 1)])
async def test_a_creating_post_is_repeated_only_if_nothing_was_done(
    client: GraphClient, service: Service, answer: Answer, status: int, requests: int
) -> None:
    fail(answer, status, times=1)
    try:
        await client.request("POST", "/servicePrincipals/a/synchronization/jobs", {"templateId": "scim"})
    except GraphError:
        assert status != 429
    assert service.requests == requests


async def test_a_creation_is_not_sent_again_when_its_answer_is_lost(client: GraphClient, service: Service) -> None:
    service.failure = ServiceResponseError("cut")
    with pytest.raises(UnreachableError):
        await client.request("POST", "/servicePrincipals/a/synchronization/jobs", {"templateId": "scim"})
    assert service.requests == 1


async def test_the_login_waits_no_longer_than_graph(service: Service, answer: Answer) -> None:
    fail(answer, 429, "86400")
    cloud = Cloud("https://graph.example", "https://login.example")
    tenant, secret = "11111111-1111-1111-1111-111111111111", "s"
    variables = {"ARM_TENANT_ID": tenant, "ARM_CLIENT_ID": tenant, "ARM_CLIENT_SECRET": secret}
    client = GraphClient(cloud, credential_from(variables, cloud, service), service)
    with pytest.raises(LoginError, match="login to Entra failed"):
        await client.claims()
    assert service.pauses == []
