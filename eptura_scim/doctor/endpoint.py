"""Eptura's SCIM endpoint as it answers here: name, connection, certificate, token, and whether it speaks SCIM."""

from __future__ import annotations

import json
import ssl
import uuid
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp

from eptura_scim.doctor.finding import Finding
from eptura_scim.mapping.scim_schemas import LIST_RESPONSE

__all__ = ["endpoint", "judged"]

TokenUse = Literal["sent", "undecryptable", "unset"]
"""Whether the request had the stack's token; `undecryptable`: a token is set, and cannot be decrypted."""

_SECONDS = 20.0
_FROM_HERE = "Entra asks from its own network, where it may be otherwise"
_CHECK = "SCIM endpoint"


async def endpoint(
    tenant_url: str,
    token: str | None,
    trusted: ssl.SSLContext,
    seconds: float = _SECONDS,
    *,
    undecryptable: bool = False,
) -> Finding:
    """Ask for a user that does not exist, as Entra's connection test does; no user is read.

    `undecryptable` says that a token is set, and cannot be decrypted.
    Source: Microsoft, "Develop and plan provisioning for a SCIM endpoint"; RFC 7644, 3.4.2.
    """
    host = urlsplit(tenant_url).netloc
    use: TokenUse = "sent" if token else ("undecryptable" if undecryptable else "unset")
    headers = {"Accept": "application/scim+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trusted),
                timeout=aiohttp.ClientTimeout(total=seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=True,
            ) as session,
            session.get(
                f"{tenant_url}Users",
                params={"filter": f'userName eq "{uuid.uuid4()}"'},
                headers=headers,
                allow_redirects=False,  # the token is for this host alone
            ) as reply,
        ):
            return judged(host, reply.status, reply.headers, await reply.read(), use)
    except (aiohttp.ClientError, TimeoutError) as error:
        return _unreachable(host, error)


def judged(host: str, status: int, headers: Mapping[str, str], body: bytes, use: TokenUse = "sent") -> Finding:
    """What an answer of the endpoint means."""
    elsewhere = urlsplit(headers.get("Location", "")).netloc
    passing = _passing(host, status, headers.get("Retry-After", ""), elsewhere)
    return passing or _answered(host, status, body, use)


def _passing(host: str, status: int, retry_after: str, elsewhere: str) -> Finding | None:
    """What says nothing of URL and token: too many requests, a service that is away, another place."""
    again = (
        f"run doctor again in {retry_after} seconds" if retry_after.isdigit() else "run doctor again in some minutes"
    )
    if status == 429:
        return Finding(_CHECK, "yellow", f"{host} has had too many requests (429): the token was not tested", again)
    if status in {502, 503, 504}:
        said = f"{host} or what stands before it is not available at the moment ({status}): the token was not tested"
        return Finding(_CHECK, "red", said, f"{again}; if it stays so, ask Eptura")
    if 300 <= status < 400:
        to = f" to {elsewhere}" if elsewhere else ""
        return Finding(
            _CHECK,
            "red",
            f"{host} redirects{to} ({status}); the token was not sent there",
            "set tenantUrl to the address that Eptura names; a login page is a proxy's, or another product's",
        )
    return None


def _answered(host: str, status: int, body: bytes, use: TokenUse) -> Finding:
    if status in {401, 403} and use != "sent":
        said = f"{host} is reachable and asks for a token; "
        if use == "undecryptable":
            said += "the token that is set was not tested, because it cannot be decrypted"
            return Finding(_CHECK, "yellow", said, "see `settings` above, then run doctor again")
        return Finding(_CHECK, "yellow", f"{said}no token is set", _SET_TOKEN)
    if status in {401, 403}:
        return Finding(_CHECK, "red", f"{host} refuses the token ({status})", f"get another from Eptura; {_SET_TOKEN}")
    if status == 200 and _is_list(body):
        return Finding(_CHECK, "green", f"{host} is reachable over verified TLS, speaks SCIM and takes the token")
    what = f"answers {status}" if status != 200 else "answers, but not with a SCIM list"
    return Finding(
        _CHECK,
        "red",
        f"{host} {what} where SCIM users are expected: that is not the SCIM API, or it fails",
        "compare tenantUrl with what Eptura gave you; if they are the same, ask Eptura",
    )


_SET_TOKEN = "set it with `pulumi config set --secret secretToken`"  # noqa: S105  (a command, not a token)


def _unreachable(host: str, error: Exception) -> Finding:
    match error:
        case aiohttp.ClientConnectorDNSError():
            what, todo = "DNS does not know the name", "check tenantUrl, and this machine's DNS"
        case aiohttp.ClientConnectorCertificateError():
            reason = getattr(error.certificate_error, "verify_message", "") or "not valid"
            what, todo = f"TLS: its certificate is not trusted ({reason})", "Entra will refuse it as well: ask Eptura"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            what, todo = "TLS: no agreement with it", "is that port HTTPS? check tenantUrl, or ask Eptura"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            what, todo = "the proxy of this machine does not let it through", f"check HTTPS_PROXY. {_FROM_HERE}"
        case aiohttp.ConnectionTimeoutError() | TimeoutError():
            what, todo = "TCP: no answer in time", f"a firewall between here and there? {_FROM_HERE}"
        case aiohttp.ClientConnectorError():
            reason = error.os_error.strerror or type(error.os_error).__name__
            what, todo = f"TCP: no connection ({reason})", f"check the port in tenantUrl. {_FROM_HERE}"
        case _:
            what, todo = f"the connection broke off ({type(error).__name__})", f"try again. {_FROM_HERE}"
    return Finding(_CHECK, "red", f"{host} cannot be reached: {what}", todo)


def _is_list(body: bytes) -> bool:
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        return False
    schemas = document.get("schemas") if isinstance(document, dict) else None
    return isinstance(schemas, list) and LIST_RESPONSE in schemas
