"""Users and groups that are to be provisioned on demand: found by name, their assignment, a group's members.

Source: Microsoft Graph v1.0, "List users", "List groups", "List group members", "List appRoleAssignments granted to a
user" (it includes those of groups that the user is a direct member of).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import NotFoundError, ReplyError
from eptura_scim.graph.ids import ServicePrincipalId, is_object_id
from eptura_scim.graph.urls import PAGE, entity, equals, principal, principals, with_query
from eptura_scim.types import KINDS, Json, Kind

__all__ = ["Members", "Subject", "Subjects"]

_SELECTED: dict[Kind, str] = {"User": "id,displayName,userPrincipalName", "Group": "id,displayName"}


class Subject(NamedTuple):
    """A user or a group of the directory."""

    kind: Kind
    id: str
    name: str
    """userPrincipalName of a user, displayName of a group."""
    display_name: str

    @property
    def path(self) -> str:
        """Its path below v1.0."""
        return principal(self.kind, self.id)


class Members(NamedTuple):
    """The direct members of a group: the ids of users, and how many members are not users (groups, devices, …)."""

    users: tuple[str, ...]
    others: int


class Subjects:
    """Looks users and groups up. Methods raise GraphError."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def find(self, name: str) -> list[Subject]:
        """Whom a name means: an object id, else a user's userPrincipalName or mail, else a group's displayName.

        Names of groups and mail addresses need not be unique, so there may be several.
        """
        if is_object_id(name):
            found = await self._get("User", name) or await self._get("Group", name)
            return [found] if found else []
        searches: list[tuple[Kind, str]] = [("Group", "displayName")]
        if "@" in name:
            searches = [("User", "userPrincipalName"), ("User", "mail"), *searches]
        for kind, attribute in searches:
            if subjects := await self._where(kind, attribute, name):
                return subjects
        return []

    async def is_assigned(self, subject: Subject, service_principal: ServicePrincipalId) -> bool:
        """Whether it is assigned to the application, a user also by a group."""
        path = with_query(f"{subject.path}/appRoleAssignments", {"$filter": f"resourceId eq {service_principal}"})
        return any(made.get("resourceId") == service_principal for made in await self._client.values(path))

    async def members(self, group: Subject) -> Members:
        """The direct members of a group."""
        users, others = list[str](), 0
        path = with_query(f"{group.path}/members", {"$select": "id", "$top": PAGE})
        for member in await self._client.values(path):
            if str(member.get("@odata.type", "")).endswith(".user"):
                users.append(str(member.get("id")))
            else:
                others += 1
        return Members(tuple(users), others)

    async def assigned_to(self, service_principal: ServicePrincipalId) -> list[Subject]:
        """The users and groups that are assigned to an application, without their members and names."""
        path = with_query(entity("servicePrincipals", service_principal, "appRoleAssignedTo"), {"$top": PAGE})
        return [
            Subject(kind, str(made.get("principalId")), "", "")
            for made in await self._client.values(path)
            for kind in KINDS
            if made.get("principalType") == kind
        ]

    async def properties(self, subject: Subject, names: Iterable[str]) -> Json:
        """Properties of a user or a group."""
        found = await self._client.request("GET", with_query(subject.path, {"$select": ",".join(names)}))
        return dict(found) if isinstance(found, dict) else {}

    async def manager(self, subject: Subject) -> Any:
        """The manager of a user, with its id; None without one."""
        try:
            return await self._client.request("GET", with_query(f"{subject.path}/manager", {"$select": "id"}))
        except NotFoundError:
            return None

    async def related(self, subject: Subject, relation: str) -> list[Any]:
        """The ids of the objects of a relation, such as `members`."""
        path = with_query(f"{subject.path}/{relation}", {"$select": "id", "$top": PAGE})
        return [item.get("id") for item in await self._client.values(path)]

    async def _get(self, kind: Kind, object_id: str) -> Subject | None:
        try:
            path = with_query(principal(kind, object_id), {"$select": _SELECTED[kind]})
            return _subject(kind, await self._client.request("GET", path))
        except NotFoundError:
            return None

    async def _where(self, kind: Kind, attribute: str, value: str) -> list[Subject]:
        query = {"$filter": equals(attribute, value), "$select": _SELECTED[kind]}
        return [_subject(kind, item) for item in await self._client.values(with_query(principals(kind), query))]


def _subject(kind: Kind, item: Any) -> Subject:
    if not isinstance(item, dict) or not item.get("id"):
        raise ReplyError(f"Graph's {kind.lower()} has no id")
    shown = str(item.get("displayName") or "")
    return Subject(kind, str(item["id"]), str(item.get("userPrincipalName") or shown), shown)
