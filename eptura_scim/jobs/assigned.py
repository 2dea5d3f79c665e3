"""Who is provisioned where only assigned users and groups are: by the job's assignments, or by the stack's settings.

Source: Microsoft, "How application provisioning works", assignment-based scoping: of groups only the direct members.
"""

from __future__ import annotations

from collections.abc import Iterable

from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.principals import Principal, Principals
from eptura_scim.jobs.locate import JobSession
from eptura_scim.settings import Settings

__all__ = ["SCOPE_UNSET", "assigned_by_job", "assigned_by_settings"]

SCOPE_UNSET = (
    "the job's scope is not set (all, or only assigned users and groups): Entra's default decides, which Microsoft "
    "does not document. `pulumi up` sets it"
)
"""What to say of a job whose saved secrets give no scope."""


async def assigned_by_job(session: JobSession) -> frozenset[str] | None:
    """The object ids that a job provisions; None where it provisions all. Raises GraphError."""
    principal = session.ref.service_principal
    if (await session.api.connection(principal)).scope != "assigned":
        return None
    assigned = await Principals(session.client).assigned_to(principal)
    groups = [one.id for one in assigned if one.kind == "Group"]
    return frozenset({one.id for one in assigned} | await _members(session.client, groups))


async def assigned_by_settings(settings: Settings) -> frozenset[str]:
    """The object ids that a stack assigns, members read from the tenant. Raises GraphError."""
    client = await connect()
    try:
        members = await _members(client, settings.assigned_groups)
    finally:
        await client.close()
    return frozenset({*settings.assigned_users, *settings.assigned_groups, *members})


async def _members(client: GraphClient, groups: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for group in groups:
        found.update((await Principals(client).members(Principal("Group", group, "", ""))).users)
    return found
