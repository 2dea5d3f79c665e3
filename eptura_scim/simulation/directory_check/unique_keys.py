"""Which values no two objects may share, and how they are compared without being held: by 8 bytes of a hash.

Equal hashes are only a suspicion: `collisions` reads those objects again and compares the values themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, NamedTuple

from eptura_scim.mapping.flow import CompiledMapping, ObjectFlow
from eptura_scim.simulation.directory_check.finding_codes import Code
from eptura_scim.types import Kind

__all__ = ["NO_VALUE", "UniqueKey", "digest", "unique_keys_of"]

NO_VALUE = bytes(8)
"""Stands for the hash of an object that has no value."""


class UniqueKey(NamedTuple):
    """A target attribute whose values must differ."""

    row: CompiledMapping
    code: Code
    text: Callable[[Any], str]
    """What is compared of a value."""
    refused: bool
    """Whether Eptura refuses an object that comes second."""


def unique_keys_of(flow: ObjectFlow) -> list[UniqueKey]:
    """The keys of users or groups: what is matched by, and what Eptura keeps unique or never changes."""
    found = []
    for row in flow.rows:
        key = _key(flow.kind, row)
        if key is not None and row.expression is not None and not row.is_reference:
            found.append(key)
    return found


def _key(kind: Kind, row: CompiledMapping) -> UniqueKey | None:
    matches = row.mapping.matching_precedence > 0
    match kind, row.target:
        case "User", "userName":
            return UniqueKey(row, "username-not-unique", _any_case, refused=True)
        case _, "externalId":
            return UniqueKey(row, "externalid-not-unique", str, refused=False)
        case "Group", "displayName" if matches:
            return UniqueKey(row, "group-name-not-unique", _any_case, refused=False)
    return UniqueKey(row, "matching-collision", _any_case, refused=False) if matches else None


def _any_case(value: Any) -> str:
    return str(value).casefold()


def digest(text: str) -> bytes:
    """8 bytes that are the same in every process."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
