"""What an application and a service principal look like, and which values they may have.

Source: Microsoft Graph v1.0, resource types application, servicePrincipal, passwordCredential, "Update application",
"Update servicePrincipal"; of the beta version what the azuread plugin reads and writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eptura_scim.local_entra.directory.principal_models import GROUP, USER
from eptura_scim.local_entra.odata.shapes import TEXT, Shape
from eptura_scim.types import Json

__all__ = ["APPLICATION", "DIRECTORY_OBJECT", "SERVICE_PRINCIPAL", "typed"]

_OBJECTS: list[Json] = [{}]

APPLICATION = Shape(
    name="application",
    is_directory_object=True,
    properties={
        "id": "",
        "deletedDateTime": None,
        "addIns": _OBJECTS,
        "api": {},
        "appId": "",
        "applicationTemplateId": TEXT,
        "appRoles": _OBJECTS,
        "authenticationBehaviors": {},
        "certification": {},
        "createdDateTime": "",
        "defaultRedirectUri": TEXT,
        "description": TEXT,
        "disabledByMicrosoftStatus": TEXT,
        "displayName": "",
        "groupMembershipClaims": TEXT,
        "identifierUris": [],
        "info": {},
        "isDeviceOnlyAuthSupported": None,
        "isFallbackPublicClient": None,
        "keyCredentials": _OBJECTS,
        "nativeAuthenticationApisEnabled": TEXT,
        "notes": TEXT,
        "oauth2RequirePostResponse": None,
        "optionalClaims": {},
        "parentalControlSettings": {},
        "passwordCredentials": _OBJECTS,
        "publicClient": {},
        "publisherDomain": TEXT,
        "requestSignatureVerification": {},
        "requiredResourceAccess": _OBJECTS,
        "samlMetadataUrl": TEXT,
        "serviceManagementReference": TEXT,
        "servicePrincipalLockConfiguration": {},
        "signInAudience": "",
        "spa": {},
        "tags": [],
        "tokenEncryptionKeyId": TEXT,
        "uniqueName": TEXT,
        "verifiedPublisher": {},
        "web": {},
    },
    unfilterable=frozenset(
        {
            "addIns", "api", "appRoles", "authenticationBehaviors", "certification", "defaultRedirectUri", "info",
            "isDeviceOnlyAuthSupported", "isFallbackPublicClient", "oauth2RequirePostResponse", "optionalClaims",
            "parentalControlSettings", "publicClient", "requestSignatureVerification", "requiredResourceAccess",
            "samlMetadataUrl", "servicePrincipalLockConfiguration", "spa", "tokenEncryptionKeyId",
        }
    ),
    ordered_by=frozenset({"displayName", "createdDateTime"}),
    read_only=frozenset(
        {
            "id", "appId", "applicationTemplateId", "certification", "createdDateTime", "deletedDateTime",
            "disabledByMicrosoftStatus", "publisherDomain", "verifiedPublisher",
        }
    ),
    emptied=frozenset({"optionalClaims"}),
    not_modelled=frozenset({"createdByAppId", "isDisabled", "logo"}),
)  # fmt: skip
"""An app registration."""

SERVICE_PRINCIPAL = Shape(
    name="servicePrincipal",
    is_directory_object=True,
    properties={
        "id": "",
        "deletedDateTime": None,
        "accountEnabled": True,
        "addIns": _OBJECTS,
        "alternativeNames": [],
        "appDescription": TEXT,
        "appDisplayName": TEXT,
        "appId": "",
        "applicationTemplateId": TEXT,
        "appOwnerOrganizationId": TEXT,
        "appRoleAssignmentRequired": True,
        "appRoles": _OBJECTS,
        "createdDateTime": TEXT,
        "description": TEXT,
        "disabledByMicrosoftStatus": TEXT,
        "displayName": TEXT,
        "errorUrl": TEXT,
        "homepage": TEXT,
        "info": {},
        "keyCredentials": _OBJECTS,
        "loginUrl": TEXT,
        "logoutUrl": TEXT,
        "notes": TEXT,
        "notificationEmailAddresses": [],
        "oauth2PermissionScopes": _OBJECTS,
        "passwordCredentials": _OBJECTS,
        "preferredSingleSignOnMode": TEXT,
        "preferredTokenSigningKeyThumbprint": TEXT,
        "publisherName": TEXT,
        "replyUrls": [],
        "resourceSpecificApplicationPermissions": _OBJECTS,
        "samlMetadataUrl": TEXT,
        "samlSingleSignOnSettings": {},
        "servicePrincipalNames": [],
        "servicePrincipalType": TEXT,
        "signInAudience": TEXT,
        "tags": [],
        "tokenEncryptionKeyId": TEXT,
        "verifiedPublisher": {},
    },
    unfilterable=frozenset(
        {
            "addIns", "appDescription", "appDisplayName", "appRoles", "disabledByMicrosoftStatus", "errorUrl", "info",
            "loginUrl", "logoutUrl", "notes", "notificationEmailAddresses", "preferredTokenSigningKeyThumbprint",
            "replyUrls", "resourceSpecificApplicationPermissions", "samlMetadataUrl", "samlSingleSignOnSettings",
            "tokenEncryptionKeyId", "verifiedPublisher",
        }
    ),
    ordered_by=frozenset({"displayName"}),
    read_only=frozenset(
        {
            "id", "appId", "applicationTemplateId", "appOwnerOrganizationId", "createdDateTime", "deletedDateTime",
            "disabledByMicrosoftStatus", "samlMetadataUrl", "servicePrincipalType", "signInAudience",
            "verifiedPublisher",
        }
    ),
    emptied=frozenset({"samlSingleSignOnSettings"}),
    not_modelled=frozenset(
        {
            "createdByAppId", "customSecurityAttributes", "isAuthorizationServiceEnabled", "isDisabled",
            "passwordSingleSignOnSettings", "preferredTokenSigningKeyEndDateTime", "publishedPermissionScopes",
        }
    ),
)  # fmt: skip
"""An enterprise application."""

_TYPES = {f"#microsoft.graph.{shape.name}": shape for shape in (USER, GROUP, APPLICATION, SERVICE_PRINCIPAL)}


def _together(name: str, shapes: Iterable[Shape]) -> Shape:
    properties: dict[str, Any] = {}
    unfilterable: frozenset[str] = frozenset()
    for shape in shapes:
        properties |= shape.properties
        unfilterable |= shape.unfilterable
    defaults = {kind: shape.default or tuple(shape.properties) for kind, shape in _TYPES.items()}
    return Shape(
        name=name,
        is_directory_object=True,
        properties=properties,
        unfilterable=unfilterable,
        extension=USER.extension,
        default_of_type=defaults,
    )


DIRECTORY_OBJECT = _together("directoryObject", _TYPES.values())
"""An object among objects of several types: members, owners, the recycle bin."""


def typed(kind: str, item: Mapping[str, Any]) -> Json:
    """An object of a collection that has objects of several types."""
    return {"@odata.type": f"#microsoft.graph.{kind}", **item}
