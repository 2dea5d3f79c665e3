"""A small company, and what has to be at Eptura under given settings: worked out here by hand, not by the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acceptance.eptura import Event, Snapshot
from eptura_scim.local_entra import People
from eptura_scim.settings import Settings

__all__ = ["DOMAIN", "FILTERS", "GROUP_FILTERS", "Company", "Wanted", "harm"]

DOMAIN = "contoso.example"


@dataclass(frozen=True)
class Person:
    """Who works there."""

    name: str
    department: str
    work: str
    mobile: str

    @property
    def login(self) -> str:
        """userPrincipalName in Entra, userName at Eptura."""
        return f"{self.name}@{DOMAIN}"


PEOPLE = (
    Person("ann", "sales", "+41 44 123 45 01", "+41 79 123 45 01"),
    Person("bob", "it", "+41 44 123 45 02", "+41 79 123 45 02"),
    Person("cid", "sales", "+41 44 123 45 03", "+41 79 123 45 03"),
    Person("dan", "it", "+41 44 123 45 04", "+41 79 123 45 04"),
)
GROUPS = {"Sales": ("ann", "cid"), "Everyone": ("ann", "bob", "cid", "dan")}

FILTERS: dict[str, Callable[[Person], bool]] = {
    "": lambda person: True,
    'department EQUALS "sales"': lambda person: person.department == "sales",
    'department EQUALS "it"': lambda person: person.department == "it",
}
"""Values of the setting userFilter, and whom each lets in."""

GROUP_FILTERS: dict[str, Callable[[str], bool]] = {
    "": lambda name: True,
    'displayName EQUALS "Sales"': lambda name: name == "Sales",
}
"""Values of the setting groupFilter, and which groups each lets in, by name."""

_PHONES: dict[str, Callable[[str], str]] = {
    "direct": lambda number: number,
    "rfc3966": lambda number: f"tel:{number.replace(' ', '')}",
}


@dataclass(frozen=True)
class Wanted:
    """Who has to be at Eptura, with what, and in which groups."""

    users: dict[str, dict[str, Any]]
    """By userName; phone numbers only of the types that are mapped."""
    groups: dict[str, set[str]]
    keys: dict[str, str]
    """The externalId of all users of the directory, by userName."""
    keeps_leavers: bool = False
    keeps_groups: bool = False

    def problems(self, found: Snapshot) -> list[str]:
        """What is not as wanted."""
        active = found.active
        said = [f"{name} is missing or not active" for name in self.users.keys() - active.keys()]
        if not self.keeps_leavers:
            said += [f"{name} is active" for name in active.keys() - self.users.keys()]
        if not (self.keeps_leavers or self.keeps_groups):
            said += [f"the group {name} is there" for name in found.members.keys() - self.groups.keys()]
        said += [f"the group {name} is missing" for name in self.groups.keys() - found.members.keys()]
        for name, wanted in self.users.items():
            if name in active and (seen := _seen(active[name], wanted)) != wanted:
                said.append(f"{name} has {seen}, not {wanted}")
        for name, members in self.groups.items():
            present = found.members.get(name, members) & active.keys()
            if not members <= present or (present > members and not self.keeps_leavers):
                said.append(f"the group {name} has {sorted(found.members.get(name, ()))}, not {sorted(members)}")
        return sorted(said)

    def wrong_keys(self, found: Snapshot) -> list[str]:
        """Users whose externalId is not their object id: Eptura never takes one back."""
        users = {user["userName"]: user.get("externalId") for user in found.users.values()}
        return [f"{name} has the externalId {key}" for name, key in users.items() if key != self.keys[name]]

    def has(self, event: Event) -> bool:
        """Whether whom an event is about has to be at Eptura."""
        member, is_member, group = event.name.partition(" of ")
        if is_member:
            return member in self.groups.get(group, set())
        return event.name in self.users or event.name in self.groups


class Company:
    """The people and groups in a directory, which they are added to."""

    def __init__(self, directory: People) -> None:
        self._ids = {person.name: str(directory.add_user(**_in_entra(person))["id"]) for person in PEOPLE}
        for name, members in GROUPS.items():
            self._ids[name] = str(directory.add_group(displayName=name)["id"])
            directory.add_member(self._ids[name], *map(self.id, members))

    def id(self, name: str) -> str:
        """The object id of a person or group."""
        return self._ids[name]

    def with_ids(self, changes: Mapping[str, str]) -> dict[str, str]:
        """Settings in which those who are assigned are named, with their object ids instead."""
        assigned = ("assignedUsers", "assignedGroups")
        return {name: self.id(value) if name in assigned and value else value for name, value in changes.items()}

    def wanted(self, settings: Settings, assigned: Iterable[str] = ()) -> Wanted:
        """What settings say; `assigned` are the names of those who are assigned beside them."""
        names = {identifier: name for name, identifier in self._ids.items()}
        chosen = {names[found] for found in (*settings.assigned_users, *settings.assigned_groups)} | {*assigned}
        in_scope = chosen | {member for name in chosen & GROUPS.keys() for member in GROUPS[name]}
        everyone = settings.scope == "all"
        passes, passes_group = FILTERS[str(settings.user_filter or "")], GROUP_FILTERS[str(settings.group_filter or "")]
        people = [person for person in PEOPLE if passes(person) and (everyone or person.name in in_scope)]
        logins = {person.name: person.login for person in people}
        return Wanted(
            users={person.login: self._shown(person, settings) for person in people},
            groups={
                name: {logins[member] for member in members if member in logins}
                for name, members in GROUPS.items()
                if (everyone or name in chosen) and passes_group(name)
            },
            keys={person.login: self.id(person.name) for person in PEOPLE},
            keeps_leavers=settings.skip_out_of_scope_deletions,
            keeps_groups=not settings.group_actions.delete,
        )

    def _shown(self, person: Person, settings: Settings) -> dict[str, Any]:
        shown = {"externalId": self.id(person.name), "givenName": person.name.title(), "email": person.login}
        for kind, mode, number in (
            ("work", settings.phone_work, person.work), ("mobile", settings.phone_mobile, person.mobile),
        ):  # fmt: skip
            if mode != "off":
                shown[kind] = _PHONES[mode](number)
        return shown


def harm(events: Iterable[Event], wanted: Sequence[Wanted]) -> list[str]:
    """What may happen under none of several settings, which were all in force at some time: who is right under all of
    them is touched, or who is right under none of them is let in.
    """
    said = []
    for event in events:
        right = [settings.has(event) for settings in wanted]
        match event.kind:
            case "created" | "enabled" | "joined":
                harmful = not any(right)
            case "disabled" | "deleted" | "left":
                harmful = all(right)
            case "renamed" | "rematched":
                harmful = True
        if harmful:
            said.append(str(event))
    return said


def _in_entra(person: Person) -> dict[str, Any]:
    return {
        "userPrincipalName": person.login,
        "displayName": person.name.title(),
        "givenName": person.name.title(),
        "surname": "Abel",
        "mail": person.login,
        "department": person.department,
        "businessPhones": [person.work],
        "mobilePhone": person.mobile,
    }


def _seen(user: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    phones = {phone["type"]: phone["value"] for phone in user.get("phoneNumbers", [])}
    seen = {
        "externalId": user.get("externalId"),
        "givenName": user.get("name", {}).get("givenName"),
        "email": next((email["value"] for email in user.get("emails", [])), None),
        **phones,
    }
    return {name: seen.get(name) for name in wanted}
