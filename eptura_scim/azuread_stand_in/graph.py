"""Microsoft Graph as the local Entra speaks it.

ResourceError
└── LocalGraphError           Graph answered with an error
    └── LocalNotFoundError    … 404
"""

from __future__ import annotations

import asyncio
import itertools
import os
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from eptura_scim.azuread_stand_in.environment import Environment, must_be_local
from eptura_scim.plugin_sdk.errors import ResourceError

if TYPE_CHECKING:
    import httpx

__all__ = ["Graph", "LocalGraphError", "LocalNotFoundError", "close_shared", "object_or_none", "shared"]

FoundT = TypeVar("FoundT")

_RETRIES = 5
_SYNCHRONIZATION_RETRIES = 8  # with pauses of 1, 2, 4, … seconds: more than four minutes
_SYNCHRONIZATION = "/synchronization/"
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5, *(3.0,) * 9)  # seconds: half a minute in all


class LocalGraphError(ResourceError):
    """Graph answered with an error."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class LocalNotFoundError(LocalGraphError):
    """The object does not exist, or does not show yet."""


class Graph:
    """One client with one pool. It logs in with its first call: metadata, then token, as the real plugin does."""

    def __init__(
        self,
        environment: Environment,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._environment = environment
        self._transport = transport
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._client: httpx.AsyncClient | None = None
        self._base = ""

    @property
    def url(self) -> str:
        """Address of Graph, without a version; empty before the first call."""
        return self._base

    async def get(self, path: str, **query: str) -> Any:
        """Read an object or a collection; `path` begins with the version. Names in `query` get Graph's `$`."""
        encoded = "?" + urlencode({f"${name}": value for name, value in query.items()}) if query else ""
        return await self._call("GET", path + encoded)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Create an object or call an action."""
        return await self._call("POST", path, body)

    async def patch(self, path: str, body: dict[str, Any]) -> None:
        """Change an object."""
        await self._call("PATCH", path, body)

    async def delete(self, path: str) -> None:
        """Remove an object."""
        await self._call("DELETE", path)

    async def found_soon(self, find: Callable[[], Awaitable[FoundT | None]]) -> FoundT | None:
        """What `find` gives, asked again while it gives None: a new object shows late on some replicas."""
        for pause in _PAUSES:
            if (found := await find()) is not None:
                return found
            await self._sleep(pause)
        return await find()

    async def confirm(self, path: str, *, gone: bool = False) -> None:
        """Wait until an object that was just created can be read, or until one that was deleted cannot.

        Raises ResourceError.
        """

        async def as_wanted() -> bool | None:
            live = await object_or_none(self.get(path))
            return True if (live is None) == gone else None

        if not await self.found_soon(as_wanted):
            seen = "still there after it was deleted" if gone else "not to be read after it was created"
            raise ResourceError(f"{path} is {seen}; waited for {sum(_PAUSES):.0f} s")

    async def close(self) -> None:
        """Give the connections back."""
        if self._client:
            await self._client.aclose()

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async with self._lock:
            client = self._client or await self._log_in()
        response = await self._exchange(client, method, self._base + path, json=body)
        return _json(response) if response.content else None

    async def _log_in(self) -> httpx.AsyncClient:
        known = self._environment
        client = _client(self._transport, known.ca_file)
        try:
            query = urlencode({"api-version": "2022-09-01"})
            metadata = _json(await self._exchange(client, "GET", f"https://{known.host}/metadata/endpoints?{query}"))
            login = _endpoint(metadata, "authentication", "loginEndpoint")
            graph = _endpoint(metadata, "microsoftGraphResourceId")
            form = {
                "grant_type": "client_credentials",
                "scope": f"{graph}/.default",
                "client_id": known.client_id,
                "client_secret": known.client_secret,
            }
            token = await self._token(client, f"{login}/{known.tenant}/oauth2/v2.0/token", form)
        except BaseException:
            await client.aclose()
            raise
        client.headers["Authorization"] = f"Bearer {token}"
        self._base, self._client = graph, client
        return client

    async def _token(self, client: httpx.AsyncClient, url: str, form: dict[str, str]) -> str:
        try:
            return str(_json(await self._exchange(client, "POST", url, data=form))["access_token"])
        except LocalGraphError as error:
            names = "ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET"
            raise ResourceError(f"the local Entra refused the login with {names}: {error}") from error

    async def _exchange(self, client: httpx.AsyncClient, method: str, url: str, **content: Any) -> httpx.Response:
        import httpx

        for retry in itertools.count():
            try:
                response = await client.request(method, url, **content)
            except httpx.TransportError as error:  # the real plugin does not repeat a call that was cut
                raise ResourceError(f"{method} {_path(url)}: {_unreachable(self._environment, error)}") from error
            if retry >= _retries(response):
                break
            await self._sleep(_pause(response, retry))
        if response.is_success:
            return response
        kind = LocalNotFoundError if response.status_code == HTTPStatus.NOT_FOUND else LocalGraphError
        raise kind(f"{method} {response.request.url.path}: {_reason(response)}", response.status_code)


async def object_or_none(reading: Awaitable[Any]) -> Any:
    """What a read gives, or None where the object does not exist."""
    try:
        return await reading
    except LocalNotFoundError:
        return None


@cache
def shared() -> Graph:
    """The one client of this process."""
    return Graph(Environment.of(os.environ))


async def close_shared() -> None:
    """Close the client of this process, if there is one."""
    if shared.cache_info().currsize:
        await shared().close()


def _client(transport: httpx.AsyncBaseTransport | None, ca_file: str | None) -> httpx.AsyncClient:
    import httpx

    transport = transport or httpx.AsyncHTTPTransport(verify=ssl.create_default_context(cafile=ca_file))
    # trust_env would send calls to this machine through HTTPS_PROXY
    return httpx.AsyncClient(transport=transport, trust_env=False, timeout=60)


def _endpoint(metadata: Any, *keys: str) -> str:
    value = metadata
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    name = ".".join(keys)
    if not isinstance(value, str):
        raise ResourceError(f"the metadata at ARM_METADATA_HOSTNAME has no {name}: is it a local Entra?")
    must_be_local(value, f"{name} of its metadata")
    return value.rstrip("/")


def _retries(response: httpx.Response) -> int:
    """How often a call with this answer is repeated; as in the real plugin, whatever its method is."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
        return _RETRIES
    refused = (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
    if response.status_code in refused and _SYNCHRONIZATION in response.request.url.path:
        return _SYNCHRONIZATION_RETRIES
    return 0


def _pause(response: httpx.Response, retry: int) -> float:
    after = response.headers.get("Retry-After", "")
    if after.isdigit():
        return float(after)
    try:
        return max(0.0, (parsedate_to_datetime(after) - datetime.now(UTC)).total_seconds())
    except ValueError:  # none
        return float(2**retry)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        url = response.request.url
        raise ResourceError(
            f"{url.host}:{url.port} (ARM_METADATA_HOSTNAME) answers {url.path} with something else than JSON: "
            "is it a local Entra?"
        ) from None


def _reason(response: httpx.Response) -> str:
    try:
        answer = response.json()
        error = answer["error"]
        if isinstance(error, str):  # of the login
            text = f"{error}: {answer.get('error_description', '')}"
        else:
            text = f"{error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        text = response.reason_phrase
    return f"{response.status_code} {' '.join(text.split())}"


def _path(url: str) -> str:
    return urlsplit(url).path


def _unreachable(environment: Environment, error: Exception) -> str:
    text = f"the local Entra at {environment.host} (ARM_METADATA_HOSTNAME) cannot be reached"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"{text}: its certificate is not trusted; SSL_CERT_FILE must name its CA"
    why = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return f"{text}: {why}; `eptura-scim local start` starts one"
