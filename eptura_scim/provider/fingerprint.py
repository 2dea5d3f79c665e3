"""Fingerprints of secret tokens: they tell that a token changed and nothing about what it is.

A fingerprint is salted and slow to compute (scrypt, RFC 7914), so that the state gives no way to try out tokens.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

__all__ = ["IMPORTED", "fingerprint", "fingerprint_for", "is_fingerprint", "same_fingerprint"]

IMPORTED = "imported"
"""Stands for the token that Entra already had when the resource was imported: Entra never shows it."""

_VERSION = "v1"
_SALT_BYTES = 12
_DIGEST_BYTES = 12


def fingerprint(token: str, urn: str) -> str:
    """`v1.salt.digest` of a token. The salt comes from the resource, so that a preview and its update say the same."""
    return _fingerprint(token, hashlib.sha256(urn.encode()).digest()[:_SALT_BYTES])


@lru_cache(maxsize=4)  # a run asks several times for the same token
def _fingerprint(token: str, salt: bytes) -> str:
    digest = hashlib.scrypt(token.encode(), salt=salt, n=2**14, r=8, p=1, dklen=_DIGEST_BYTES)
    return ".".join([_VERSION, *(base64.urlsafe_b64encode(part).decode() for part in (salt, digest))])


def fingerprint_for(token: str, known: object, urn: str) -> str:
    """The known fingerprint where it is this token's, else a new one. `known` is what the state holds, whatever it is.

    The first token after an import counts as the one that Entra has: its fingerprint is marked as IMPORTED.
    """
    if known == IMPORTED:
        return f"{IMPORTED}+{fingerprint(token, urn)}"
    known = known if isinstance(known, str) else ""
    mark, _, rest = known.rpartition("+")
    return known if _matches(token, rest) and mark in {"", IMPORTED} else fingerprint(token, urn)


def is_fingerprint(known: str) -> bool:
    """Whether a recorded text stands for a token, and not for what was found wrong with it."""
    return known == IMPORTED or known.removeprefix(f"{IMPORTED}+").startswith(f"{_VERSION}.")


def same_fingerprint(old: str, new: str) -> bool:
    """Whether two recorded fingerprints stand for one token."""
    return old == new or (old == IMPORTED and new.startswith(f"{IMPORTED}+"))


def _matches(token: str, known: str) -> bool:
    parts = known.split(".")
    if len(parts) != 3 or parts[0] != _VERSION:
        return False
    try:
        salt = base64.urlsafe_b64decode(parts[1])
    except ValueError:
        return False
    return hmac.compare_digest(_fingerprint(token, salt).encode(), known.encode())
