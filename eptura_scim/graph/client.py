"""The HTTP client for Microsoft Graph: azure-core's pipeline with our errors."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    AsyncRetryPolicy,
    HttpLoggingPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.identity import CredentialUnavailableError

from eptura_scim.graph.cloud import AGENT, RETRIES, Cloud, discover
from eptura_scim.graph.credentials import credential_from
from eptura_scim.graph.errors import (
    ConflictError,
    ForbiddenError,
    LoginError,
    NotFoundError,
    ReplyError,
    RequestRefusedError,
    UnreachableError,
)

__all__ = ["GraphClient", "connect"]

_CONNECT_SECONDS = 10
_READ_SECONDS = 100  # Graph's gateway gives up after about this long
# A POST here tests, parses, starts or pauses, a PATCH renames: twice is as once.
_RETRIED = frozenset({"GET", "PUT", "PATCH", "DELETE", "POST"})


class GraphClient:
    """Calls Graph's v1.0 and speaks JSON. Retries what azure-core deems safe and obeys Retry-After.

    `transport` is replaceable: tests run this client against a fake one.
    """

    def __init__(self, cloud: Cloud, credential: AsyncTokenCredential, transport: AioHttpTransport) -> None:
        self.cloud = cloud
        self._credential = credential
        self._client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncPipelineClient(
            f"{cloud.graph}/v1.0",
            policies=[
                UserAgentPolicy(base_user_agent=AGENT),
                AsyncRetryPolicy(retry_total=RETRIES),
                AsyncBearerTokenCredentialPolicy(credential, f"{cloud.graph}/.default"),
                HttpLoggingPolicy(),  # headers that may hold secrets are redacted, bodies are never logged
            ],
            transport=transport,
        )

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """Call `path` below v1.0; gives the JSON of the answer, None where it has no body.

        Raises the errors of `eptura_scim.graph.errors`.
        """
        request = HttpRequest(method, f"{self.cloud.graph}/v1.0{path}", json=body)
        try:
            response = await self._client.send_request(request, retry_on_methods=_RETRIED)
            text = response.content.decode()
        except (ClientAuthenticationError, CredentialUnavailableError) as error:
            raise LoginError(f"login to Entra failed: {_first_line(error)}") from error
        except (IncompleteReadError, UnicodeDecodeError) as error:
            raise ReplyError(f"the answer to {method} {path} was cut short") from error
        except (ServiceRequestError, ServiceResponseError) as error:
            raise UnreachableError(
                f"{urlsplit(self.cloud.graph).netloc} did not answer: {_first_line(error)}"
            ) from error
        except AzureError as error:
            raise RequestRefusedError(f"{method} {path} failed: {_first_line(error)}") from error
        if response.status_code >= 400:
            raise _error(method, path, response, text)
        return _json(method, path, text) if text else None

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()
        await self._credential.close()


async def connect(environment: Mapping[str, str] = os.environ) -> GraphClient:
    """A client as the ARM_* variables describe; logs in at the first call. SSL_CERT_FILE names other trusted CAs.

    Raises LoginError, UnreachableError or ReplyError.
    """
    # A session of our own: given a CA file, the transport would read it, and connect anew, at each request.
    trust = _trust(environment.get("SSL_CERT_FILE") or None)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trust),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=True,
    )
    transport = AioHttpTransport(session=session, connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS)
    await transport.open()
    try:
        cloud = await discover(environment, transport)
        credential = credential_from(environment, cloud, transport)
    except BaseException:
        await transport.close()
        raise
    return GraphClient(cloud, credential, transport)


def _trust(file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        raise UnreachableError(f"SSL_CERT_FILE: {file} cannot be used as trusted certificates ({error})") from error


def _json(method: str, path: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ReplyError(f"the answer to {method} {path} is not JSON") from error


def _error(method: str, path: str, response: AsyncHttpResponse, text: str) -> Exception:
    code, message = _code_and_message(text)
    said = ": ".join(part for part in (code, message) if part) or response.reason
    request_id = response.headers.get("request-id", "")
    line = f"{method} {path}: {response.status_code} {said}" + (f" (request {request_id})" if request_id else "")
    match response.status_code:
        case 401 if code == "InvalidAuthenticationToken":
            return LoginError(f"{line}. This run's login has expired or was withdrawn: run again")
        case 404:
            return NotFoundError(line)
        case 409:
            return ConflictError(line)
        case 401 | 403:
            return ForbiddenError(
                f"{line}. The identity needs the application permission Synchronization.ReadWrite.All, or "
                "Application.ReadWrite.OwnedBy and to own the service principal"
            )
        case _:
            return RequestRefusedError(line, code, response.status_code)


def _code_and_message(text: str) -> tuple[str, str]:
    try:
        error = json.loads(text)["error"]
        return str(error.get("code") or ""), " ".join(str(error.get("message") or "").split())
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
