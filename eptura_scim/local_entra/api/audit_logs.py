"""HTTP endpoints of the provisioning logs and the audit log.

Source: Microsoft Graph v1.0, "List provisioningObjectSummary", "List directoryAudits", "Get directoryAudit".
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import ONE, GraphRoute, Surface, collection, entity
from eptura_scim.local_entra.directory.audit_log import AuditLog
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape
from eptura_scim.local_entra.provisioning.provisioning_log import ProvisioningLog

__all__ = ["audit_log_routes"]

_LOG = Surface(frozenset({"GET"}), frozenset({"$filter", "$select", "$orderby", "$top"}))
_PROVISIONING = Shape(
    name="provisioningObjectSummary",
    properties={
        "id": "",
        "activityDateTime": "",
        "changeId": "",
        "cycleId": "",
        "durationInMilliseconds": 0,
        "initiatedBy": {},
        "jobId": "",
        "modifiedProperties": [{}],
        "provisioningAction": "",
        "provisioningStatusInfo": {},
        "provisioningSteps": [{}],
        "servicePrincipal": {},
        "sourceIdentity": {},
        "sourceSystem": {},
        "targetIdentity": {},
        "targetSystem": {},
        "tenantId": "",
    },
    unfilterable=frozenset({"modifiedProperties", "provisioningSteps"}),
    ordered_by=frozenset({"activityDateTime", "durationInMilliseconds", "provisioningAction"}),
)
_AUDIT = Shape(
    name="directoryAudit",
    properties={
        "id": "",
        "activityDateTime": "",
        "activityDisplayName": "",
        "additionalDetails": [{}],
        "category": "",
        "correlationId": "",
        "initiatedBy": {},
        "loggedByService": "",
        "operationType": TEXT,
        "result": "",
        "resultReason": "",
        "targetResources": [{}],
    },
    unfilterable=frozenset({"additionalDetails", "operationType", "resultReason"}),
    ordered_by=frozenset({"activityDateTime"}),
)


def audit_log_routes(provisioning: ProvisioningLog, audits: AuditLog) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def provisioned(request: Request) -> Response:
        return collection(request, "auditLogs/provisioning", provisioning.entries(), _PROVISIONING)

    async def changed(request: Request) -> Response:
        return collection(request, "auditLogs/directoryAudits", audits.entries(), _AUDIT)

    async def change(request: Request) -> Response:
        for found in audits.entries():
            if found["id"] == request.path_params["id"]:
                return entity(request, "auditLogs/directoryAudits", found, _AUDIT)
        raise ODataError.no_object(request.path_params["id"])

    return [
        GraphRoute("/auditLogs/provisioning", _LOG, get=provisioned),
        GraphRoute("/auditLogs/directoryAudits", _LOG, get=changed),
        GraphRoute("/auditLogs/directoryAudits/{id}", ONE, get=change),
    ]
