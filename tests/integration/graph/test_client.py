"""Answers that no service should give, and none at all: each is one readable error."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.core.pipeline.transport import AioHttpTransport

from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import GraphClient, Transport, connect, ssl_context
from eptura_scim.graph.cloud import Cloud, discover
from eptura_scim.graph.credentials import credential_from
from eptura_scim.graph.errors import ForbiddenError, LoginError, ReplyError, RequestRefusedError, UnreachableError
from eptura_scim.graph.ids import ApplicationId
from eptura_scim.graph.principals import Principals
from eptura_scim.local_entra import Fault, LocalEntra
from tests.unit.graph.logged_in import LoggedIn

GRAPH = "https://graph.example"
PAGE = "\n<!DOCTYPE html>\n<html><body>Welcome to the guest network, session 4711</body></html>"


class WithoutPauses(Transport):
    """Sends again at once."""

    async def sleep(self, duration: float) -> None:
        return


class Redirected(WithoutPauses):
    """Takes what is meant for Graph to a server of this test."""

    def __init__(self, address: str) -> None:
        super().__init__(session=aiohttp.ClientSession(auto_decompress=False))
        self._address = address

    async def send(self, request: Any, **options: Any) -> Any:
        meant = request.url
        request.url = meant.replace(GRAPH, self._address)
        try:
            return await super().send(request, **options)
        finally:
            request.url = meant


@pytest.fixture
async def transport() -> AsyncIterator[Redirected]:
    """Asked for /gzip and the like, its Graph answers as the name says."""
    answers = {
        "jobs": lambda: web.json_response({"error": {"code": "Forbidden", "message": "No."}}, status=403),
        "application-1": lambda: web.json_response({"error": {"code": "Forbidden", "message": "No."}}, status=403),
        "gzip": lambda: web.Response(body=b"\x1f\x8bnonsense", headers={"Content-Encoding": "gzip"}),
        "deflate": lambda: web.Response(body=b"nonsense", headers={"Content-Encoding": "deflate"}),
        "latin": lambda: web.Response(body=b'{"name": "\xfc"}', content_type="application/json"),
        "page-200": lambda: web.Response(text=PAGE, content_type="text/html"),
        "page-403": lambda: web.Response(text=PAGE, content_type="text/html", status=403),
        "page-404": lambda: web.Response(text=PAGE, content_type="text/html", status=404),
        "elsewhere": lambda: web.Response(status=302, headers={"Location": "https://proxy.example/"}),
        "page-elsewhere": lambda: page("https://elsewhere.example/v1.0/applications"),
        "page-again": lambda: page(f"{GRAPH}/v1.0/page-again"),
        "objects": lambda: web.json_response({"value": [1]}),
        "text": lambda: web.json_response("text"),
        "application": lambda: web.json_response({"id": 1}),
        "": lambda: web.Response(headers={"Date": "soon"}),
        "users": lambda: web.json_response({"value": [{"displayName": "Adele"}]}),
        "endpoints": lambda: web.Response(body=b"\x1f\x8bnonsense", headers={"Content-Encoding": "gzip"}),
    }

    def page(following: str) -> web.Response:
        return web.json_response({"value": [], "@odata.nextLink": following})

    async def answer(request: web.Request) -> web.Response:
        return answers[request.path.rpartition("/")[2]]()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        opened = Redirected(str(server.make_url("")).rstrip("/"))
        await opened.open()
        yield opened
        await opened.close()


@pytest.fixture
def client(transport: Redirected) -> GraphClient:
    return GraphClient(Cloud(GRAPH, "https://login.example"), LoggedIn(), transport)


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/latin"])
async def test_an_answer_that_cannot_be_decoded_is_named(client: GraphClient, path: str) -> None:
    with pytest.raises(ReplyError, match=f"^the answer to GET {path}, or to the login before it, cannot be decoded: "):
        await client.request("GET", path)


async def test_a_redirect_is_an_error(client: GraphClient) -> None:
    with pytest.raises(
        RequestRefusedError, match=r"^GET /elsewhere: 302 Found, sent on to proxy\.example: is a proxy in between\?$"
    ):
        await client.request("GET", "/elsewhere")


async def test_the_next_page_is_not_taken_from_another_host(client: GraphClient) -> None:
    with pytest.raises(ReplyError, match="elsewhere"):
        await client.values("/page-elsewhere")


async def test_a_list_whose_pages_go_round_ends(client: GraphClient) -> None:
    with pytest.raises(ReplyError, match="repeats an earlier page"):
        await client.values("/page-again")


@pytest.mark.parametrize(("path", "kind"), [("/page-200", ReplyError), ("/page-403", RequestRefusedError),
                                            ("/page-404", RequestRefusedError)])  # fmt: skip
async def test_a_web_page_says_nothing_of_objects_and_permissions(
    client: GraphClient, path: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        await client.request("GET", path)
    assert "graph.example answered with a web page: a proxy, a firewall or the login page" in str(caught.value)
    assert "Open https://graph.example in a browser" in str(caught.value)
    assert "4711" not in str(caught.value)
    assert "permission" not in str(caught.value)


async def test_a_web_page_instead_of_a_login_says_what_to_do() -> None:
    with LocalEntra.start() as entra:
        entra.faults.add(Fault(method="POST", path="/token$", kind="garble", times=2))
        client = await connect(entra.environment)
        for asked in (client.claims(), client.request("GET", "/applications")):
            with pytest.raises(LoginError) as caught:
                await asked
            said = str(caught.value)
            assert said.startswith("login to Entra failed: localhost:")
            assert "answered with a web page: a proxy, a firewall or the login page of this network" in said
            assert "set HTTPS_PROXY to the proxy of this network; then run again" in said
            assert "<" not in said
        await client.close()


@pytest.mark.parametrize(
    ("method", "path", "needs"),
    [
        (
            "GET",
            "/servicePrincipals/1/synchronization/jobs",
            "Synchronization.Read.All (Synchronization.ReadWrite.All to",
        ),
        ("POST", "/servicePrincipals/1/synchronization/jobs", "Synchronization.ReadWrite.All, or"),
        ("GET", "/applications/application-1", "Application.Read.All, or"),
        ("PATCH", "/applications/application-1", "Application.ReadWrite.All, or"),
    ],
)
async def test_a_refused_read_names_the_permission_to_read(
    client: GraphClient, method: str, path: str, needs: str
) -> None:
    with pytest.raises(ForbiddenError) as caught:
        await client.request(method, path)
    assert f"The identity needs the application permission {needs}" in str(caught.value)


@pytest.mark.parametrize("path", ["/objects", "/text"])
async def test_a_list_of_something_else_than_objects_is_named(client: GraphClient, path: str) -> None:
    with pytest.raises(ReplyError, match=f"the answer to GET {path} is not a list of objects"):
        await client.values(path)


async def test_an_application_that_is_not_as_documented_is_named(client: GraphClient) -> None:
    with pytest.raises(ReplyError, match="Graph's Application is not as documented"):
        await Applications(client).application(ApplicationId("application"))


async def test_a_user_without_an_id_is_named(client: GraphClient) -> None:
    with pytest.raises(ReplyError, match="Graph's user has no id"):
        await Principals(client).find("adele@contoso.example")


async def test_metadata_that_cannot_be_decoded_are_named(transport: Redirected) -> None:
    with pytest.raises(UnreachableError, match="cannot be reached: the answer cannot be decompressed"):
        await discover({"ARM_METADATA_HOSTNAME": urlsplit(GRAPH).netloc}, transport)


@pytest.mark.parametrize("token", ["opaque", "a.!.b", f"a.{base64.b64encode(b'[1]').decode()}.b"])
async def test_a_token_that_tells_nothing_has_no_claims(token: str) -> None:
    client = GraphClient(Cloud(GRAPH, "https://login.example"), LoggedIn(token), AioHttpTransport())
    assert await client.claims() == {}
    await client.close()


async def test_the_claims_of_a_token_are_read() -> None:
    payload = base64.urlsafe_b64encode(json.dumps({"tid": "x"}).encode()).decode().rstrip("=")
    client = GraphClient(Cloud(GRAPH, "https://login.example"), LoggedIn(f"a.{payload}.b"), AioHttpTransport())
    assert await client.claims() == {"tid": "x"}
    await client.close()


async def test_a_login_that_does_not_answer_is_named_by_its_host() -> None:
    with LocalEntra.start() as entra:
        trusted = aiohttp.TCPConnector(ssl=ssl_context(entra.environment))
        transport = WithoutPauses(session=aiohttp.ClientSession(connector=trusted, auto_decompress=False))
        await transport.open()
        cloud = await discover(entra.environment, transport)
        client = GraphClient(cloud, credential_from(entra.environment, cloud, transport), transport)
        entra.faults.add(Fault(path="/token$", kind="reset", times=100))
        with pytest.raises(UnreachableError, match=r"^localhost:\d+ cannot be reached: it ends the connection\. "):
            await client.claims()
        await client.close()


async def test_a_clock_that_tells_no_time_is_named_by_its_host(client: GraphClient) -> None:
    with pytest.raises(ReplyError, match=r"^graph\.example sent no Date header$"):
        await client.time()


async def test_a_clock_that_cannot_be_asked_is_named_by_its_host() -> None:
    with LocalEntra.start() as entra:
        client = await connect(entra.environment)
    with pytest.raises(
        UnreachableError, match=r"^localhost:\d+ cannot be reached: it refuses connections\. Start the local"
    ):
        await client.time()
    await client.close()
