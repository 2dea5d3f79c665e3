"""Users, groups, members and assignments as a state that events build up: what is kept, and what changed when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from eptura_scim.local_entra.directory.principal_models import (
    PrincipalEntry,
    PrincipalKind,
    with_defaults,
    without_defaults,
)
from eptura_scim.types import Json

__all__ = ["ChangesSince", "PeopleState", "StoredAssignment"]


class StoredAssignment(NamedTuple):
    """An app role assignment, as it is kept; the names of both ends are looked up when it is shown."""

    id: str
    resource: str
    """Object id of the service principal."""
    principal: str
    role: str
    created: str

    def as_graph(self, principal: PrincipalEntry, principal_type: str, resource_name: str) -> Json:
        """The assignment as Graph shows it (resource type appRoleAssignment)."""
        return {
            "id": self.id,
            "deletedDateTime": None,
            "appRoleId": self.role,
            "createdDateTime": self.created,
            "principalDisplayName": principal["displayName"],
            "principalId": self.principal,
            "principalType": principal_type,
            "resourceDisplayName": resource_name,
            "resourceId": self.resource,
        }


class ChangesSince(NamedTuple):
    """What changed after a number: the ids of users and groups, in the order of their last change.

    An id is among them when its properties, whether it is deleted, its members or its assignments changed.
    """

    ids: list[str]
    number: int
    """What to ask with the next time."""


class PeopleState:
    """What is known. It changes by `apply` alone, with an event that was kept before.

    Events are JSON objects with the number `n`: {put: user|group, object} with what differs from the shape, {group,
    add|remove|own|disown: [ids]}, {user, manager: id or null}, {assign: […]}, {unassign: id}, {purge: id, kind}, and
    nothing else for the number alone.
    """

    def __init__(self) -> None:
        self.number = 0
        self.kinds: dict[str, PrincipalKind] = {}
        """Of every id that was ever used: also of what was deleted for good."""
        self.users: dict[str, PrincipalEntry] = {}
        self.groups: dict[str, PrincipalEntry] = {}
        self.deleted: dict[str, PrincipalEntry] = {}
        """The recycle bin, oldest first."""
        self.names: dict[str, str] = {}
        """Ids of users by userPrincipalName in small letters."""
        self.assignments: dict[str, StoredAssignment] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._groups_of: dict[str, dict[str, None]] = {}
        self._assigned: dict[str, dict[str, None]] = {}
        self._owners: dict[str, dict[str, None]] = {}
        self._managers: dict[str, str] = {}
        self._changed: dict[str, int] = {}

    def __len__(self) -> int:
        """How many entries a snapshot has, about."""
        return len(self.kinds) + len(self._members) + len(self.assignments)

    def apply(self, event: Json) -> None:
        """Apply one event. Raises KeyError, TypeError or ValueError when it is malformed."""
        self.number = max(self.number, event["n"])
        match event:
            case {"put": "user" | "group" as kind, "object": dict(entry)}:
                self._put(kind, with_defaults(kind, entry))
            case {"group": str()} | {"user": str()}:
                self._refer(event)
                return
            case {"assign": list(values)}:
                made = StoredAssignment(*values)
                self.assignments[made.id] = made
                for end in (made.resource, made.principal):
                    self._assigned.setdefault(end, {})[made.id] = None
                self._touch(made.principal, event["n"])
                return
            case {"unassign": str(assignment)}:
                self._touch(self._unassign(assignment).principal, event["n"])
                return
            case {"purge": str(identifier), "kind": "user" | "group" as kind}:
                self.kinds[identifier] = kind
                self._purge(identifier)
            case _:
                if event.keys() != {"n"}:
                    raise ValueError("not an event")
                return
        self._touch(event["object"]["id"] if "put" in event else event["purge"], event["n"])

    def _refer(self, event: Json) -> None:
        """Take in a change of members, owners or a manager."""
        match event:
            case {"group": str(group), "add": list(ids)}:
                self._members.setdefault(group, {}).update(dict.fromkeys(ids))
                for member in ids:
                    self._groups_of.setdefault(member, {})[group] = None
                self._touch(group, event["n"])
            case {"group": str(group), "remove": list(ids)}:
                for member in ids:
                    self._members[group].pop(member, None)
                    self._groups_of[member].pop(group, None)
                self._touch(group, event["n"])
            case {"group": str(group), "own": list(ids)}:
                self._owners.setdefault(group, {}).update(dict.fromkeys(ids))
            case {"group": str(group), "disown": list(ids)}:
                for owner in ids:
                    self._owners[group].pop(owner, None)
            case {"user": str(user), "manager": str() | None as manager}:
                self._managers.pop(user, None)
                if manager is not None:
                    self._managers[user] = manager
                self._touch(user, event["n"])
            case _:
                raise ValueError("not an event")

    def settle(self) -> None:
        """Put the changes in order, after events that came out of it."""
        self._changed = dict(sorted(self._changed.items(), key=lambda item: item[1]))

    def snapshot(self) -> Iterator[Json]:
        """Events that build up the same state, numbers of changes included."""
        for entries in (self.users, self.groups, self.deleted):
            for identifier, entry in entries.items():
                kind = self.kinds[identifier]
                yield {"n": self._changed[identifier], "put": kind, "object": without_defaults(kind, entry)}
        for identifier, kind in self.kinds.items():
            if self.entry(identifier) is None:
                yield {"n": self._changed[identifier], "purge": identifier, "kind": kind}
        for group, members in self._members.items():
            if not members:
                continue
            yield {"n": self._changed[group], "group": group, "add": list(members)}
        for group, owners in self._owners.items():
            if owners:
                yield {"n": self._changed[group], "group": group, "own": list(owners)}
        for user, manager in self._managers.items():
            yield {"n": self._changed[user], "user": user, "manager": manager}
        for assignment in self.assignments.values():
            yield {"n": self._changed.get(assignment.principal, 0), "assign": list(assignment)}
        yield {"n": self.number}

    def changes_since(self, number: int) -> ChangesSince:
        """What changed after a number; costs as much as there is of it."""
        found: list[str] = []
        for identifier, changed in reversed(self._changed.items()):
            if changed <= number:
                break
            found.append(identifier)
        return ChangesSince(found[::-1], self.number)

    def entry(self, identifier: str) -> PrincipalEntry | None:
        """A user or group, deleted or not; None for what is not there, or no more."""
        return self.users.get(identifier) or self.groups.get(identifier) or self.deleted.get(identifier)

    def members(self, group: str) -> list[str]:
        """Ids of a group's members, those in the bin included."""
        return list(self._members.get(group, ()))

    def is_member(self, group: str, member: str) -> bool:
        """Whether it is a member."""
        return member in self._members.get(group, ())

    def owners(self, group: str) -> list[str]:
        """Ids of a group's owners, those that are gone included."""
        return list(self._owners.get(group, ()))

    def manager(self, user: str) -> str | None:
        """Id of a user's manager, in the recycle bin or not; None without one."""
        return self._managers.get(user)

    def transitive_members(self, group: str) -> list[str]:
        """Ids of all direct and indirect members of a group, each once; groups in groups are members too."""
        found: dict[str, None] = {}
        waiting = [group]
        while waiting:
            new = [member for member in self.members(waiting.pop(0)) if member not in found]
            found |= dict.fromkeys(new)
            waiting += [member for member in new if member in self.groups]
        return list(found)

    def groups_of(self, member: str) -> list[str]:
        """Ids of the groups that something is a direct member of."""
        return list(self._groups_of.get(member, ()))

    def assigned(self, end: str) -> list[StoredAssignment]:
        """The assignments of a service principal or of a principal, oldest first."""
        return [self.assignments[identifier] for identifier in self._assigned.get(end, ())]

    def _put(self, kind: PrincipalKind, entry: PrincipalEntry) -> None:
        identifier = entry["id"]
        before = self.users.get(identifier) or self.groups.get(identifier)
        if kind == "user" and before is not None:
            self.names.pop(before["userPrincipalName"].lower(), None)
        live = self.users if kind == "user" else self.groups
        self.kinds[identifier] = kind
        if entry.get("deletedDateTime") is None:
            self.deleted.pop(identifier, None)
            live[identifier] = entry
            if kind == "user":
                self.names[entry["userPrincipalName"].lower()] = identifier
        else:
            live.pop(identifier, None)
            self.deleted[identifier] = entry
        if (before is None) != (entry.get("deletedDateTime") is not None):
            for group in self.groups_of(identifier):
                self._touch(group, self.number)

    def _purge(self, identifier: str) -> None:
        self.deleted.pop(identifier, None)
        live = self.groups.pop(identifier, None)  # a security group, which goes without the bin
        for group in self._groups_of.pop(identifier, ()):
            self._members[group].pop(identifier, None)
            if live is not None:
                self._touch(group, self.number)
        for member in self._members.pop(identifier, ()):
            self._groups_of[member].pop(identifier, None)
        for assignment in list(self._assigned.get(identifier, ())):
            self._unassign(assignment)
        self._owners.pop(identifier, None)
        self._managers = {user: boss for user, boss in self._managers.items() if identifier not in {user, boss}}

    def _unassign(self, identifier: str) -> StoredAssignment:
        found = self.assignments.pop(identifier)
        for end in (found.resource, found.principal):
            self._assigned[end].pop(identifier, None)
        return found

    def _touch(self, identifier: str, number: int) -> None:
        if identifier in self.kinds:
            self._changed.pop(identifier, None)
            self._changed[identifier] = number
