"""What the azuread plugin says where it does not come as far as Entra, in words that say what to do.

It logs in before the other plugin does, and tells errors of Go's net/http as they are, with addresses and line breaks.
Source: Go, package net/http, type url.Error: `Get "https://host/path": reason`; package net, type OpError.
"""

from __future__ import annotations

import re

from eptura_scim.graph.credentials import refusal
from eptura_scim.unreachable import REASONS, unreachable

__all__ = ["readable"]

_CALL = re.compile(r'\b(?:Get|Head|Post|Put|Patch|Delete) "https?://([^/"?]+)[^"]*": (.+)', re.DOTALL)
_DESCRIPTION = re.compile(r'AADSTS\d+: [^"]+')
"""What Entra says of a refused login, with the ids that Microsoft's support asks for; in JSON."""
_SHORT = 120
"""Characters of a raw text that is still worth showing behind the sentence."""


def readable(text: str) -> str:
    """What an error of azuread means and what to do; empty for one that is neither a refused login nor the network."""
    said = " ".join(text.split())
    if meaning := refusal(said):
        told = _DESCRIPTION.search(said) if len(said) > _SHORT else None
        return f"login to Entra failed: {meaning}. azuread said: {told[0] if told else said}"
    if (call := _CALL.search(said)) is None:
        return ""
    host, raw = call.groups()
    known = next((words for pattern, words in REASONS if pattern.search(raw)), "")
    if not known:
        return ""
    short = f" (azuread: {raw})" if len(raw) <= _SHORT else ""
    return f"{unreachable(host, known)}{short}"
