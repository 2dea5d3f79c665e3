"""The lines of Eptura's guide "Configure SCIM provisioning for Microsoft Entra ID", in its order.

The numbers are those of docs/checklist.md.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["STEPS", "GuideStep"]


class GuideStep(NamedTuple):
    """One line."""

    page: str
    """The portal's page."""
    asks: str


_ENTRA = "Enterprise applications"
_CREDENTIALS = "Provisioning > Admin Credentials"
_USERS = "Mappings > Provision Microsoft Entra ID Users"
_GROUPS = "Mappings > Provision Microsoft Entra ID Groups"
_SETTINGS = "Provisioning > Settings"

STEPS: tuple[GuideStep, ...] = (
    GuideStep("before it starts", "A SCIM endpoint and a token of Eptura, and a role that may set provisioning up"),
    GuideStep("Microsoft Entra ID", "Sign in to the portal"),
    GuideStep(_ENTRA, "An enterprise application of your own"),
    GuideStep(_ENTRA, "Its name, for example EpturaScimApplication"),
    GuideStep(_ENTRA, "Made as an application that is not in the gallery"),
    GuideStep("Provisioning", "Provision User Accounts: get started"),
    GuideStep("Provisioning", "Provisioning Mode: Automatic"),
    GuideStep(_CREDENTIALS, "Tenant URL: https://YOUR-EPTURA-SCIM-DOMAIN/scim/v1/"),
    GuideStep(_CREDENTIALS, "Secret Token: the one that Eptura provides"),
    GuideStep(_CREDENTIALS, "Test Connection"),
    GuideStep(_CREDENTIALS, "Save, when the test was successful"),
    GuideStep(_USERS, "Enabled: Yes"),
    GuideStep(_USERS, "Only the listed attributes are mapped"),
    GuideStep(_USERS, "userName, mandatory"),
    GuideStep(_USERS, "active, mandatory"),
    GuideStep(_USERS, 'emails[type eq "work"].value, mandatory'),
    GuideStep(_USERS, "name.givenName, mandatory"),
    GuideStep(_USERS, "name.familyName, mandatory"),
    GuideStep(_USERS, "externalId, mandatory"),
    GuideStep(_USERS, 'phoneNumbers[type eq "work"].value, optional'),
    GuideStep(_USERS, 'phoneNumbers[type eq "mobile"].value, optional'),
    GuideStep(_USERS, "Telephone numbers follow RFC 3966"),
    GuideStep(_USERS, "Mappings that are not listed are deleted"),
    GuideStep(_USERS, "The picture shows the required attributes alone"),
    GuideStep(_USERS, "externalId: Mapping type Direct"),
    GuideStep(_USERS, "externalId: Source attribute objectId"),
    GuideStep(_USERS, "externalId: Default value if null is blank"),
    GuideStep(_USERS, "externalId: Target attribute externalId"),
    GuideStep(_USERS, "externalId: Match objects using this attribute: No"),
    GuideStep(_USERS, "externalId: Apply this mapping: Always"),
    GuideStep(_USERS, "Save the attribute mappings"),
    GuideStep(_GROUPS, "Open the mappings of groups"),
    GuideStep(_GROUPS, "Enabled: Yes"),
    GuideStep(_GROUPS, "displayName: Matching precedence 2"),
    GuideStep(_GROUPS, "objectId: Match objects using this attribute: Yes"),
    GuideStep(_GROUPS, "objectId: Matching precedence 1"),
    GuideStep(_GROUPS, "displayName: not matched, the precedence is empty"),
    GuideStep(_GROUPS, "displayName: Matching precedence 2 again"),
    GuideStep(_GROUPS, "Save the attribute mappings"),
    GuideStep("Provisioning", "Close, and return to Provisioning"),
    GuideStep(_SETTINGS, "Scope: Sync all users and groups"),
    GuideStep(_SETTINGS, "Provisioning Status: On"),
    GuideStep(_SETTINGS, "If the scope does not show: close, and edit provisioning again"),
    GuideStep(_SETTINGS, "Save"),
    GuideStep("Provisioning", "See the status of the current cycle"),
    GuideStep("Provisioning", "Start or stop provisioning by hand"),
    GuideStep("Provisioning", "See the schedule of the next run"),
    GuideStep("Eptura SCIM API", "Learn more: token, user attributes, schemas"),
    GuideStep("Provisioning", "In this order: application, connection, users, groups, scope, On"),
)
"""S1 to S49."""
