"""The provisioning logs: what cycles did with each user and group.

Source: Microsoft Graph v1.0, "List provisioningObjectSummary" and the resource type provisioningObjectSummary. Five
requests in ten seconds are allowed for an application and tenant.
"""

from __future__ import annotations

from datetime import datetime

from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.ids import JobId
from eptura_scim.graph.reply import Reply
from eptura_scim.graph.urls import equals, with_query

__all__ = ["ProvisioningEntry", "failures_of"]


class _Identity(Reply):
    id: str | None = None
    display_name: str | None = None
    identity_type: str | None = None


class _Error(Reply):
    error_code: str | None = None
    reason: str | None = None


class _Status(Reply):
    error_information: _Error = _Error()


class ProvisioningEntry(Reply):
    """What was done with one user or group."""

    activity_date_time: datetime
    source_identity: _Identity = _Identity()
    provisioning_status_info: _Status = _Status()


async def failures_of(client: GraphClient, job: JobId, number: int) -> list[ProvisioningEntry]:
    """The newest failures of a job, newest first. Raises GraphError."""
    condition = f"{equals('jobId', job)} and {equals('provisioningStatusInfo/status', 'failure')}"
    items, _ = await client.page(with_query("/auditLogs/provisioning", {"$filter": condition, "$top": str(number)}))
    found = [ProvisioningEntry.of(item) for item in items]
    return sorted(found, key=lambda entry: entry.activity_date_time, reverse=True)
