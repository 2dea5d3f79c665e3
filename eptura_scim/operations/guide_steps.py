"""The lines of Eptura's guide "Configure SCIM provisioning for Microsoft Entra ID", in its order.

The numbers are those of docs/checklist.md.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["STEPS", "Step"]


class Step(NamedTuple):
    """One line."""

    page: str
    """The portal's page."""
    asks: str


_ENTRA = "Enterprise applications"
_CREDENTIALS = "Provisioning > Admin Credentials"
_USERS = "Mappings > Provision Microsoft Entra ID Users"
_GROUPS = "Mappings > Provision Microsoft Entra ID Groups"
_SETTINGS = "Provisioning > Settings"

STEPS: tuple[Step, ...] = (
    Step("before it starts", "A SCIM endpoint and a token of Eptura, and a role that may set provisioning up"),
    Step("Microsoft Entra ID", "Sign in to the portal"),
    Step(_ENTRA, "An enterprise application of your own"),
    Step(_ENTRA, "Its name, for example EpturaScimApplication"),
    Step(_ENTRA, "Made as an application that is not in the gallery"),
    Step("Provisioning", "Provision User Accounts: get started"),
    Step("Provisioning", "Provisioning Mode: Automatic"),
    Step(_CREDENTIALS, "Tenant URL: https://YOUR-EPTURA-SCIM-DOMAIN/scim/v1/"),
    Step(_CREDENTIALS, "Secret Token: the one that Eptura provides"),
    Step(_CREDENTIALS, "Test Connection"),
    Step(_CREDENTIALS, "Save, when the test was successful"),
    Step(_USERS, "Enabled: Yes"),
    Step(_USERS, "Only the listed attributes are mapped"),
    Step(_USERS, "userName, mandatory"),
    Step(_USERS, "active, mandatory"),
    Step(_USERS, 'emails[type eq "work"].value, mandatory'),
    Step(_USERS, "name.givenName, mandatory"),
    Step(_USERS, "name.familyName, mandatory"),
    Step(_USERS, "externalId, mandatory"),
    Step(_USERS, 'phoneNumbers[type eq "work"].value, optional'),
    Step(_USERS, 'phoneNumbers[type eq "mobile"].value, optional'),
    Step(_USERS, "Telephone numbers follow RFC 3966"),
    Step(_USERS, "Mappings that are not listed are deleted"),
    Step(_USERS, "The picture shows the required attributes alone"),
    Step(_USERS, "externalId: Mapping type Direct"),
    Step(_USERS, "externalId: Source attribute objectId"),
    Step(_USERS, "externalId: Default value if null is blank"),
    Step(_USERS, "externalId: Target attribute externalId"),
    Step(_USERS, "externalId: Match objects using this attribute: No"),
    Step(_USERS, "externalId: Apply this mapping: Always"),
    Step(_USERS, "Save the attribute mappings"),
    Step(_GROUPS, "Open the mappings of groups"),
    Step(_GROUPS, "Enabled: Yes"),
    Step(_GROUPS, "displayName: Matching precedence 2"),
    Step(_GROUPS, "objectId: Match objects using this attribute: Yes"),
    Step(_GROUPS, "objectId: Matching precedence 1"),
    Step(_GROUPS, "displayName: not matched, the precedence is empty"),
    Step(_GROUPS, "displayName: Matching precedence 2 again"),
    Step(_GROUPS, "Save the attribute mappings"),
    Step("Provisioning", "Close, and return to Provisioning"),
    Step(_SETTINGS, "Scope: Sync all users and groups"),
    Step(_SETTINGS, "Provisioning Status: On"),
    Step(_SETTINGS, "If the scope does not show: close, and edit provisioning again"),
    Step(_SETTINGS, "Save"),
    Step("Provisioning", "See the status of the current cycle"),
    Step("Provisioning", "Start or stop provisioning by hand"),
    Step("Provisioning", "See the schedule of the next run"),
    Step("Eptura SCIM API", "Learn more: token, user attributes, schemas"),
    Step("Provisioning", "In this order: application, connection, users, groups, scope, On"),
)
"""S1 to S49."""
