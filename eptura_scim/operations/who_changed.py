"""Since when a setting is as it is, and who changed it: the audit log, as far as it may be read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import ForbiddenError, GraphError
from eptura_scim.graph.logs.audit import AuditEntry, AuditLogReader
from eptura_scim.report import Report

__all__ = ["ChangeNote", "ForeignChanges", "LogAccess", "not_read", "read_changes"]

LogAccess = Literal["read", "notPermitted", "notAvailable", "notAsked"]
"""Whether a log was read. `notAsked`: there is nothing to ask for."""

_PROVISIONING = ("provisioning configuration", "quarantine")
_ACTIVITIES: dict[str, tuple[str, ...]] = {
    "ApplicationFromTemplate": ("update application", "delete application"),
    "ServicePrincipal": ("service principal",),
    "EnterpriseApplicationName": ("update service principal",),
    "AppRoleAssignment": ("app role assignment",),
    "SynchronizationJob": _PROVISIONING,
    "SynchronizationSecrets": ("update provisioning setting or credentials",),
    "SynchronizationSchema": ("update attribute mappings or scope",),
    "SynchronizationJobState": _PROVISIONING,
}
"""Parts of the names of the activities that change a resource.

Source: Microsoft, "Microsoft Entra audit log categories and activities"."""


class ChangeNote(Report):
    """The changes that may have made a difference."""

    first: datetime
    last: datetime
    count: int
    who: tuple[str, ...]
    activities: tuple[str, ...]


class ForeignChanges:
    """The changes of an application that no run of the stack made."""

    def __init__(self, entries: Sequence[AuditEntry] = (), own_client_ids: Collection[str] = ()) -> None:
        self._entries = entries
        self._own = own_client_ids

    def of(self, resource: str, prop: str) -> ChangeNote | None:
        """The changes of a resource since the last one of our own; of the property alone, where the log names it."""
        parts = _ACTIVITIES.get(resource, ())
        found: list[AuditEntry] = []
        for entry in self._entries:  # newest first
            activity = entry.activity_display_name.casefold()
            if not any(part in activity for part in parts):
                continue
            if entry.client_id in self._own:
                break
            found.append(entry)
        named = [entry for entry in found if prop in entry.properties]
        return _note(named or [entry for entry in found if not entry.properties] or found)


def _note(found: Sequence[AuditEntry]) -> ChangeNote | None:
    if not found:
        return None
    return ChangeNote(
        first=found[-1].activity_date_time,
        last=found[0].activity_date_time,
        count=len(found),
        who=tuple(dict.fromkeys(entry.who for entry in found)),
        activities=tuple(dict.fromkeys(entry.activity_display_name for entry in found)),
    )


def not_read(error: GraphError) -> tuple[LogAccess, str]:
    """Why a log was not read, as a word and as a sentence."""
    return "notPermitted" if isinstance(error, ForbiddenError) else "notAvailable", str(error)


async def read_changes(
    client: GraphClient, object_ids: Sequence[str], ran_by: Collection[str] = ()
) -> tuple[ForeignChanges, LogAccess, str]:
    """The changes of these objects, whether they could be read, and why not. It raises no GraphError.

    Not counted: what came before the last change by the identity that is logged in, or by one of `ran_by`, the client
    ids of those that run `pulumi up`.
    """
    if not object_ids:
        return ForeignChanges(), "notAsked", ""
    try:
        entries = await AuditLogReader(client).changes_of(object_ids)
        own = (await client.claims()).get("appid")
    except GraphError as error:
        return ForeignChanges(), *not_read(error)
    return ForeignChanges(entries, {*ran_by, *([own] if isinstance(own, str) else [])}), "read", ""
