"""What the azuread plugin says where it does not come as far as Entra, in words that say what to do.

It logs in before the other plugin does, and tells errors of Go's net/http as they are, with addresses and line breaks.
Source: Go, package net/http, type url.Error: `Get "https://host/path": reason`; package net, type OpError.
"""

from __future__ import annotations

import re

from eptura_scim.graph.credentials import refusal

__all__ = ["readable"]

_CALL = re.compile(r'\b(?:Get|Head|Post|Put|Patch|Delete) "https?://([^/"?]+)[^"]*": (.+)', re.DOTALL)
_NOT_TRUSTED = "its certificate is not trusted"
_REASONS = (
    (re.compile(r"proxyconnect"), "the proxy of HTTPS_PROXY does not let it through"),
    (re.compile(r"x509:|tls: "), _NOT_TRUSTED),
    (re.compile(r"no such host|server misbehaving|lookup "), "its name is not found"),
    (re.compile(r"connection refused"), "it refuses connections"),
    (re.compile(r"unreachable|no route to host"), "no network leads to it"),
    (re.compile(r"timeout|timed out|deadline exceeded"), "it does not answer in time"),
    (re.compile(r"connection reset|broken pipe|EOF"), "it ends the connection"),
)
_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?")
_SHORT = 120
"""Characters of a raw text that is still worth showing behind the sentence."""


def readable(text: str) -> str:
    """What an error of azuread means and what to do; empty for one that is neither a refused login nor the network."""
    said = " ".join(text.split())
    if meaning := refusal(said):
        return f"login to Entra failed: {meaning}. azuread said: {said}"
    if (call := _CALL.search(said)) is None:
        return ""
    host, raw = call.groups()
    known = next((words for pattern, words in _REASONS if pattern.search(raw)), "")
    if not known:
        return ""
    short = f" (azuread: {raw})" if len(raw) <= _SHORT else ""
    return f"{host} cannot be reached: {known}. {_what_to_do(host, known)}{short}"


def _what_to_do(host: str, known: str) -> str:
    if _LOCAL.fullmatch(host):
        return "Start the local Entra (`eptura-scim local start --detach`), or correct ARM_METADATA_HOSTNAME"
    if known == _NOT_TRUSTED:
        return "Set SSL_CERT_FILE to a file with the certificates that this network uses, and run again"
    return "See whether this machine is online, and whether HTTPS_PROXY names the proxy of its network; then run again"
