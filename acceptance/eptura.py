"""What is at Eptura: its people and groups, and what cycles did to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from eptura_scim.local_entra.scim_server.server import ScimServer

__all__ = ["CYCLES", "Eptura", "Event", "EventKind", "Snapshot"]

CYCLES = 3
"""Until nothing is left to do: an initial cycle, what it left for the next, and a cycle that finds nothing to do."""

EventKind = Literal["created", "disabled", "enabled", "deleted", "renamed", "rematched", "joined", "left"]
"""`rematched`: another externalId, which Eptura never takes back. `joined` and `left`: a group."""


@dataclass(frozen=True)
class Event:
    """What a cycle did to a user or group."""

    kind: EventKind
    name: str
    """The userName of a user, the displayName of a group, before a change of it; `USERNAME of GROUP` of a member."""

    def __str__(self) -> str:
        return f"{self.name} {self.kind}"


@dataclass(frozen=True)
class Snapshot:
    """All that Eptura has, by its own ids."""

    users: dict[str, dict[str, Any]]
    groups: dict[str, dict[str, Any]]

    @property
    def active(self) -> dict[str, dict[str, Any]]:
        """The users who may log in, by userName."""
        return {user["userName"]: user for user in self.users.values() if user["active"]}

    @property
    def members(self) -> dict[str, set[str]]:
        """The userNames of the members of each group, by its displayName."""
        return {
            group["displayName"]: {self.users[member["value"]]["userName"] for member in group.get("members", [])}
            for group in self.groups.values()
        }

    def since(self, before: Snapshot) -> list[Event]:
        """What happened between another snapshot and this one."""
        events = [*_events(before.users, self.users, "userName"), *_events(before.groups, self.groups, "displayName")]
        for group in before.members.keys() & self.members.keys():
            earlier, now = before.members[group], self.members[group]
            events += [Event("left", f"{member} of {group}") for member in sorted(earlier - now)]
            events += [Event("joined", f"{member} of {group}") for member in sorted(now - earlier)]
        return events


class Eptura:
    """A SCIM server, seen from the side of its users."""

    def __init__(self, server: ScimServer) -> None:
        self._server = server
        self.url = server.url
        self.journal: list[Event] = []
        """What cycles did, oldest first."""

    def snapshot(self) -> Snapshot:
        """What it has at the moment."""
        found: dict[str, dict[str, dict[str, Any]]] = {"User": {}, "Group": {}}
        for item in self._server.resources():
            found[item["meta"]["resourceType"]][item["id"]] = item
        return Snapshot(found["User"], found["Group"])

    def note(self, before: Snapshot) -> list[Event]:
        """Write into the journal what happened since a snapshot."""
        events = self.snapshot().since(before)
        self.journal += events
        return events


def _events(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], name: str) -> list[Event]:
    events = [Event("created", item[name]) for key, item in after.items() if key not in before]
    for key, old in before.items():
        new = after.get(key)
        if new is None:
            events.append(Event("deleted", old[name]))
            continue
        if old.get("active") != new.get("active"):
            events.append(Event("enabled" if new["active"] else "disabled", old[name]))
        if old[name] != new[name]:
            events.append(Event("renamed", old[name]))
        if old.get("externalId") != new.get("externalId"):
            events.append(Event("rematched", old[name]))
    return events
