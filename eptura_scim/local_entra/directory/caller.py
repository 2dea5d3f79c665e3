"""The identity that logs in, and Microsoft Graph itself, as service principals of the tenant."""

from __future__ import annotations

from eptura_scim.local_entra.permissions import PERMISSION_IDS, Permissions
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json

__all__ = ["GRAPH_APP_ID", "Caller", "built_in_records"]

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""Client id of Microsoft Graph, the same in every tenant (permissions reference)."""

_GRAPH_PRINCIPAL = "55555555-5555-5555-5555-555555555555"
_CREATED = "2020-01-01T00:00:00Z"


def built_in_records(tenant: Tenant) -> list[AppRecord]:
    """The service principals that the tenant has from the beginning: that of Microsoft Graph and the caller's."""
    roles = [
        {
            "allowedMemberTypes": ["Application"],
            "description": name,
            "displayName": name,
            "id": identifier,
            "isEnabled": True,
            "origin": "Application",
            "value": name,
        }
        for name, identifier in PERMISSION_IDS.items()
    ]
    return [
        _record(tenant, _GRAPH_PRINCIPAL, GRAPH_APP_ID, "Microsoft Graph", roles),
        _record(tenant, tenant.principal_id, tenant.client_id, "Pulumi", []),
    ]


class Caller:
    """Who calls, and which permissions it has been granted."""

    def __init__(self, tenant: Tenant, permissions: Permissions) -> None:
        self._tenant = tenant
        self._permissions = permissions

    @property
    def id(self) -> str:
        """Object id of its service principal."""
        return self._tenant.principal_id

    def assignments(self) -> list[Json]:
        """The granted permissions as app role assignments."""
        return [
            {
                "id": f"local-{PERMISSION_IDS[name]}",
                "deletedDateTime": None,
                "appRoleId": PERMISSION_IDS[name],
                "createdDateTime": _CREATED,
                "principalDisplayName": "Pulumi",
                "principalId": self._tenant.principal_id,
                "principalType": "ServicePrincipal",
                "resourceDisplayName": "Microsoft Graph",
                "resourceId": _GRAPH_PRINCIPAL,
            }
            for name in self._permissions.granted
        ]

    def organization(self) -> Json:
        """The tenant, as far as it is modelled."""
        return {
            "id": self._tenant.id,
            "deletedDateTime": None,
            "createdDateTime": _CREATED,
            "displayName": "Contoso",
            "tenantType": "AAD",
            "verifiedDomains": [
                {
                    "capabilities": "Email, OfficeCommunicationsOnline",
                    "isDefault": True,
                    "isInitial": True,
                    "name": self._tenant.domain,
                    "type": "Managed",
                }
            ],
        }

    def domains(self) -> list[Json]:
        """The verified domains of the tenant (resource type domain): one."""
        return [
            {
                "id": self._tenant.domain,
                "authenticationType": "Managed",
                "availabilityStatus": None,
                "isAdminManaged": True,
                "isDefault": True,
                "isInitial": True,
                "isRoot": True,
                "isVerified": True,
                "passwordNotificationWindowInDays": None,
                "passwordValidityPeriodInDays": None,
                "state": None,
                "supportedServices": ["Email", "OfficeCommunicationsOnline"],
            }
        ]


def _record(tenant: Tenant, identifier: str, app_id: str, name: str, roles: list[Json]) -> AppRecord:
    return AppRecord(
        created=_CREATED,
        application={"id": f"built-in-{app_id}", "appId": app_id, "displayName": name, "appRoles": roles},
        service_principal={
            "id": identifier,
            "deletedDateTime": None,
            "accountEnabled": True,
            "appId": app_id,
            "appOwnerOrganizationId": tenant.id,
            "appRoleAssignmentRequired": False,
            "appRoles": roles,
            "createdDateTime": _CREATED,
            "displayName": name,
            "oauth2PermissionScopes": [],
            "servicePrincipalNames": [app_id],
            "servicePrincipalType": "Application",
            "tags": [],
        },
        built_in=True,
    )
