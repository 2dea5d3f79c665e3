"""Names of columns and JSON keys: Graph's properties as Graph, the portals, PowerShell and Azure AD Graph call them.

Sources: Microsoft, "Download a list of users in Azure portal" and "Bulk create users" (headers `Name [displayName]
Required`); the Microsoft 365 admin center's "Export users"; Microsoft Graph and Azure AD Graph, resource type user; the
headers of files that the portal gave in 2021 (`id`, `officeLocation`, `mobilePhone`, `directorySynced`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from eptura_scim.simulation.directory_check.partition import NotAnExportError, kind_of
from eptura_scim.types import Kind

__all__ = [
    "BLOCKED",
    "BOOLEANS",
    "LISTS",
    "OUTER",
    "is_extension",
    "is_known",
    "kind_by_columns",
    "present_properties",
    "property_of",
]

BOOLEANS = frozenset({"accountEnabled", "mailEnabled", "onPremisesSyncEnabled", "securityEnabled"})
LISTS = frozenset({"businessPhones", "groupTypes", "imAddresses", "otherMails", "proxyAddresses"})
OUTER = "onPremisesExtensionAttributes"
BLOCKED = "@blocked"
"""A column that says who is blocked from signing in: the opposite of accountEnabled."""

_PROPERTIES = (
    "id", "accountEnabled", "ageGroup", "businessPhones", "city", "companyName", "country", "createdDateTime",
    "deletedDateTime", "department", "description", "displayName", "employeeHireDate", "employeeId",
    "employeeOrgData", "employeeType", "faxNumber", "givenName", "groupTypes", "imAddresses", "jobTitle", "mail",
    "mailEnabled", "mailNickname", "manager", "members", "mobilePhone", "officeLocation", "onPremisesDistinguishedName",
    "onPremisesDomainName", "onPremisesExtensionAttributes", "onPremisesImmutableId", "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "onPremisesUserPrincipalName", "otherMails", "owners",
    "postalCode", "preferredLanguage", "proxyAddresses", "securityEnabled", "state", "streetAddress", "surname",
    "usageLocation", "userPrincipalName", "userType",
)  # fmt: skip
_ALIASES = {
    "objectid": "id",
    "azureadobjectid": "id",
    "blockcredential": BLOCKED,
    "blocksignin": BLOCKED,
    "signinblocked": BLOCKED,
    "businessphone": "businessPhones",
    "officephone": "businessPhones",
    "phonenumber": "businessPhones",
    "telephonenumber": "businessPhones",
    "countryorregion": "country",
    "deletiontimestamp": "deletedDateTime",
    "softdeletiontimestamp": "deletedDateTime",
    "directorysynced": "onPremisesSyncEnabled",
    "dirsyncenabled": "onPremisesSyncEnabled",
    "email": "mail",
    "emailaddress": "mail",
    "fax": "faxNumber",
    "facsimiletelephonenumber": "faxNumber",
    "firstname": "givenName",
    "lastname": "surname",
    "immutableid": "onPremisesImmutableId",
    "mobile": "mobilePhone",
    "mobilephonenumber": "mobilePhone",
    "office": "officeLocation",
    "physicaldeliveryofficename": "officeLocation",
    "stateorprovince": "state",
    "title": "jobTitle",
    "upn": "userPrincipalName",
    "username": "userPrincipalName",
    "whencreated": "createdDateTime",
}
_KNOWN = {name.lower(): name for name in _PROPERTIES} | _ALIASES
_NAMES = frozenset(_KNOWN.values())
_BRACKETED = re.compile(r"(?P<label>[^\[]*)\[(?P<name>\w+)\]")
_EXTENSION = re.compile(r"extensionattribute(?:1[0-5]|[1-9])", re.IGNORECASE)


def property_of(header: str) -> str:
    """Graph's name for a column: `Name [displayName] Required`, `objectId` and `User principal name` are known."""
    found = _BRACKETED.search(header)
    name = found["name"] if found else header.strip()
    if _EXTENSION.fullmatch(name):
        return name[0].lower() + name[1:]
    known = _KNOWN.get(_letters(name), name)
    # The bulk templates ask `Block sign in (Yes/No) [accountEnabled]`, in the language of the portal.
    if found and known == "accountEnabled" and _letters(found["label"]) not in {"", "accountenabled", "enabled"}:
        return BLOCKED
    return known


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_known(name: str) -> bool:
    """Whether a property is one that columns are expected to hold."""
    return name in _NAMES or is_extension(name)


def is_extension(name: str) -> bool:
    """Whether it is one of extensionAttribute1 to 15, which Graph keeps below another property."""
    return _EXTENSION.fullmatch(name) is not None


def kind_by_columns(names: Sequence[str]) -> Kind:
    """Whether a table with these properties is one of users or of groups. Raises NotAnExportError."""
    if "userPrincipalName" in names:
        return "User"
    present = present_properties(names)
    if "displayName" in present and ("id" in present or kind_of(dict.fromkeys(present)) == "User"):
        return kind_of(dict.fromkeys(present))
    shown = ", ".join(repr(name[:60]) for name in names[:12])
    raise NotAnExportError(
        f"no column userPrincipalName (users), nor id and displayName (groups); there are {shown or 'no columns'}"
    )


def present_properties(headers: Iterable[str]) -> frozenset[str]:
    """The properties of Graph that columns or keys hold."""
    names = {property_of(header) for header in headers}
    if any(is_extension(name) for name in names):
        names.add(OUTER)
    if BLOCKED in names:
        names.add("accountEnabled")
    return frozenset(names)
