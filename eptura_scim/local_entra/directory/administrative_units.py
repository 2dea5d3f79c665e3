"""Administrative units and their members.

Source: Microsoft Graph v1.0, resource type administrativeUnit and the pages of its methods. The rule of a dynamic unit
is kept, its members are not computed; a unit has no administrators here, so a restricted one restricts nothing.
A deleted unit is gone at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape, checked
from eptura_scim.local_entra.storage.kept_objects import KeptObjects
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.types import Json

__all__ = ["ADMINISTRATIVE_UNIT", "AdministrativeUnits"]

ADMINISTRATIVE_UNIT = Shape(
    name="administrativeUnit",
    is_directory_object=True,
    properties={
        "id": "",
        "deletedDateTime": None,
        "description": TEXT,
        "displayName": "",
        "isMemberManagementRestricted": None,
        "membershipRule": TEXT,
        "membershipRuleProcessingState": TEXT,
        "membershipType": TEXT,
        "visibility": TEXT,
    },
    ordered_by=frozenset({"displayName"}),
    read_only=frozenset({"id", "deletedDateTime"}),
)
"""An administrative unit."""

_MEMBERS = "members"  # of a kept unit, beside its properties


class AdministrativeUnits:
    """The administrative units of a tenant."""

    def __init__(self, store: Store, people: People) -> None:
        self._kept = KeptObjects(store, "administrative-units.json")
        self._people = people
        self._lock = people.lock

    def all(self) -> list[Json]:
        """All units, oldest first."""
        with self._lock:
            return [_shown(unit) for unit in self._kept.all()]

    def get(self, identifier: str) -> Json:
        """A unit. Raises ODataError 404."""
        with self._lock:
            return _shown(self._kept.get(identifier))

    def create(self, values: Mapping[str, Any]) -> Json:
        """Make a unit. Raises ODataError 400."""
        given = checked(ADMINISTRATIVE_UNIT, values, {})
        _check_name(given.get("displayName"))
        made = {**ADMINISTRATIVE_UNIT.blank, **given, "id": str(uuid.uuid4())}
        with self._lock:
            self._kept.put({**made, _MEMBERS: []})
        return made

    def update(self, identifier: str, changes: Mapping[str, Any]) -> None:
        """Change properties that are named. Raises ODataError 400, 404."""
        with self._lock:
            before = self._kept.get(identifier)
            after = {**before, **checked(ADMINISTRATIVE_UNIT, changes, before)}
            _check_name(after["displayName"])
            if after["isMemberManagementRestricted"] != before["isMemberManagementRestricted"]:
                raise _refused("isMemberManagementRestricted can be set when a unit is created, and not changed.")
            self._kept.put(after)

    def delete(self, identifier: str) -> None:
        """Delete a unit; its members stay. Raises ODataError 404."""
        with self._lock:
            self._kept.remove(identifier)

    def members(self, identifier: str) -> list[str]:
        """Ids of a unit's users and groups, those that are gone included. Raises ODataError 404."""
        with self._lock:
            return list(self._kept.get(identifier)[_MEMBERS])

    def add_member(self, identifier: str, member: str) -> None:
        """Add a user or group. Raises ODataError 400, 404."""
        with self._lock:
            unit = self._kept.get(identifier)
            found = self._people.find(member)
            if found is None or found["deletedDateTime"] is not None:
                raise ODataError.no_object(member)
            if member in unit[_MEMBERS]:
                raise ODataError.reference_exists(_MEMBERS)
            self._kept.put({**unit, _MEMBERS: [*unit[_MEMBERS], member]})

    def remove_member(self, identifier: str, member: str) -> None:
        """Take a user or group out of a unit. Raises ODataError 404."""
        with self._lock:
            unit = self._kept.get(identifier)
            if member not in unit[_MEMBERS]:
                raise ODataError.no_object(member)
            self._kept.put({**unit, _MEMBERS: [other for other in unit[_MEMBERS] if other != member]})

    def of_member(self, member: str) -> list[Json]:
        """The units that a user or group is in."""
        with self._lock:
            return [_shown(unit) for unit in self._kept.all() if member in unit[_MEMBERS]]


def _shown(unit: Json) -> Json:
    return {name: value for name, value in unit.items() if name != _MEMBERS}


def _check_name(name: Any) -> None:
    if not name:
        raise _refused("A value is required for property 'displayName' of resource 'AdministrativeUnit'.")


def _refused(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_BadRequest")
