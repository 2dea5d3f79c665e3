"""Owners of groups and managers of users.

Source: Microsoft Graph v1.0, "List group owners", "Add owners", "List manager", "Assign manager", "Remove manager".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import RLock

from eptura_scim.local_entra.directory.principal_models import PrincipalEntry
from eptura_scim.local_entra.directory.principal_state import PeopleState
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.types import Json

__all__ = ["References"]


class References:
    """References between users, groups and service principals that are not members."""

    def __init__(
        self,
        state: PeopleState,
        lock: RLock,
        write: Callable[[Iterable[Json]], None],
        principal: Callable[[str], tuple[str, PrincipalEntry]],
    ) -> None:
        self._state = state
        self._lock = lock
        self._write = write
        self._principal = principal

    def owners(self, group: str) -> list[str]:
        """Ids of a group's owners, those that are gone included. Raises ODataError 404."""
        with self._lock:
            self._check(group in self._state.groups, group)
            return self._state.owners(group)

    def add_owner(self, group: str, *owners: str) -> None:
        """Make users or service principals owners of a group. Raises ODataError 404, and 400 for one that is."""
        with self._lock:
            present = self.owners(group)
            for owner in owners:
                self._principal(owner)
                if owner in present:
                    raise ODataError.reference_exists("owners")
            self._write([{"group": group, "own": list(owners)}])

    def remove_owner(self, group: str, owner: str) -> None:
        """Take an owner from a group. Raises ODataError 404."""
        with self._lock:
            self._check(owner in self.owners(group), owner)
            self._write([{"group": group, "disown": [owner]}])

    def manager(self, user: str) -> PrincipalEntry:
        """The manager of a user (object id). Raises ODataError 404 for a user without one, as "List manager" does."""
        with self._lock:
            self._check(user in self._state.users, user)
            found = self._state.users.get(self._state.manager(user) or "")
            if found is None:
                raise ODataError.no_object("manager")
            return found

    def set_manager(self, user: str, manager: str) -> None:
        """Give a user a manager. Raises ODataError 404."""
        with self._lock:
            self._check(user in self._state.users, user)
            self._check(manager in self._state.users, manager)
            self._write([{"user": user, "manager": manager}])

    def remove_manager(self, user: str) -> None:
        """Take the manager from a user, also one in the recycle bin. Raises ODataError 404 for a user without one.

        Source: "Remove manager"; the azuread provider removes a manager that it has just deleted.
        """
        with self._lock:
            self._check(user in self._state.users, user)
            self._check(bool(self._state.manager(user)), "manager")
            self._write([{"user": user, "manager": None}])

    def _check(self, found: bool, identifier: str) -> None:
        if not found:
            raise ODataError.no_object(identifier)
