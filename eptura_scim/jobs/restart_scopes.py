"""What a restart may forget or force, in words.

Source: Microsoft Graph v1.0, synchronizationJobRestartCriteria; Microsoft, "How Application Provisioning works" (Full).
"""

from __future__ import annotations

from collections.abc import Iterable

from eptura_scim.errors import WrongUsageError
from eptura_scim.graph.synchronization import ResetScope

__all__ = ["EVERYONE", "MEANINGS", "ResetScopeError", "reset_scopes"]

MEANINGS: dict[ResetScope, str] = {
    "Watermark": "all users are processed again, in an initial cycle",
    "Escrows": "waiting failures are discarded: they are retried only if all users are processed again",
    "QuarantineState": "the quarantine is lifted for the time being",
    "Full": "links to Eptura accounts and waiting failures are discarded, a quarantine is lifted: all users are "
    "matched again, and those without a match are created again",
    "ForceDeletes": "deletions that the accidental deletion threshold holds back are carried out",
}

EVERYONE: frozenset[ResetScope] = frozenset({"Watermark", "Full"})
"""Scopes with which all users are processed again."""

_REFUSED = {
    "none": "Microsoft says not to use it: it only starts a job; `eptura-scim start` does that",
    "connectordatastore": "Microsoft says not to use it without its support: it clears what Entra knows of all users",
}


class ResetScopeError(WrongUsageError):
    """A reset scope is unknown or must not be used; the text says what there is."""


def reset_scopes(words: Iterable[str]) -> tuple[ResetScope, ...]:
    """The scopes that words name, which may hold several with commas; each once. Raises ResetScopeError."""
    known = {scope.lower(): scope for scope in MEANINGS}
    found: dict[ResetScope, None] = {}
    for word in (part.strip() for text in words for part in text.split(",")):
        if why := _REFUSED.get(word.lower()):
            raise ResetScopeError(f"--reset-scope {word} is refused. {why}")
        if word.lower() not in known:
            raise ResetScopeError(f"--reset-scope {word!r} is not one of {', '.join(MEANINGS)}")
        found[known[word.lower()]] = None
    return tuple(found)
