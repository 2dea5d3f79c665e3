"""Users, groups and assignments as a person edits them in the admin centre, by the names that stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eptura_scim.local_entra.directory.principal_models import PrincipalEntry
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import UnknownAppError
from eptura_scim.quantities import counted
from eptura_scim.types import Json

__all__ = ["PeoplePages"]


class PeoplePages:
    """The pages Users and Groups, and an application's page Users and groups.

    A user is named by user principal name, a group by display name where that is unique, both by object id.
    """

    def __init__(self, people: People, service_principal: Callable[[], str]) -> None:
        self._people = people
        self._service_principal = service_principal

    def add_user(self, name: str, **properties: Any) -> str:
        """Users: New user; `name` is the user principal name. Returns the object id."""
        return str(self._people.add_user(userPrincipalName=name, **properties)["id"])

    def edit_user(self, name: str, **properties: Any) -> None:
        """Users: Edit properties, by Graph's names."""
        self._people.update_user(self._user(name)["id"], properties)

    def disable_user(self, name: str) -> None:
        """Users: Account enabled off."""
        self.edit_user(name, accountEnabled=False)

    def enable_user(self, name: str) -> None:
        """Users: Account enabled on."""
        self.edit_user(name, accountEnabled=True)

    def delete_user(self, name: str) -> None:
        """Users: Delete; the user goes to the recycle bin for 30 days."""
        self._people.delete_user(self._user(name)["id"])

    def restore_user(self, name: str) -> None:
        """Deleted users: Restore."""
        self._people.restore(self._deleted_user(name))

    def delete_user_permanently(self, name: str) -> None:
        """Deleted users: Delete permanently."""
        self._people.purge(self._deleted_user(name))

    def add_group(self, name: str, *members: str, **properties: Any) -> str:
        """Groups: New group, with members. Returns the object id."""
        ids = [self._id(member) for member in members]
        group = str(self._people.add_group(displayName=name, **properties)["id"])
        if ids:
            self._people.add_member(group, *ids)
        return group

    def rename_group(self, name: str, new: str) -> None:
        """Groups: Group name."""
        self._people.update_group(self._group(name)["id"], {"displayName": new})

    def delete_group(self, name: str) -> None:
        """Groups: Delete."""
        self._people.delete_group(self._group(name)["id"])

    def add_member(self, group: str, *members: str) -> None:
        """Groups: Members: Add members."""
        self._people.add_member(self._group(group)["id"], *(self._id(member) for member in members))

    def remove_member(self, group: str, member: str) -> None:
        """Groups: Members: Remove."""
        self._people.remove_member(self._group(group)["id"], self._id(member))

    def assigned(self) -> list[Json]:
        """Users and groups: who is assigned to the application, as Graph shows it."""
        return self._people.assignments(self._service_principal())

    def assign(self, *names: str) -> None:
        """Users and groups: Add user/group."""
        for name in names:
            self._people.assign(self._service_principal(), self._id(name))

    def unassign(self, *names: str) -> None:
        """Users and groups: Remove assignment. Raises UnknownAppError."""
        service_principal = self._service_principal()
        for name in names:
            found = [made["id"] for made in self._people.assignments_of(self._id(name))
                     if made["resourceId"] == service_principal]  # fmt: skip
            if not found:
                raise UnknownAppError(f"{name!r} is not assigned to the application")
            for assignment in found:
                self._people.unassign(service_principal, assignment)

    def _id(self, name: str) -> str:
        if "@" in name or self._people.kind(name) == "user":
            return str(self._user(name)["id"])
        return str(self._group(name)["id"])

    def _user(self, name: str) -> PrincipalEntry:
        return self._people.user(name)

    def _group(self, name: str) -> PrincipalEntry:
        found = [group for group in self._people.groups() if name in {group["id"], group["displayName"]}]
        if len(found) != 1:
            raise UnknownAppError(f"{name!r} names {counted(len(found), 'group')}; give the object id of one")
        return found[0]

    def _deleted_user(self, name: str) -> str:
        named = [entry["id"] for entry in self._people.deleted()
                 if name.lower() in {entry["id"], str(entry.get("userPrincipalName", "")).lower()}]  # fmt: skip
        if len(named) != 1:
            raise UnknownAppError(f"{name!r} names {counted(len(named), 'deleted user')}; give the object id of one")
        return str(named[0])
