"""The audit log: who changed what of the configuration, and when.

Source: Microsoft Graph v1.0, "List directoryAudits" and the resource type directoryAudit; Microsoft, "Microsoft Entra
audit log categories and activities". It needs AuditLog.Read.All and Directory.Read.All; an entry shows some minutes
late and is kept 7 days, 30 with Entra ID P1.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.reply import Reply
from eptura_scim.graph.urls import with_query

__all__ = ["AuditEntry", "AuditLogReader"]

_NEWEST = "100"


class _App(Reply):
    app_id: str | None = None
    display_name: str | None = None


class _User(Reply):
    id: str | None = None
    display_name: str | None = None
    user_principal_name: str | None = None


class _Initiator(Reply):
    app: _App | None = None
    user: _User | None = None


class _Property(Reply):
    display_name: str | None = None


class _Target(Reply):
    id: str | None = None
    modified_properties: tuple[_Property, ...] = ()


class AuditEntry(Reply):
    """One change."""

    activity_date_time: datetime
    activity_display_name: str = ""
    initiated_by: _Initiator = _Initiator()
    target_resources: tuple[_Target, ...] = ()

    @property
    def who(self) -> str:
        """The person or the program that made the change."""
        user, app = self.initiated_by.user, self.initiated_by.app
        if user and (name := user.user_principal_name or user.display_name or user.id):
            return name
        if app and (name := app.display_name or app.app_id):
            return f"{name} (application)"
        return "Microsoft Entra ID"

    @property
    def client_id(self) -> str | None:
        """The client id of the program that made the change; None for a person."""
        return self.initiated_by.app.app_id if self.initiated_by.app else None

    @property
    def properties(self) -> frozenset[str]:
        """The names of the properties that it changed, as far as the entry tells them."""
        changed = (item.display_name for target in self.target_resources for item in target.modified_properties)
        return frozenset(name for name in changed if name)


class AuditLogReader:
    """Reads the audit log."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def changes_of(self, object_ids: Sequence[str]) -> list[AuditEntry]:
        """The newest changes of these objects, newest first. Raises GraphError."""
        query = {
            "$filter": " or ".join(f"targetResources/any(t:t/id eq '{object_id}')" for object_id in object_ids),
            "$top": _NEWEST,
        }
        items, _ = await self._client.page(with_query("/auditLogs/directoryAudits", query))
        found = [AuditEntry.of(item) for item in items]
        return sorted(found, key=lambda entry: entry.activity_date_time, reverse=True)
