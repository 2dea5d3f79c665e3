"""Who is provisioned where only assigned users and groups are: by the job's assignments, or by the stack's settings.

Source: Microsoft, "How application provisioning works", assignment-based scoping: of groups only the direct members.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.principals import Principal, Principals
from eptura_scim.jobs.locate import JobSession
from eptura_scim.settings import Settings

__all__ = ["SCOPE_UNSET", "Assigned", "LeftOut", "assigned_by_job", "assigned_by_settings", "left_out_by_nesting"]

SCOPE_UNSET = (
    "the job's scope is not set (all, or only assigned users and groups): Entra's default decides, which Microsoft "
    "does not document. `pulumi up` sets it"
)
"""What to say of a job whose saved secrets give no scope."""


class Assigned(NamedTuple):
    """Who is provisioned, and who is not although a group is assigned that has their group as a member."""

    ids: frozenset[str]
    """Object ids of users and groups."""
    inner: tuple[tuple[str, Principal], ...]
    """The object id of an assigned group, and a group that is a direct member of it."""


class LeftOut(NamedTuple):
    """Users of a group in an assigned group, whom Entra does not provision."""

    outer: Principal
    inner: Principal
    users: frozenset[str]
    """Object ids of those who are not assigned otherwise."""


async def assigned_by_job(session: JobSession) -> Assigned | None:
    """Whom a job provisions; None where it provisions all. Raises GraphError."""
    principal = session.ref.service_principal
    if (await session.api.connection(principal)).scope != "assigned":
        return None
    assigned = await Principals(session.client).assigned_to(principal)
    groups = [one.id for one in assigned if one.kind == "Group"]
    return await _with_members(session.client, [one.id for one in assigned], groups)


async def assigned_by_settings(settings: Settings) -> Assigned:
    """Whom a stack assigns, members read from the tenant. Raises GraphError."""
    client = await connect()
    try:
        ids = [*settings.assigned_users, *settings.assigned_groups]
        return await _with_members(client, ids, settings.assigned_groups)
    finally:
        await client.close()


async def left_out_by_nesting(assigned: Assigned) -> list[LeftOut]:
    """For each group in an assigned group, its users who are not provisioned. Raises GraphError."""
    if not assigned.inner:
        return []
    client = await connect()
    try:
        principals, found = Principals(client), list[LeftOut]()
        for outer_id, inner in assigned.inner:
            if inner.id in assigned.ids:  # its own inner groups are in the list as well
                continue
            users = frozenset((await principals.members_of_members(inner)).users) - assigned.ids
            if users:
                (outer, *_) = await principals.find(outer_id) or [Principal("Group", outer_id, outer_id, outer_id)]
                found.append(LeftOut(outer, inner, users))
        return found
    finally:
        await client.close()


async def _with_members(client: GraphClient, ids: Iterable[str], groups: Iterable[str]) -> Assigned:
    principals, found, inner = Principals(client), set(ids), list[tuple[str, Principal]]()
    for group in groups:
        members = await principals.members(Principal("Group", group, "", ""))
        found.update(members.users)
        inner += [(group, one) for one in members.groups]
    return Assigned(frozenset(found), tuple(inner))
