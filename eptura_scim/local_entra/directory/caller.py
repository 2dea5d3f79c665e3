"""The identity that logs in, and Microsoft Graph itself, as service principals of the tenant."""

from __future__ import annotations

from eptura_scim.local_entra.permissions import PERMISSION_IDS, Permissions
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json

__all__ = ["GRAPH_APP_ID", "Caller", "built_in_records"]

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""Client id of Microsoft Graph, the same in every tenant (permissions reference)."""

_DELEGATED_PERMISSION_IDS = {
    "Application.Read.All": "c79f8feb-a9db-4090-85f9-90d820caa0eb",
    "Directory.Read.All": "06da0dbc-49e2-44d2-8312-53f166ab848a",
    "Group.Read.All": "5f8c59db-677d-491f-a6b8-5f174b11ec1d",
    "User.Read": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
    "User.Read.All": "a154be20-db9c-4678-8ab7-66f6cc099a59",
    "User.ReadWrite": "b4e74841-8e56-480b-be8b-910348b18b4c",
    "email": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
    "offline_access": "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
    "openid": "37f7f235-527c-4136-accd-4a02d197296e",
    "profile": "14dad69e-099b-42c9-810b-d002981feec1",
}
"""Ids of delegated permissions of Microsoft Graph (permissions reference): those that programs name most."""

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
    scopes = [
        {
            "adminConsentDescription": name,
            "adminConsentDisplayName": name,
            "id": identifier,
            "isEnabled": True,
            "type": "Admin" if name.endswith(".All") else "User",
            "userConsentDescription": name,
            "userConsentDisplayName": name,
            "value": name,
        }
        for name, identifier in _DELEGATED_PERMISSION_IDS.items()
    ]
    graph: Json = {"appRoles": roles, "oauth2PermissionScopes": scopes}
    return [
        _record(tenant, _GRAPH_PRINCIPAL, GRAPH_APP_ID, "Microsoft Graph", graph),
        _record(tenant, tenant.principal_id, tenant.client_id, "Pulumi", {"appRoles": []}),
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


def _record(tenant: Tenant, identifier: str, app_id: str, name: str, exposed: Json) -> AppRecord:
    return AppRecord(
        created=_CREATED,
        application={"id": f"built-in-{app_id}", "appId": app_id, "displayName": name, "appRoles": exposed["appRoles"]},
        service_principal={
            "id": identifier,
            "deletedDateTime": None,
            "accountEnabled": True,
            "appId": app_id,
            "appOwnerOrganizationId": tenant.id,
            "appRoleAssignmentRequired": False,
            "createdDateTime": _CREATED,
            "displayName": name,
            "keyCredentials": [],
            "oauth2PermissionScopes": [],
            "passwordCredentials": [],
            "servicePrincipalNames": [app_id],
            "servicePrincipalType": "Application",
            "tags": [],
            **exposed,
        },
        built_in=True,
    )
