"""Objects of the directory whatever their type: found by id, with who owns them and what they were."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eptura_scim.local_entra.directory.applications import Directory, matching
from eptura_scim.local_entra.directory.caller import Identity
from eptura_scim.local_entra.directory.principal_models import shown
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.types import Json

__all__ = ["Objects", "typed"]

_OBJECT = re.compile(r"^/(applications|servicePrincipals)(?:/([^/]+)|\(appId='([^']*)'\))")


class Objects:
    """Applications, service principals, users and groups together."""

    def __init__(self, directory: Directory, people: People, identity: Identity) -> None:
        self._directory = directory
        self._people = people
        self._identity = identity

    def principal(self, identifier: str) -> Json:
        """A user or service principal, as an owner is shown. Raises GraphError 404."""
        if (entry := self._people.find(identifier)) is not None and entry["deletedDateTime"] is None:
            return shown(self._people.kind(identifier) or "user", entry)
        known = matching(self._directory.service_principals(), {"id": identifier})
        found = known[0] if known else self._identity.find(identifier)
        if found is None:
            raise GraphError.no_object(identifier)
        return typed("servicePrincipal", found)

    def principals(self, identifiers: list[str]) -> list[Json]:
        """Those of several users and service principals that exist."""
        found = []
        for identifier in identifiers:
            try:
                found.append(self.principal(identifier))
            except GraphError:
                continue
        return found

    def id_of(self, path: str) -> tuple[str, str]:
        """Kind and object id of the application or service principal that a path begins with. Raises GraphError 404."""
        match = _OBJECT.match(path)
        if match is None:
            raise GraphError.no_object(path)
        if match[2] is not None:
            return match[1], match[2]
        listed = self._directory.applications if match[1] == "applications" else self._directory.service_principals
        items = matching(listed(), {"appId": match[3]})
        found = items[0] if items else self._identity.find(match[3])
        if found is None or (match[1] == "applications" and not items):
            raise GraphError.no_object(match[3])
        return match[1], str(found["id"])

    def owns(self, path: str, caller: str) -> bool:
        """Whether the caller owns the application or service principal that a path is about.

        One that is not there, or not deleted, is nobody's: the request itself has to find that out.
        """
        with self._directory.lock:
            if path.startswith("/directory/deletedItems/"):
                return self._directory.owned_in_bin(path.split("/")[3], caller)
            try:
                return caller in self._directory.owners(*self.id_of(path))
            except GraphError:
                return True

    def deleted(self, identifier: str) -> Json:
        """An object of the recycle bin. Raises GraphError 404."""
        for kind, items in (
            ("application", self._directory.deleted_applications()),
            ("servicePrincipal", self._directory.deleted_service_principals()),
        ):
            if found := matching(items, {"id": identifier}):
                return typed(kind, found[0])
        for entry in self._people.deleted():
            if entry["id"] == identifier:
                return typed(self._people.kind(identifier) or "user", entry)
        raise GraphError.no_object(identifier)

    def deleted_kind(self, identifier: str) -> str | None:
        """`application`, `servicePrincipal`, `user` or `group` of an object of the recycle bin; None without one."""
        try:
            return str(self.deleted(identifier)["@odata.type"]).rpartition(".")[2]
        except GraphError:
            return None


def typed(kind: str, item: Mapping[str, Any]) -> Json:
    """An object of a collection that has objects of several types."""
    return {"@odata.type": f"#microsoft.graph.{kind}", **item}
