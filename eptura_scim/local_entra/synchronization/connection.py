"""The portal's Test connection: two real requests to the SCIM endpoint.

Source: Microsoft, "Develop and plan provisioning for a SCIM endpoint" (Entra asks for a user and a group that do not
exist, and expects 200 with an empty list). Whether it checks more is undocumented.
"""

from __future__ import annotations

import asyncio
import ssl
import uuid
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit, urlunsplit

import httpx

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.switches import Switches
from eptura_scim.mapping.scim_schemas import LIST_RESPONSE

__all__ = ["ConnectionTest"]

_CODES = {
    # Reported by a user, with status 400 (bitwarden/server#7309).
    "unavailable": "CredentialValidationUnavailable",
    # Seen in the status of a quarantined job (Microsoft, old "Configure provisioning using the Graph API").
    "invalid_credentials": "SystemForCrossDomainIdentityManagementInvalidCredentials",
}


class ConnectionTest:
    """Asks a SCIM endpoint for a user and a group that do not exist."""

    def __init__(self, switches: Switches, client: Callable[[], httpx.AsyncClient]) -> None:
        self._switches = switches
        self._client = client

    async def run(self, secrets: Mapping[str, str]) -> None:
        """Raises ODataError when the endpoint cannot be reached or does not answer as SCIM; never tells the token."""
        address, token = secrets.get("BaseAddress", ""), secrets.get("SecretToken", "")
        if not address or not token:
            missing = "tenant URL (BaseAddress)" if not address else "secret token (SecretToken)"
            raise self._failed(f"The {missing} is missing.")
        try:
            base = _base_url(address)
            async with self._client() as client:
                for endpoint, attribute in (("Users", "userName"), ("Groups", "displayName")):
                    answer = await client.get(
                        f"{base}/{endpoint}",
                        params={"filter": f'{attribute} eq "{uuid.uuid4()}"'},
                        headers={"Authorization": f"Bearer {token}"},
                    )
                    self._check(endpoint, answer)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, ValueError) as error:
            raise self._failed(f"The endpoint could not be reached: {_reason(error, token)}") from None

    def _check(self, endpoint: str, answer: httpx.Response) -> None:
        where = f"The endpoint /{endpoint}"
        if answer.status_code in {401, 403}:
            raise self._failed(f"{where} refused the credentials ({answer.status_code}).")
        if answer.status_code != 200:
            raise self._failed(f"{where} answered {answer.status_code}, 200 was expected.")
        if not _is_list_response(answer):
            raise self._failed(f"The answer of {where[0].lower()}{where[1:]} is not a SCIM list response.")

    def _failed(self, reason: str) -> ODataError:
        return ODataError(
            400,
            _CODES[self._switches.validate_failure],
            "You appear to have entered invalid credentials. Please confirm you are using the correct information for "
            f"an administrative account. {reason}",
        )


def _base_url(address: str) -> str:
    """The address without a slash at its end, and without a flag (`?aadOptscim062020`), which is for Entra alone."""
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("the tenant URL is not an https URL")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def _is_list_response(answer: httpx.Response) -> bool:
    try:
        document = answer.json()
    except ValueError:
        return False
    return isinstance(document, dict) and LIST_RESPONSE in (document.get("schemas") or [])


def _reason(error: Exception, token: str) -> str:
    if isinstance(error, (httpx.TimeoutException, asyncio.TimeoutError)):
        return "no answer in time."
    # A token that cannot be sent as a header stands in the message of the error about it.
    text = str(error) or type(error).__name__
    return f"{type(error).__name__}." if token in text else f"{text}."
