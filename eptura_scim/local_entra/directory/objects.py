"""Objects of the directory whatever their type: found by id, with who owns them and what they were."""

from __future__ import annotations

import re
from collections.abc import Iterable

from eptura_scim.local_entra.directory.administrative_units import AdministrativeUnits
from eptura_scim.local_entra.directory.application_models import typed
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.types import Json

__all__ = ["Objects"]

_OBJECT = re.compile(r"^/(applications|servicePrincipals)/([^/]+)")


class Objects:
    """Applications, service principals, users, groups and administrative units together."""

    def __init__(self, directory: ApplicationRegistry, people: People, units: AdministrativeUnits) -> None:
        self._directory = directory
        self._people = people
        self._units = units

    def find(self, identifier: str) -> Json:
        """An object of any type by object id, with its `@odata.type`. Raises ODataError 404."""
        for kind, items in (
            ("application", self._directory.applications()),
            ("administrativeUnit", self._units.all()),
        ):
            for item in items:
                if item["id"] == identifier:
                    return typed(kind, item)
        return self.principal(identifier)

    def principal(self, identifier: str) -> Json:
        """A user, group or service principal by object id, with its `@odata.type`. Raises ODataError 404."""
        if (entry := self._people.find(identifier)) is not None and entry["deletedDateTime"] is None:
            return typed(self._people.kind(identifier) or "user", entry)
        return typed("servicePrincipal", self._directory.service_principal(identifier))

    def principals(self, identifiers: Iterable[str]) -> list[Json]:
        """Those of several users, groups and service principals that exist."""
        found = []
        for identifier in identifiers:
            try:
                found.append(self.principal(identifier))
            except ODataError:
                continue
        return found

    def object_id(self, kind: str, app_id: str) -> str | None:
        """Object id of the application or service principal of a client id; None when it does not exist."""
        if kind == "applications":
            return self._directory.find_application(app_id)
        return self._directory.find_service_principal(app_id)

    def owns(self, path: str, caller: str) -> bool:
        """Whether the caller owns the application or service principal that a path is about.

        One that does not exist, or is not deleted, has no owner: the request itself has to find that out.
        """
        with self._directory.lock:
            if path.startswith("/directory/deletedItems/"):
                return self._directory.bin.owned(path.split("/")[3], caller)
            match = _OBJECT.match(path)
            try:
                return match is None or caller in self._directory.owners(match[1], match[2])
            except ODataError:
                return True

    def deleted(self, identifier: str) -> Json:
        """An object of the recycle bin. Raises ODataError 404."""
        for kind, items in (
            ("application", self._directory.bin.applications()),
            ("servicePrincipal", self._directory.bin.service_principals()),
        ):
            for item in items:
                if item["id"] == identifier:
                    return typed(kind, item)
        for entry in self._people.deleted():
            if entry["id"] == identifier:
                return typed(self._people.kind(identifier) or "user", entry)
        raise ODataError.no_object(identifier)

    def deleted_kind(self, identifier: str) -> str | None:
        """`application`, `servicePrincipal`, `user` or `group` of an object of the recycle bin; None without one."""
        try:
            return str(self.deleted(identifier)["@odata.type"]).rpartition(".")[2]
        except ODataError:
            return None
