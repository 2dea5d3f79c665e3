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
from eptura_scim.graph.urls import PAGE, entity, equals, principals, with_query
from eptura_scim.graph.urls import principal as principal_path
from eptura_scim.types import KINDS, Json, Kind

__all__ = ["Members", "Principal", "Principals"]

_SELECTED: dict[Kind, str] = {"User": "id,displayName,userPrincipalName", "Group": "id,displayName"}


class Principal(NamedTuple):
    """A user or a group of the directory."""

    kind: Kind
    id: str
    name: str
    """userPrincipalName of a user, displayName of a group."""
    display_name: str

    @property
    def path(self) -> str:
        """Its path below v1.0."""
        return principal_path(self.kind, self.id)


class Members(NamedTuple):
    """The direct members of a group."""

    users: tuple[str, ...]
    """Object ids."""
    groups: tuple[Principal, ...]
    others: int
    """How many members are neither (devices, contacts, …)."""


class Principals:
    """Looks users and groups up. Methods raise GraphError."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def find(self, name: str) -> list[Principal]:
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
            if matches := await self._where(kind, attribute, name):
                return matches
        return []

    async def is_assigned(self, principal: Principal, service_principal: ServicePrincipalId) -> bool:
        """Whether it is assigned to the application, a user also by a group."""
        path = with_query(f"{principal.path}/appRoleAssignments", {"$filter": f"resourceId eq {service_principal}"})
        return any(made.get("resourceId") == service_principal for made in await self._client.values(path))

    async def members(self, group: Principal) -> Members:
        """The direct members of a group."""
        return await self._members(group, "members")

    async def members_of_members(self, group: Principal) -> Members:
        """The members of a group and of all groups in it, each once."""
        return await self._members(group, "transitiveMembers")

    async def assigned_to(self, service_principal: ServicePrincipalId) -> list[Principal]:
        """The users and groups that are assigned to an application, without their members and names."""
        path = with_query(entity("servicePrincipals", service_principal, "appRoleAssignedTo"), {"$top": PAGE})
        return [
            Principal(kind, str(made.get("principalId")), "", "")
            for made in await self._client.values(path)
            for kind in KINDS
            if made.get("principalType") == kind
        ]

    async def properties(self, principal: Principal, names: Iterable[str]) -> Json:
        """Properties of a user or a group."""
        found = await self._client.request("GET", with_query(principal.path, {"$select": ",".join(names)}))
        return dict(found) if isinstance(found, dict) else {}

    async def manager(self, principal: Principal) -> Any:
        """The manager of a user, with its id; None without one."""
        try:
            return await self._client.request("GET", with_query(f"{principal.path}/manager", {"$select": "id"}))
        except NotFoundError:
            return None

    async def related(self, principal: Principal, relation: str) -> list[Any]:
        """The ids of the objects of a relation, such as `members`."""
        path = with_query(f"{principal.path}/{relation}", {"$select": "id", "$top": PAGE})
        return [item.get("id") for item in await self._client.values(path)]

    async def _get(self, kind: Kind, object_id: str) -> Principal | None:
        try:
            path = with_query(principal_path(kind, object_id), {"$select": _SELECTED[kind]})
            return _principal(kind, await self._client.request("GET", path))
        except NotFoundError:
            return None

    async def _members(self, group: Principal, relation: str) -> Members:
        users, groups, others = list[str](), list[Principal](), 0
        path = with_query(f"{group.path}/{relation}", {"$select": _SELECTED["Group"], "$top": PAGE})
        for member in await self._client.values(path):
            kind = str(member.get("@odata.type", ""))
            if kind.endswith(".user"):
                users.append(str(member.get("id")))
            elif kind.endswith(".group"):
                groups.append(_principal("Group", member))
            else:
                others += 1
        return Members(tuple(users), tuple(groups), others)

    async def _where(self, kind: Kind, attribute: str, value: str) -> list[Principal]:
        query = {"$filter": equals(attribute, value), "$select": _SELECTED[kind]}
        return [_principal(kind, item) for item in await self._client.values(with_query(principals(kind), query))]


def _principal(kind: Kind, item: Any) -> Principal:
    if not isinstance(item, dict) or not item.get("id"):
        raise ReplyError(f"Graph's {kind.lower()} has no id")
    shown = str(item.get("displayName") or "")
    return Principal(kind, str(item["id"]), str(item.get("userPrincipalName") or shown), shown)
