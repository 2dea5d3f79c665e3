"""New applications and service principals: what a template makes, and what a program registers.

Sources: Microsoft Graph, applicationTemplate (instantiate); Microsoft, "Automate the configuration of Application Proxy
using the Microsoft Graph API", which instantiates this template and prints the app roles of what it made; "Configure
the app role claim" names both roles as those of apps that are not in the gallery.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from eptura_scim.graph.gallery import FEATURE_TAGS
from eptura_scim.local_entra.clock import timestamp
from eptura_scim.local_entra.directory.application_models import APPLICATION
from eptura_scim.local_entra.directory.templates.gallery import GalleryTemplate
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.local_entra.tenant import NON_GALLERY_TEMPLATE, Tenant
from eptura_scim.types import Json

__all__ = ["USER_ROLE", "instantiated", "new_service_principal", "registered"]

USER_ROLE = "18d14569-c3bd-439b-9a66-3a2aee01d14f"
"""Id of the app role User of a non-gallery app, which people are assigned to."""

_EMPTY: Json = {"addIns": [], "appRoles": []}


def instantiated(
    template: GalleryTemplate, display_name: str, tenant: Tenant, now: datetime, *, with_roles: bool, owners: list[str]
) -> AppRecord:
    """A new application and service principal of a template."""
    created = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    app_id = str(uuid.uuid4())
    roles = [_role(name, identifier) for name, identifier in template.app_roles.items()] if with_roles else []
    shared: Json = {"appRoles": roles, "applicationTemplateId": template.id}
    tag = FEATURE_TAGS["custom_single_sign_on" if template.is_custom else "gallery"]
    return AppRecord(
        created=timestamp(now),
        application={**_new_application(app_id, display_name, created, tenant.domain), **shared},
        service_principal={
            **new_service_principal(app_id, display_name, created, tenant.id),
            **shared,
            "tags": [FEATURE_TAGS["enterprise"], tag],
        },
        application_owners=owners,
        service_principal_owners=owners,
    )


def registered(values: Json, tenant: Tenant, now: datetime, *, owners: list[str]) -> AppRecord:
    """A new application from a program's values, without a service principal ("Create application")."""
    created = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    made = _new_application(str(uuid.uuid4()), "", created, tenant.domain)
    return AppRecord(
        created=timestamp(now),
        application={**APPLICATION.blank, **_EMPTY, **made, "applicationTemplateId": None, **values},
        service_principal=None,
        application_owners=owners,
    )


def _role(name: str, identifier: str) -> Json:
    return {
        "allowedMemberTypes": ["User"],
        "description": name,
        "displayName": name,
        "id": identifier,
        "isEnabled": True,
        "origin": "Application",
        "value": None,
    }


def _new_application(app_id: str, display_name: str, created: str, domain: str) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "deletedDateTime": None,
        "appId": app_id,
        "displayName": display_name,
        "applicationTemplateId": NON_GALLERY_TEMPLATE,
        "createdDateTime": created,
        "publisherDomain": domain,
        "identifierUris": [],
        "tags": [],
        "signInAudience": "AzureADMyOrg",
        "api": {"oauth2PermissionScopes": []},
        "web": {"redirectUris": []},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
        "info": {},
        "requiredResourceAccess": [],
        "keyCredentials": [],
        "passwordCredentials": [],
    }


def new_service_principal(app_id: str, display_name: str, created: str, tenant_id: str) -> Json:
    """A service principal as the template makes it, without roles."""
    return {
        "id": str(uuid.uuid4()),
        "deletedDateTime": None,
        "appId": app_id,
        "displayName": display_name,
        "accountEnabled": True,
        "applicationTemplateId": NON_GALLERY_TEMPLATE,
        "appOwnerOrganizationId": tenant_id,
        "createdDateTime": created,
        "servicePrincipalType": "Application",
        "tags": [
            FEATURE_TAGS["enterprise"],
            FEATURE_TAGS["custom_single_sign_on"],
        ],
        "appRoleAssignmentRequired": True,
        "keyCredentials": [],
        "oauth2PermissionScopes": [],
        "passwordCredentials": [],
        "servicePrincipalNames": [app_id],
    }
