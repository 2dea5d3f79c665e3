"""The audit log: who changed what of the configuration, and when; the last 10,000 changes.

Source: Microsoft Graph v1.0, resource type directoryAudit; Microsoft, "Microsoft Entra audit log categories and
activities" (names of activities of Core Directory and Account Provisioning).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from eptura_scim.local_entra.clock import Clock, timestamp
from eptura_scim.local_entra.storage.event_log import RecentEntries
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json

__all__ = ["CALLED_BY_APP", "AuditLog"]

CALLED_BY_APP: ContextVar[bool] = ContextVar("called_by_app", default=False)
"""Whether a call of Graph is being answered; a change outside of one is made in the portal."""

_SERVICES = {"ProvisioningManagement": "Account Provisioning"}


class AuditLog:
    """Keeps changes of the configuration."""

    def __init__(self, tenant: Tenant, store: Store, clock: Clock) -> None:
        self._tenant = tenant
        self._clock = clock
        self._entries = RecentEntries(store.file("audit-log.jsonl"))

    def entries(self) -> list[Json]:
        """The changes, newest first, as Graph shows them."""
        return self._entries.newest_first()

    def add(
        self,
        activity: str,
        category: str,
        target: tuple[str, str, str],
        changes: Mapping[str, tuple[Any, Any]] | None = None,
    ) -> None:
        """Note a change; `target` is type, id and name of what was changed, `changes` old and new values by property.

        Never give the value of a secret.
        """
        kind, identifier, name = target
        entry: Json = {
            "id": f"Directory_{uuid.uuid4()}",
            "activityDateTime": timestamp(self._clock()),
            "activityDisplayName": activity,
            "additionalDetails": [],
            "category": category,
            "correlationId": str(uuid.uuid4()),
            "initiatedBy": self._initiator(),
            "loggedByService": _SERVICES.get(category, "Core Directory"),
            "operationType": activity.partition(" ")[0],
            "result": "success",
            "resultReason": "",
            "targetResources": [
                {
                    "id": identifier,
                    "displayName": name,
                    "type": kind,
                    "userPrincipalName": None,
                    "groupType": None,
                    "modifiedProperties": [
                        {"displayName": property_, "oldValue": _text(old), "newValue": _text(new)}
                        for property_, (old, new) in (changes or {}).items()
                    ],
                }
            ],
        }
        self._entries.add(entry)

    def _initiator(self) -> Json:
        if CALLED_BY_APP.get():
            app = {
                "appId": self._tenant.client_id,
                "displayName": "Pulumi",
                "servicePrincipalId": self._tenant.principal_id,
                "servicePrincipalName": None,
            }
            return {"app": app, "user": None}
        user = {"id": None, "displayName": None, "ipAddress": None, "userPrincipalName": f"admin@{self._tenant.domain}"}
        return {"app": None, "user": user}


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
