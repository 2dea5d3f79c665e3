"""The HTTP client for Microsoft Graph: azure-core's pipeline with our errors."""

from __future__ import annotations

import json
import os
import re
import ssl
import zlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    IncompleteReadError,
)
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    HttpLoggingPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.identity import CredentialUnavailableError

from eptura_scim.errors import first_line
from eptura_scim.graph.cloud import AGENT, Cloud, discover
from eptura_scim.graph.credentials import AZURE_CLI, credential_from, login_method_of, refusal
from eptura_scim.graph.errors import (
    ConflictError,
    ForbiddenError,
    LoginError,
    NotFoundError,
    ReplyError,
    RequestRefusedError,
    UnreachableError,
    web_page_from,
)
from eptura_scim.graph.retry import RetryPolicy, comeback
from eptura_scim.jwt_claims import jwt_claims
from eptura_scim.unreachable import unreachable, why

__all__ = ["GraphClient", "Transport", "connect", "ssl_context"]

_CONNECT_SECONDS = 10
_READ_SECONDS = 100  # Graph's gateway gives up after about this long
# What may be sent again although it was perhaps carried out. A PATCH sets values. Of the POSTs these: a job that is
# started, paused or restarted twice is as one that was once, a test and a parse change nothing, and a subject that is
# provisioned twice has the same values. A POST that creates would create two objects.
_REPEATABLE = frozenset({"GET", "PUT", "PATCH", "DELETE"})
_REPEATABLE_POST = re.compile(r"/(?:start|pause|restart|validateCredentials|parseExpression|provisionOnDemand)\Z")


class Transport(AioHttpTransport):  # type: ignore[misc]  # azure-core loads it lazily
    """azure-core's transport; an answer that cannot be decompressed raises an AzureError here as well."""

    async def send(self, request: Any, **options: Any) -> Any:
        """Send a request. Raises AzureError."""
        try:
            return await super().send(request, **options)
        except zlib.error as error:
            raise DecodeError(f"the answer cannot be decompressed ({error})") from error


class GraphClient:
    """Calls Graph's v1.0 and speaks JSON. Sends again what failed for a passing reason, as `RetryPolicy` says.

    `transport` is replaceable: tests run this client against a fake one.
    """

    def __init__(self, cloud: Cloud, credential: AsyncTokenCredential, transport: AioHttpTransport) -> None:
        self.cloud = cloud
        self._credential = credential
        self._transport = transport
        self._client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncPipelineClient(
            f"{cloud.graph}/v1.0",
            policies=[
                UserAgentPolicy(base_user_agent=AGENT),
                RetryPolicy(),
                AsyncBearerTokenCredentialPolicy(credential, f"{cloud.graph}/.default"),
                HttpLoggingPolicy(),  # headers that may hold secrets are redacted, bodies are never logged
            ],
            transport=transport,
        )

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """Call `path` below v1.0; gives the JSON of the answer, None where it has no body.

        A POST that creates is sent again only where it was surely not carried out.
        Raises the errors of `eptura_scim.graph.errors`.
        """
        request = HttpRequest(method, f"{self.cloud.graph}/v1.0{path}", json=body)
        repeatable = _REPEATABLE | ({"POST"} if _REPEATABLE_POST.search(path) else set())
        try:
            response = await self._client.send_request(request, retry_on_methods=repeatable)
            text = response.content.decode()
        except ClientAuthenticationError as error:
            raise self._login_failed(error) from error
        except IncompleteReadError as error:
            raise ReplyError(f"the answer to {method} {path} was cut short") from error
        except (DecodeError, UnicodeDecodeError) as error:
            raise ReplyError(
                f"the answer to {method} {path}, or to the login before it, cannot be decoded: {first_line(error)}"
            ) from error
        except AzureError as error:
            raise UnreachableError(unreachable(urlsplit(self.cloud.graph).netloc, why(error))) from error
        if response.status_code >= 300:  # Graph redirects nothing that is asked here: a proxy may
            raise _error(method, path, response, text)
        return _json(urlsplit(self.cloud.graph).netloc, method, path, text) if text else None

    @property
    def login_method(self) -> str:
        """How the client logs in, in words."""
        return login_method_of(self._credential)

    async def page(self, path: str) -> tuple[list[dict[str, Any]], str]:
        """The objects of one page of a collection, and the path of the next one. Raises as `request`."""
        reply = await self.request("GET", path)
        items = reply.get("value") if isinstance(reply, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ReplyError(f"the answer to GET {path} is not a list of objects")
        base, following = f"{self.cloud.graph}/v1.0", str(reply.get("@odata.nextLink") or "")
        if following and not following.startswith(f"{base}/"):  # the token goes nowhere else
            raise ReplyError(f"the next page of {path} points to another host: {following}")
        return items, following.removeprefix(base)

    async def values(self, path: str) -> list[dict[str, Any]]:
        """All objects of a collection, page by page. Raises as `request`."""
        found, following = await self.page(path)
        asked = {path}
        while following:
            if following in asked:
                raise ReplyError(f"the next page of {path} repeats an earlier page")
            asked.add(following)
            items, following = await self.page(following)
            found += items
        return found

    async def claims(self) -> dict[str, Any]:
        """The identity that the access token names; empty where it is not a JWT. Raises LoginError."""
        try:
            token = await self._credential.get_token(f"{self.cloud.graph}/.default")
        except ClientAuthenticationError as error:
            raise self._login_failed(error) from error
        except AzureError as error:
            raise UnreachableError(unreachable(urlsplit(self.cloud.login).netloc, why(error))) from error
        return jwt_claims(token.token) or {}

    def _login_failed(self, error: ClientAuthenticationError) -> LoginError:
        if page := web_page_from(urlsplit(self.cloud.login).netloc, str(error)):
            return LoginError(f"login to Entra failed: {page}")
        told = first_line(error)
        meaning = refusal(told)
        said = f"login to Entra failed: {f'{meaning}. Entra said: ' if meaning else ''}{told}"
        if told.startswith(("No response content", "Unexpected response")):  # azure-identity's words
            said += ". That is not an answer of Entra: is a proxy or a firewall in between?"
        if isinstance(error, CredentialUnavailableError) and self.login_method == AZURE_CLI:
            said += (
                f". `{AZURE_CLI}` was tried because no ARM_* variable holds a credential, such as ARM_CLIENT_SECRET: "
                f"set one (docs/login.md), or install the Azure CLI and run `{AZURE_CLI}`"
            )
        return LoginError(said)

    async def time(self) -> datetime:
        """Graph's clock, the Date of an answer (RFC 9110, 6.6.1); needs no login.

        Raises UnreachableError, ReplyError.
        """
        try:
            reply = await self._transport.send(HttpRequest("GET", f"{self.cloud.graph}/v1.0/"))
            return parsedate_to_datetime(reply.headers["Date"])
        except AzureError as error:
            raise UnreachableError(unreachable(urlsplit(self.cloud.graph).netloc, why(error))) from error
        except (KeyError, ValueError) as error:
            raise ReplyError(f"{urlsplit(self.cloud.graph).netloc} sent no Date header") from error

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()
        await self._credential.close()


async def connect(environment: Mapping[str, str] = os.environ) -> GraphClient:
    """A client as the ARM_* variables describe; logs in at the first call. SSL_CERT_FILE names other trusted CAs.

    Raises LoginError, UnreachableError or ReplyError.
    """
    # A session of our own: given a CA file, the transport would read it, and connect again, at each request.
    trusted = ssl_context(environment)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trusted),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=True,
    )
    transport = Transport(session=session, connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS)
    await transport.open()
    try:
        cloud = await discover(environment, transport)
        credential = credential_from(environment, cloud, transport)
    except BaseException:
        await transport.close()
        raise
    return GraphClient(cloud, credential, transport)


def ssl_context(environment: Mapping[str, str]) -> ssl.SSLContext:
    """The trusted CAs: those of SSL_CERT_FILE, else the system's. Raises UnreachableError."""
    file = environment.get("SSL_CERT_FILE") or None
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        raise UnreachableError(f"SSL_CERT_FILE: {file} cannot be used as trusted certificates ({error})") from error


def _json(host: str, method: str, path: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        page = web_page_from(host, text)
        raise ReplyError(f"the answer to {method} {path} is not JSON{f': {page}' if page else ''}") from error


def _error(method: str, path: str, response: AsyncHttpResponse, text: str) -> Exception:
    code, message = _code_and_message(text)
    said = ": ".join(part for part in (code, message) if part) or response.reason
    if elsewhere := urlsplit(response.headers.get("Location", "")).netloc:
        said = f"{said}, sent on to {elsewhere}: is a proxy in between?"
    request_id = response.headers.get("request-id", "")
    line = f"{method} {path}: {response.status_code} {said.rstrip('.')}" + (
        f" (request {request_id})" if request_id else ""
    )
    if asked := comeback(response):
        line = f"{line}. Graph asks to come back {asked}"
    # Microsoft's own gateways answer 5xx with a page; any other page says nothing of the object.
    if response.status_code < 500 and (page := web_page_from(urlsplit(response.request.url).netloc, text)):
        return RequestRefusedError(f"{line}. {page}", code, response.status_code)
    match response.status_code:
        case 401 if code == "InvalidAuthenticationToken":
            return LoginError(f"{line}. This run's login has expired or was withdrawn: run again")
        case 404:
            return NotFoundError(line)
        case 409:
            return ConflictError(line)
        case 401 | 403:
            return ForbiddenError(f"{line}. The identity needs {_permission(method, path)}")
        case _:
            return RequestRefusedError(line, code, response.status_code)


def _permission(method: str, path: str) -> str:
    """What suffices for a request, in words. Source: the permission tables of the methods' pages."""
    if path.startswith("/auditLogs"):
        return "the application permissions AuditLog.Read.All and Directory.Read.All"
    if path.startswith(("/users", "/groups")):
        return "the application permission Directory.Read.All"
    if path.startswith("/organization"):
        return "the application permission Organization.Read.All or Directory.Read.All"
    owned = "Application.ReadWrite.OwnedBy and to own the service principal"
    if "/synchronization" not in path:
        name = "Application.Read.All" if method == "GET" else "Application.ReadWrite.All"
        return f"the application permission {name}, or {owned}"
    if method == "GET":
        return (
            "the application permission Synchronization.Read.All (Synchronization.ReadWrite.All to change something), "
            f"or {owned}"
        )
    return f"the application permission Synchronization.ReadWrite.All, or {owned}"


def _code_and_message(text: str) -> tuple[str, str]:
    try:
        error = json.loads(text)["error"]
        return str(error.get("code") or ""), " ".join(str(error.get("message") or "").split())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", ""
