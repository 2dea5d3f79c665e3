"""Says in one sentence which host cannot be reached, why, and what to do."""

from __future__ import annotations

import errno
import re
import ssl
from collections.abc import Iterator

import aiohttp

__all__ = ["NOT_TRUSTED", "REASONS", "unreachable", "why"]

NOT_TRUSTED = "its certificate is not trusted"
_PROXY = "the proxy of HTTPS_PROXY does not let it through"
_NO_NAME = "its name is not found"
_REFUSES = "it refuses connections"
_NO_NETWORK = "no network leads to it"
_LATE = "it does not answer in time"
_ENDS = "it ends the connection"
_NO_TLS = "it does not speak TLS"

REASONS = (
    (re.compile(r"proxyconnect"), _PROXY),
    (re.compile(r"x509:|tls: "), NOT_TRUSTED),
    (re.compile(r"no such host|server misbehaving|lookup "), _NO_NAME),
    (re.compile(r"connection refused"), _REFUSES),
    (re.compile(r"unreachable|no route to host"), _NO_NETWORK),
    (re.compile(r"timeout|timed out|deadline exceeded"), _LATE),
    (re.compile(r"connection reset|broken pipe|EOF"), _ENDS),
)
"""Texts of Go's net/http, and what they mean."""

_NUMBERS = {
    errno.ECONNREFUSED: _REFUSES,
    errno.ENETUNREACH: _NO_NETWORK,
    errno.EHOSTUNREACH: _NO_NETWORK,
    errno.ETIMEDOUT: _LATE,
}
_KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (aiohttp.ClientConnectorDNSError, _NO_NAME),
    ((aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError), _PROXY),
    ((aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError), NOT_TRUSTED),
    ((aiohttp.ClientSSLError, ssl.SSLError), _NO_TLS),
    (TimeoutError, _LATE),
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, ConnectionError), _ENDS),
)
_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?")


def unreachable(host: str, reason: str) -> str:
    """The sentence. `host` may have a port; `reason` is one of `why`."""
    return f"{host} cannot be reached: {reason}. {_what_to_do(host, reason)}"


def why(error: BaseException) -> str:
    """Why a call through aiohttp or azure-core found no answer: in our words, else the library's first line."""
    return next(filter(None, map(_known, _chain(error))), "") or (str(error).strip() or type(error).__name__).partition(
        "\n"
    )[0].rstrip(".")


def _known(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError) and (said := _NUMBERS.get(error.os_error.errno or 0)):
        return said
    return next((said for kinds, said in _KINDS if isinstance(error, kinds)), "")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what caused it; azure-core keeps the cause in `inner_exception`."""
    while error is not None:
        yield error
        error = getattr(error, "inner_exception", None) or error.__cause__


def _what_to_do(host: str, reason: str) -> str:
    if _LOCAL.fullmatch(host) and reason == NOT_TRUSTED:
        return "Set SSL_CERT_FILE as `eptura-scim local env` prints it, and run again"
    if _LOCAL.fullmatch(host):
        return "Start the local Entra (`eptura-scim local start --detach`), or correct ARM_METADATA_HOSTNAME"
    if reason == NOT_TRUSTED:
        return "Set SSL_CERT_FILE to a file with the certificates that this network uses, and run again"
    return "See whether this machine is online, and whether HTTPS_PROXY names the proxy of its network; then run again"
