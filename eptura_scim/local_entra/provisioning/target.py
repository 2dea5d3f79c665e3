"""The SCIM endpoint that is provisioned into, asked as Entra asks it.

Source: Microsoft, "Develop and plan provisioning for a SCIM endpoint" (requests), "How to analyze the provisioning
logs" (error codes). Which code stands for status 400 is a report (1Password/scim-examples#82, a provisioning log). No
Accept header is sent that asks for SCIM: a request of Entra reached a server as one for HTML (azure-docs#94189).
"""

from __future__ import annotations

import json
import logging
import ssl
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

from eptura_scim.errors import kind_and_place
from eptura_scim.mapping.scim_schemas import LIST_RESPONSE
from eptura_scim.types import Json

__all__ = ["CredentialsError", "DefectError", "ScimEndpoint", "Sent", "Target", "TargetError"]

_log = logging.getLogger(__name__)

ScimEndpoint = Literal["Users", "Groups"]

_MEDIA_TYPE = "application/scim+json"
_CODES = {
    400: "SystemForCrossDomainIdentityManagementBadRequest",
    403: "InsufficientRights",
    404: "InvalidAnchor",
    405: "MethodNotAllowed",
    409: "EntryConflict",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    501: "NotImplemented",
}
_UNREADABLE = "SystemForCrossDomainIdentityManagementServiceIncompatible"
_SOON = frozenset({"InternalServerError", "Timeout", "TooManyRequests", "WebExceptionProtocolError"})
_LONGEST_ANSWER = 500  # characters of an answer in an error's text


@dataclass(frozen=True, slots=True)
class Sent:
    """A request and the status of its answer; the token is not in it."""

    method: str
    path: str
    """Below the tenant URL, with its query, decoded: `Users?filter=userName eq "ann@contoso.example"`."""
    body: Json | None
    status: int
    """0 when no answer came."""


class TargetError(Exception):
    """A request failed. `code` is one of the provisioning logs'; the message holds what the endpoint said."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def is_retried_soon(self) -> bool:
        """Whether the logs' table says "automatically retried in 40 minutes": the next cycle."""
        return self.code in _SOON


class CredentialsError(TargetError):
    """The endpoint cannot be used at all: it refuses the token, or does not speak SCIM. It ends a cycle."""


class DefectError(TargetError):
    """Something of the local Entra is wrong. Its text tells the kind of error and the place, and no values."""

    def __init__(self, error: Exception) -> None:
        _log.error("provisioning failed", exc_info=error)
        super().__init__("InternalError", f"This is a defect of the local Entra: {kind_and_place(error)}.")


class Target:
    """A SCIM endpoint, its token, and what was asked of it."""

    def __init__(
        self, client: httpx.AsyncClient, tenant_url: str, token: str, note: Callable[[Sent], None] = lambda _: None
    ) -> None:
        self._client = client
        self._token = token
        self._note = note
        parts = urlsplit(tenant_url)
        if parts.scheme != "https" or not parts.hostname or not token:
            raise CredentialsError(
                "SystemForCrossDomainIdentityManagementInvalidCredentials",
                "Please provide a valid tenant URL for your application.",
            )
        # A flag of Entra in the query (aadOptscim062020) is not for the endpoint.
        self._base = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))

    async def test(self, attribute: str) -> None:
        """Ask for a user that does not exist, by the matching attribute, and for such a group. Raises CredentialsError.

        "Requests to fetch a random user and group" are made at the start of a cycle and in Test Connection.
        """
        try:
            await self.find("Users", attribute, str(uuid.uuid4()))
            await self.find("Groups", "displayName", str(uuid.uuid4()))
        except TargetError as error:
            raise CredentialsError(
                "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable", error.message
            ) from None

    async def find(self, endpoint: ScimEndpoint, attribute: str, value: str) -> list[Json]:
        """The resources whose attribute equals a value. Raises TargetError."""
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        query = {"filter": f'{attribute} eq "{escaped}"'}
        if endpoint == "Groups":
            query = {"excludedAttributes": "members", **query}
        answer = await self._ask("GET", endpoint, query=query)
        document = self._document(answer)
        if LIST_RESPONSE not in (document.get("schemas") or []):
            raise self._incompatible(answer, "not a list response")
        found = document.get("Resources") or []
        if not isinstance(found, list) or not all(isinstance(item, dict) and item.get("id") for item in found):
            raise self._incompatible(answer, "a resource has no id")
        return found

    async def get(self, endpoint: ScimEndpoint, identifier: str) -> Json | None:
        """A resource by id, None when it does not exist. Raises TargetError."""
        query = {"excludedAttributes": "members"} if endpoint == "Groups" else None
        try:
            return self._document(await self._ask("GET", f"{endpoint}/{identifier}", query=query))
        except TargetError as error:
            if error.code == _CODES[404]:
                return None
            raise

    async def create(self, endpoint: ScimEndpoint, body: Json) -> Json:
        """Create a resource. Raises TargetError."""
        answer = await self._ask("POST", endpoint, body)
        document = self._document(answer)
        if not document.get("id"):
            raise self._incompatible(answer, "the resource has no id")
        return document

    async def patch(self, endpoint: ScimEndpoint, identifier: str, body: Json) -> None:
        """Change a resource. Raises TargetError."""
        await self._ask("PATCH", f"{endpoint}/{identifier}", body)

    async def delete(self, endpoint: ScimEndpoint, identifier: str) -> None:
        """Delete a resource; one that is not there is deleted. Raises TargetError."""
        try:
            await self._ask("DELETE", f"{endpoint}/{identifier}")
        except TargetError as error:
            if error.code != _CODES[404]:
                raise

    async def _ask(
        self, method: str, path: str, body: Json | None = None, *, query: Mapping[str, str] | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        shown = path if not query else f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}"
        content = None
        if body is not None:
            headers["Content-Type"] = _MEDIA_TYPE
            content = json.dumps(body, ensure_ascii=False).encode()
        try:
            answer = await self._client.request(
                method, f"{self._base}/{quote(path)}", params=query, headers=headers, content=content
            )
        except (httpx.TimeoutException, TimeoutError):
            self._note(Sent(method, shown, body, 0))
            raise TargetError("Timeout", f"{method} {path}: no answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, ValueError) as error:
            self._note(Sent(method, shown, body, 0))
            # What cannot be sent as a header stands in the error about it, and it may be the token.
            said = type(error).__name__ if isinstance(error, httpx.LocalProtocolError | ValueError) else str(error)
            raise TargetError("WebExceptionProtocolError", self._clean(f"{method} {path}: {said}")) from None
        self._note(Sent(method, shown, body, answer.status_code))
        if answer.is_success:
            return answer
        raise self._failed(answer)

    def _failed(self, answer: httpx.Response) -> TargetError:
        status = answer.status_code
        message = f"StatusCode: {_phrase(status)} Web Response: {self._said(answer)}"
        if status == 401:
            return CredentialsError("SystemForCrossDomainIdentityManagementInvalidCredentials", message)
        return TargetError(_CODES.get(status, "InternalServerError" if status >= 500 else _CODES[400]), message)

    def _document(self, answer: httpx.Response) -> Json:
        try:
            document: Any = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise self._incompatible(answer, "it is not a JSON object")
        return document

    def _incompatible(self, answer: httpx.Response, why: str) -> TargetError:
        return TargetError(_UNREADABLE, f"The answer cannot be used, {why}: {self._said(answer)}")

    def _said(self, answer: httpx.Response) -> str:
        return self._clean(answer.text)[:_LONGEST_ANSWER]

    def _clean(self, text: str) -> str:
        """An endpoint may repeat what it was sent."""
        return text.replace(self._token, "*")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.replace(" ", "")
    except ValueError:
        return str(status)
