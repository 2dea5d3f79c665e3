"""Which permissions and roles suffice for what, as names and ids; no I/O.

Sources: Microsoft Graph permissions reference; the permission tables of the methods' pages; for synchronization
"Microsoft Entra synchronization API overview"; Microsoft Entra built-in roles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from eptura_scim.graph.identity import Identity

__all__ = [
    "ASSIGN",
    "CHANGE_APPLICATIONS",
    "CHANGE_PROVISIONING",
    "OWNED_BY",
    "READ_APPLICATIONS",
    "READ_PROVISIONING",
    "ROLES",
    "Need",
    "included",
    "lacking",
    "writing",
]

OWNED_BY = "Application.ReadWrite.OwnedBy"
"""Counts for applications that the identity owns."""

ROLES = {
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
}
"""Directory roles of people that may do all of it, by template id."""


class Need(NamedTuple):
    """Something to be allowed."""

    what: str
    any_of: tuple[frozenset[str], ...]
    """Sets of application permissions, each of which suffices; the first has the least rights."""

    def met(self, has: Collection[str]) -> bool:
        """Whether one of the sets is there."""
        return any(one <= set(has) for one in self.any_of)

    def missing(self, has: Collection[str]) -> str:
        """The names that have to be granted."""
        return " and ".join(sorted(self.any_of[0] - set(has)))


def _need(what: str, *any_of: str | tuple[str, ...]) -> Need:
    return Need(what, tuple(frozenset((one,) if isinstance(one, str) else one) for one in any_of))


READ_APPLICATIONS = _need("read applications", "Application.Read.All", OWNED_BY, "Directory.Read.All")
READ_PROVISIONING = _need("read provisioning", "Synchronization.Read.All", OWNED_BY)
CHANGE_APPLICATIONS = _need(
    "create and change applications", OWNED_BY, "Application.ReadWrite.All", "Directory.ReadWrite.All"
)
CHANGE_PROVISIONING = _need("change provisioning", "Synchronization.ReadWrite.All", OWNED_BY)
ASSIGN = _need(
    "assign users and groups",
    ("AppRoleAssignment.ReadWrite.All", "Application.Read.All"),
    ("AppRoleAssignment.ReadWrite.All", "Directory.Read.All"),
)


def included(permissions: Iterable[str]) -> frozenset[str]:
    """The permissions with what they include: who may write may read."""
    found = frozenset(permissions)
    return found | {name.replace(".ReadWrite.All", ".Read.All") for name in found}


def lacking(identity: Identity, needs: Iterable[Need]) -> list[Need]:
    """The needs that an identity surely lacks, by its token.

    A person may have rights that no token tells (ownership, roles that the tenant defined), and a token that is not a
    JWT tells nothing: for both the answer is empty.
    """
    told = identity.kind == "application" and identity.tenant_id
    if not told or ROLES.keys() & identity.role_templates:
        return []
    return [need for need in needs if not need.met(included(identity.permissions))]


def writing(name: str) -> str:
    """The permission that includes one to read."""
    return name.replace(".Read.All", ".ReadWrite.All")
