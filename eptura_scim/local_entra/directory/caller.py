"""The identity that logs in, and Microsoft Graph itself, as service principals of the tenant."""

from __future__ import annotations

from eptura_scim.local_entra.permissions import PERMISSION_IDS, Permissions
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json

__all__ = ["GRAPH_APP_ID", "Identity"]

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""Client id of Microsoft Graph, the same in every tenant (permissions reference)."""

_GRAPH_PRINCIPAL = "55555555-5555-5555-5555-555555555555"
_CREATED = "2020-01-01T00:00:00Z"


class Identity:
    """Who calls, and which permissions it has been granted."""

    def __init__(self, tenant: Tenant, permissions: Permissions) -> None:
        self._tenant = tenant
        self._permissions = permissions

    @property
    def id(self) -> str:
        """Object id of its service principal."""
        return self._tenant.principal_id

    def service_principals(self) -> list[Json]:
        """Its own service principal and that of Microsoft Graph."""
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
            self._principal(self._tenant.principal_id, self._tenant.client_id, "Pulumi", []),
            self._principal(_GRAPH_PRINCIPAL, GRAPH_APP_ID, "Microsoft Graph", roles),
        ]

    def find(self, identifier: str) -> Json | None:
        """One of both by object id or client id."""
        found = (item for item in self.service_principals() if identifier.lower() in {item["id"], item["appId"]})
        return next(found, None)

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

    def _principal(self, identifier: str, app_id: str, name: str, roles: list[Json]) -> Json:
        return {
            "id": identifier,
            "deletedDateTime": None,
            "accountEnabled": True,
            "appId": app_id,
            "appOwnerOrganizationId": self._tenant.id,
            "appRoleAssignmentRequired": False,
            "appRoles": roles,
            "createdDateTime": _CREATED,
            "displayName": name,
            "oauth2PermissionScopes": [],
            "servicePrincipalNames": [app_id],
            "servicePrincipalType": "Application",
            "tags": [],
        }
