"""Users, groups, their members and their app role assignments: rules.

Sources: Microsoft Graph v1.0, resource types user, group, appRoleAssignment, directory (deletedItems).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from eptura_scim.local_entra.clock import Clock, timestamp
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.export import check_export, read_export
from eptura_scim.local_entra.directory.generation import generated
from eptura_scim.local_entra.directory.principal_models import (
    PrincipalEntry,
    PrincipalKind,
    new_group,
    new_user,
    with_changes,
    without_defaults,
)
from eptura_scim.local_entra.directory.principal_state import ChangesSince, PeopleState, StoredAssignment
from eptura_scim.local_entra.directory.recycle_bin import KEPT_DELETED
from eptura_scim.local_entra.directory.references import References
from eptura_scim.local_entra.directory.sample_tenant import sample_tenant
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.storage.event_log import Journal
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.types import Json

__all__ = ["DEFAULT_ROLE", "People"]

DEFAULT_ROLE = "00000000-0000-0000-0000-000000000000"
"""appRoleId of an assignment to a service principal that declares no roles (resource type appRoleAssignment)."""

_SLACK = 1000  # superfluous lines of the journal that are not worth rewriting it


class People:
    """The users and groups of a tenant. All access holds the directory's lock.

    Users and groups are given as Graph's JSON, complete, and are never changed in place. Every write gets a growing
    number; `changes_since` tells what came after one.
    """

    def __init__(self, directory: ApplicationRegistry, store: Store, clock: Clock) -> None:
        self.lock = directory.lock
        self._directory = directory
        self._clock = clock
        self._state = PeopleState()
        self._journal = Journal(store.file("people.jsonl"))
        lines = self._journal.replay(self._state.apply)
        self._state.settle()
        self.references = References(self._state, self.lock, self._write, self._principal)
        """Owners of groups, and managers of users."""
        if lines > 2 * len(self._state) + _SLACK:
            self._journal.rewrite(self._state.snapshot())

    # Reading

    def users(self) -> list[PrincipalEntry]:
        """All users, oldest first."""
        with self.lock:
            return list(self._state.users.values())

    def groups(self) -> list[PrincipalEntry]:
        """All groups, oldest first."""
        with self.lock:
            return list(self._state.groups.values())

    def user(self, identifier: str) -> PrincipalEntry:
        """A user by id or userPrincipalName. Raises ODataError 404."""
        with self.lock:
            known = self._state.names.get(identifier.lower(), identifier)
            return _found(self._state.users.get(known), identifier)

    def group(self, identifier: str) -> PrincipalEntry:
        """A group by id. Raises ODataError 404."""
        with self.lock:
            return _found(self._state.groups.get(identifier), identifier)

    def deleted(self) -> list[PrincipalEntry]:
        """The users and groups in the recycle bin, oldest first."""
        with self.lock:
            self.expire()
            return list(self._state.deleted.values())

    def find(self, identifier: str) -> PrincipalEntry | None:
        """A user or group by id, in the recycle bin or not (`deletedDateTime` tells); None for what is gone."""
        with self.lock:
            self.expire()
            return self._state.entry(identifier)

    def kind(self, identifier: str) -> PrincipalKind | None:
        """Whether an id is, or was, a user's or a group's."""
        with self.lock:
            return self._state.kinds.get(identifier)

    def changes_since(self, number: int) -> ChangesSince:
        """The ids of users and groups that changed after a number, and the number to ask with next; 0 gives all."""
        with self.lock:
            self.expire()
            return self._state.changes_since(number)

    # Users and groups

    def add_user(self, **properties: Any) -> PrincipalEntry:
        """Add a user by Graph's names of properties; `userPrincipalName` is needed. Raises ODataError 400."""
        with self.lock:
            user = new_user(properties, self._clock())
            self._check_new("user", user)
            return self._put("user", user)

    def add_group(self, **properties: Any) -> PrincipalEntry:
        """Add a group by Graph's names of properties; `displayName` is needed. Raises ODataError 400.

        A security group unless `groupTypes` has `Unified`. Names of groups need not be unique.
        """
        with self.lock:
            group = new_group(properties, self._clock())
            self._check_new("group", group)
            return self._put("group", group)

    def update_user(self, identifier: str, changes: Mapping[str, Any]) -> PrincipalEntry:
        """Change properties of a user. Raises ODataError 400, 404."""
        with self.lock:
            before = self.user(identifier)
            after = with_changes("user", before, changes)
            if after["userPrincipalName"].lower() != before["userPrincipalName"].lower():
                self._check_name(after["userPrincipalName"])
            return self._put("user", after)

    def update_group(self, identifier: str, changes: Mapping[str, Any]) -> PrincipalEntry:
        """Change properties of a group. Raises ODataError 400, 404."""
        with self.lock:
            return self._put("group", with_changes("group", self.group(identifier), changes))

    def delete_user(self, identifier: str) -> None:
        """Move a user to the recycle bin, memberships and assignments with it. Raises ODataError 404."""
        with self.lock:
            self._put("user", {**self.user(identifier), "deletedDateTime": self._now()})

    def delete_group(self, identifier: str) -> None:
        """Delete a group: a Microsoft 365 group moves to the recycle bin, a security group is gone at once.

        Raises ODataError 404. Source: "Restore deleted item", "security groups".
        """
        with self.lock:
            group = self.group(identifier)
            if "Unified" in group["groupTypes"]:
                self._put("group", {**group, "deletedDateTime": self._now()})
            else:
                self._write([{"purge": identifier, "kind": "group"}])

    def restore(self, identifier: str) -> PrincipalEntry:
        """Bring a user or group back from the recycle bin. Raises ODataError 404, 400."""
        with self.lock:
            entry = self._in_bin(identifier)
            kind = self._state.kinds[identifier]
            if kind == "user":
                self._check_name(entry["userPrincipalName"])
            return self._put(kind, {**entry, "deletedDateTime": None})

    def purge(self, identifier: str) -> None:
        """Delete a user or group in the recycle bin for good. Raises ODataError 404."""
        with self.lock:
            self._in_bin(identifier)
            self._write([{"purge": identifier, "kind": self._state.kinds[identifier]}])

    def expire(self) -> None:
        """Delete for good what has been in the recycle bin for 30 days; reading it does this first."""
        with self.lock:
            limit = timestamp(self._clock() - KEPT_DELETED)
            over = []
            for identifier, entry in self._state.deleted.items():
                if entry["deletedDateTime"] > limit:
                    break
                over.append({"purge": identifier, "kind": self._state.kinds[identifier]})
            if over:
                self._write(over)

    # Members

    def members(self, group: str) -> list[PrincipalEntry]:
        """The direct members of a group: users and groups, those in the recycle bin left out. Raises ODataError 404."""
        with self.lock:
            self.group(group)
            found = (self._live(identifier) for identifier in self._state.members(group))
            return [entry for entry in found if entry is not None]

    def member_ids(self, group: str, *, transitive: bool = False) -> list[str]:
        """Ids of all direct members of a group, service principals and what is gone included. Raises ODataError 404."""
        with self.lock:
            self.group(group)
            return self._state.transitive_members(group) if transitive else self._state.members(group)

    def groups_of(self, identifier: str) -> list[PrincipalEntry]:
        """The groups that a user or group is a direct member of. Raises ODataError 404."""
        with self.lock:
            _found(self._live(identifier), identifier)
            found = (self._state.groups.get(group) for group in self._state.groups_of(identifier))
            return [entry for entry in found if entry is not None]

    def add_member(self, group: str, *members: str) -> None:
        """Add users, groups or service principals to a group.

        Raises ODataError 404, and 400 for one that is a member already.
        """
        with self.lock:
            self.group(group)
            for member in members:
                self._principal(member)
                if self._state.is_member(group, member):
                    raise ODataError.reference_exists("members")
            self._write([{"group": group, "add": list(members)}])

    def remove_member(self, group: str, member: str) -> None:
        """Take a member out of a group. Raises ODataError 404."""
        with self.lock:
            self.group(group)
            if not self._state.is_member(group, member):
                raise ODataError.no_object(member)
            self._write([{"group": group, "remove": [member]}])

    # App role assignments

    def assignments(self, service_principal: str) -> list[Json]:
        """The assignments of users and groups to a service principal, as Graph shows them. Raises ODataError 404."""
        with self.lock:
            self._directory.record(service_principal)
            return self._shown(self._state.assigned(service_principal))

    def assignments_of(self, principal: str) -> list[Json]:
        """The assignments that a user, group or service principal has. Raises ODataError 404."""
        with self.lock:
            if self._live(principal) is None:
                self._directory.record(principal)
            return self._shown(assigned for assigned in self._state.assigned(principal))

    def granted_to(self, principal: str) -> list[Json]:
        """The assignments of a user or group and, for a user, of the groups it is a direct member of.

        Raises ODataError 404. Source: "List appRoleAssignments granted to a user".
        """
        with self.lock:
            own = self.assignments_of(principal)
            groups = self.groups_of(principal) if self._state.kinds[principal] == "user" else []
            return [*own, *(made for group in groups for made in self.assignments_of(group["id"]))]

    def assignment(self, service_principal: str, assignment: str) -> Json:
        """An assignment by its id. Raises ODataError 404."""
        with self.lock:
            self._directory.record(service_principal)
            found = self._state.assignments.get(assignment)
            shown = self._shown([found]) if found and found.resource == service_principal else []
            if not shown:
                raise ODataError.no_object(assignment)
            return shown[0]

    def assign(self, service_principal: str, principal: str, role: str | None = None) -> Json:
        """Assign a user, group or service principal to a service principal. Raises ODataError 404, 400.

        Without a role as the portal does: with the one named User, or with default access where none is declared.
        """
        with self.lock:
            declared = (self._directory.record(service_principal).principal or {}).get("appRoles") or []
            self._principal(principal)
            roles = [(item.get("displayName"), item.get("id")) for item in declared]
            by_name = {name: str(found) for name, found in reversed(roles) if isinstance(name, str) and found}
            role = role or by_name.get("User") or next(iter(by_name.values()), DEFAULT_ROLE)
            known = {found for _, found in roles if isinstance(found, str)}
            if not known or self._directory.switches.default_access_beside_roles == "accepted":
                known.add(DEFAULT_ROLE)
            if role not in known:
                raise _refused(f"Permission being assigned was not found on application '{service_principal}'.")
            others = self._state.assigned(service_principal)
            if any((other.principal, other.role) == (principal, role) for other in others):
                raise _refused("Permission being assigned already exists on the object")
            made = StoredAssignment(secrets.token_urlsafe(32), service_principal, principal, role, self._now())
            self._write([{"assign": list(made)}])
            self._note_assignment("Add app role assignment", made)
            return self._shown([made])[0]

    def unassign(self, service_principal: str, assignment: str) -> None:
        """Remove an assignment by its id. Raises ODataError 404."""
        with self.lock:
            self._directory.record(service_principal)
            found = self._state.assignments.get(assignment)
            if found is None or found.resource != service_principal:
                raise ODataError.no_object(assignment)
            self._write([{"unassign": assignment}])
            self._note_assignment("Remove app role assignment", found)

    # Many at once

    def generate(self, count: int, seed: int = 0) -> None:
        """Add any number of plausible users, and groups of them: the same ones for the same seed and beginning."""
        with self.lock:
            first, domain = len(self._state.kinds), self._directory.tenant.domain
            self._write(generated(count, seed, first=first, domain=domain, now=self._clock()))

    def add_sample(self) -> None:
        """Add the people of `sample_tenant`, unless there is a user or group, or was one before."""
        with self.lock:
            if not self._state.kinds:
                self._write(sample_tenant(self._directory.tenant.domain))

    def fill(self, count: int) -> None:
        """Generate users until there are `count`; nothing where there are as many already."""
        with self.lock:
            self.generate(max(0, count - len(self._state.users)))

    def load(self, file: Path) -> None:
        """Add users and groups from newline-delimited JSON of Graph, or replace those of the same id.

        Raises ImportFailedError, which names the line; then nothing was added.
        """
        with self.lock:
            events = list(read_export(file, self._clock()))
            check_export(file, events, self._state.names, set(self._state.kinds))
            self._write(events)

    # Inside; the lock is held

    def _write(self, changes: Iterable[Json]) -> None:
        events = [{"n": number, **change} for number, change in enumerate(changes, self._state.number + 1)]
        self._journal.append(events)  # first: what cannot be kept has not happened
        for event in events:
            self._state.apply(event)

    def _put(self, kind: PrincipalKind, entry: PrincipalEntry) -> PrincipalEntry:
        self._write([{"put": kind, "object": without_defaults(kind, entry)}])
        return _found(self._state.entry(entry["id"]), entry["id"])

    def _live(self, identifier: str) -> PrincipalEntry | None:
        return self._state.users.get(identifier) or self._state.groups.get(identifier)

    def _principal(self, identifier: str) -> tuple[str, PrincipalEntry]:
        """A user, group or service principal, with the name of its type. Raises ODataError 404."""
        if (entry := self._live(identifier)) is not None:
            return self._state.kinds[identifier].capitalize(), entry
        return "ServicePrincipal", self._directory.service_principal(identifier)

    def _note_assignment(self, activity: str, made: StoredAssignment) -> None:
        target = ("ServicePrincipal", made.resource, self._directory.name_of(made.resource) or "")
        changes = {"AppRole.Id": (None, made.role), "AppRoleAssignment.PrincipalId": (None, made.principal)}
        self._directory.audit.add(activity, "ApplicationManagement", target, changes)

    def _in_bin(self, identifier: str) -> PrincipalEntry:
        self.expire()
        return _found(self._state.deleted.get(identifier), identifier)

    def _check_new(self, kind: PrincipalKind, entry: PrincipalEntry) -> None:
        if entry["id"] in self._state.kinds:
            raise _refused("Another object with the same value for property id already exists.")
        if kind == "user":
            self._check_name(entry["userPrincipalName"])

    def _check_name(self, name: str) -> None:
        if name.lower() in self._state.names:
            raise _refused("Another object with the same value for property userPrincipalName already exists.")

    def _now(self) -> str:
        return timestamp(self._clock())

    def _shown(self, assignments: Iterable[StoredAssignment]) -> list[Json]:
        """Assignments whose both ends exist; those of what is in the recycle bin come back with it."""
        shown = []
        for made in assignments:
            resource = self._directory.name_of(made.resource)
            try:
                kind, entry = self._principal(made.principal)
            except ODataError:
                continue
            if resource is not None:
                shown.append(made.as_graph(entry, kind, resource))
        return shown


def _found(entry: PrincipalEntry | None, identifier: str) -> PrincipalEntry:
    if entry is None:
        raise ODataError.no_object(identifier)
    return entry


def _refused(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_BadRequest")
