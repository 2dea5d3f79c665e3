"""What a user and a group look like, and which values they may have.

Source: Microsoft Graph v1.0, resource types user and group, "Create user", "Create group", "Update user". Of their
properties these are modelled: those that can be a source of an attribute mapping, those that say what is what, and
those that the azuread plugin writes and reads.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape, checked
from eptura_scim.types import Json

__all__ = [
    "GROUP",
    "USER",
    "PrincipalEntry",
    "PrincipalKind",
    "new_group",
    "new_user",
    "with_changes",
    "with_defaults",
    "without_defaults",
]

PrincipalEntry = Mapping[str, Any]
"""A user or group as Graph shows it. Never changed in place: an update makes another."""

PrincipalKind = Literal["user", "group"]

_EXTENSION = re.compile(r"extension_[0-9a-fA-F]{32}_\w+")
_READ_ONLY = frozenset({"id", "createdDateTime", "deletedDateTime", "proxyAddresses"})

USER = Shape(
    name="user",
    is_directory_object=True,
    properties={
        "id": "",
        "deletedDateTime": None,
        "aboutMe": TEXT,
        "accountEnabled": True,
        "ageGroup": TEXT,
        "businessPhones": [],
        "city": TEXT,
        "companyName": TEXT,
        "consentProvidedForMinor": TEXT,
        "country": TEXT,
        "createdDateTime": "",
        "creationType": TEXT,
        "department": TEXT,
        "displayName": TEXT,
        "employeeHireDate": TEXT,
        "employeeId": TEXT,
        "employeeOrgData": {},
        "employeeType": TEXT,
        "externalUserState": TEXT,
        "faxNumber": TEXT,
        "givenName": TEXT,
        "imAddresses": [],
        "jobTitle": TEXT,
        "mail": TEXT,
        "mailNickname": TEXT,
        "mobilePhone": TEXT,
        "officeLocation": TEXT,
        "onPremisesDistinguishedName": TEXT,
        "onPremisesDomainName": TEXT,
        "onPremisesExtensionAttributes": {f"extensionAttribute{number}": None for number in range(1, 16)},
        "onPremisesImmutableId": TEXT,
        "onPremisesSamAccountName": TEXT,
        "onPremisesSecurityIdentifier": TEXT,
        "onPremisesSyncEnabled": None,
        "onPremisesUserPrincipalName": TEXT,
        "otherMails": [],
        "passwordPolicies": TEXT,
        "postalCode": TEXT,
        "preferredLanguage": TEXT,
        "proxyAddresses": [],
        "showInAddressList": None,
        "state": TEXT,
        "streetAddress": TEXT,
        "surname": TEXT,
        "usageLocation": TEXT,
        "userPrincipalName": "",
        "userType": "Member",
    },
    default=(
        "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
        "preferredLanguage", "surname", "userPrincipalName",
    ),
    unfilterable=frozenset({"aboutMe", "employeeOrgData", "passwordPolicies", "showInAddressList"}),
    ordered_by=frozenset({"displayName", "userPrincipalName", "createdDateTime"}),
    extension=_EXTENSION,
    read_only=_READ_ONLY | {"externalUserState", "creationType"},
    never_kept=frozenset({"passwordProfile"}),
    not_modelled=frozenset(
        {
            "assignedLicenses", "assignedPlans", "authorizationInfo", "birthday", "customSecurityAttributes",
            "employeeLeaveDateTime", "externalUserStateChangeDateTime", "hireDate", "identities", "interests",
            "isManagementRestricted", "isResourceAccount", "lastPasswordChangeDateTime", "legalAgeGroupClassification",
            "licenseAssignmentStates", "mailboxSettings", "mySite", "onPremisesLastSyncDateTime",
            "onPremisesProvisioningErrors", "pastProjects", "preferredDataLocation", "preferredName",
            "provisionedPlans", "responsibilities", "schools", "securityIdentifier", "serviceProvisioningErrors",
            "signInActivity", "signInSessionsValidFromDateTime", "skills",
        }
    ),
)  # fmt: skip
"""A user; without `$select` the "default set of properties" of the resource type is shown."""

_GROUP = Shape(
    name="group",
    is_directory_object=True,
    properties={
        "id": "",
        "deletedDateTime": None,
        "classification": TEXT,
        "createdDateTime": "",
        "description": TEXT,
        "displayName": "",
        "groupTypes": [],
        "isAssignableToRole": None,
        "mail": TEXT,
        "mailEnabled": False,
        "mailNickname": "",
        "membershipRule": TEXT,
        "membershipRuleProcessingState": TEXT,
        "onPremisesDomainName": TEXT,
        "onPremisesNetBiosName": TEXT,
        "onPremisesSamAccountName": TEXT,
        "onPremisesSecurityIdentifier": TEXT,
        "onPremisesSyncEnabled": None,
        "preferredLanguage": TEXT,
        "proxyAddresses": [],
        "resourceBehaviorOptions": [],
        "resourceProvisioningOptions": [],
        "securityEnabled": True,
        "theme": TEXT,
        "visibility": TEXT,
        "writebackConfiguration": {"isEnabled": None, "onPremisesGroupType": TEXT},
    },
    unfilterable=frozenset({"classification", "theme", "visibility", "writebackConfiguration"}),
    ordered_by=frozenset({"displayName", "createdDateTime"}),
    extension=_EXTENSION,
    read_only=_READ_ONLY,
    not_modelled=frozenset(
        {
            "assignedLabels", "assignedLicenses", "expirationDateTime", "hasMembersWithLicenseErrors", "infoCatalogs",
            "isArchived",
            "isManagementRestricted", "isSubscribedByMail", "licenseProcessingState", "onPremisesLastSyncDateTime",
            "onPremisesProvisioningErrors", "preferredDataLocation", "renewedDateTime", "securityIdentifier",
            "serviceProvisioningErrors", "unseenCount", "uniqueName",
        }
    ),
)  # fmt: skip

_ONLY_SELECTED = frozenset(
    {"allowExternalSenders", "autoSubscribeNewMembers", "hideFromAddressLists", "hideFromOutlookClients"}
)
GROUP = replace(
    _GROUP,
    default=tuple(_GROUP.properties),
    properties={**_GROUP.properties, **dict.fromkeys(sorted(_ONLY_SELECTED))},
    read_only=_GROUP.read_only | _ONLY_SELECTED,
    unfilterable=_GROUP.unfilterable | _ONLY_SELECTED,
)
"""A group. What is shown on `$select` only cannot be written with application permissions ("Update group")."""

_SHAPES: dict[PrincipalKind, Shape] = {"user": USER, "group": GROUP}
_KINDS_OF_CHARACTERS = tuple(map(re.compile, ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]")))
_FORBIDDEN_IN_NICKNAME = re.compile(r'[@()\\\[\]";:<>,\s]')  # as the documentation of mailNickname lists them


def new_user(properties: Mapping[str, Any], now: datetime, *, only_known: bool = False) -> Json:
    """A user. Raises ODataError when a value is not possible or `userPrincipalName` is missing.

    With `only_known` what is not modelled is left out, and what Graph alone sets is taken as it is.
    """
    name = properties.get("userPrincipalName")
    if not isinstance(name, str) or name.count("@") != 1 or name.startswith("@") or name.endswith("@"):
        raise _refused("Property userPrincipalName is invalid.")
    local = name.partition("@")[0]
    given = {"displayName": local, "mailNickname": local, **properties}
    made = _new("user", given, now, only_known=only_known)
    if not made["displayName"]:
        raise _refused("Invalid value specified for property 'displayName' of resource 'User'.")
    return made


def new_group(properties: Mapping[str, Any], now: datetime, *, only_known: bool = False) -> Json:
    """A group, a security group unless told otherwise. As `new_user`."""
    name = properties.get("displayName")
    if not isinstance(name, str) or not 1 <= len(name) <= 256:
        raise _refused("Invalid value specified for property 'displayName' of resource 'Group'.")
    nickname = _FORBIDDEN_IN_NICKNAME.sub("", name)[:64] or "group"
    return _new("group", {"mailNickname": nickname, **properties}, now, only_known=only_known)


def with_changes(kind: PrincipalKind, entry: PrincipalEntry, changes: Mapping[str, Any]) -> Json:
    """The entry with other values. Raises ODataError when one is not possible."""
    return {**entry, **_checked(kind, changes, entry)}


def with_defaults(kind: PrincipalKind, values: Mapping[str, Any]) -> PrincipalEntry:
    """An entry from what differs from its shape."""
    return {**_SHAPES[kind].blank, **values}


def without_defaults(kind: PrincipalKind, entry: PrincipalEntry) -> Json:
    """What of an entry differs from its shape."""
    shape = _SHAPES[kind].blank
    return {name: value for name, value in entry.items() if name not in shape or value != shape[name]}


def _new(kind: PrincipalKind, properties: Mapping[str, Any], now: datetime, *, only_known: bool) -> Json:
    shape = _SHAPES[kind]
    if only_known:
        given = {name: value for name, value in properties.items() if _is_known(shape, name)}
        before = {name: given[name] for name in shape.read_only & given.keys()}
    else:
        given = {name: value for name, value in properties.items() if name not in shape.read_only}
        before = {}
    made = {**shape.blank, **_checked(kind, given, before), **before}
    made["id"] = str(properties.get("id") or uuid.uuid4())
    made["createdDateTime"] = given.get("createdDateTime") or f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return made


def _is_known(shape: Shape, name: str) -> bool:
    return name not in shape.not_modelled and shape.has(name)


def _checked(kind: PrincipalKind, values: Mapping[str, Any], before: Mapping[str, Any]) -> Json:
    found = checked(_SHAPES[kind], values, before)
    if "mailNickname" in found and _FORBIDDEN_IN_NICKNAME.search(found["mailNickname"] or ""):
        raise _refused(f"Invalid value specified for property 'mailNickname' of resource '{kind.capitalize()}'.")
    policies = str({**before, **found}.get("passwordPolicies") or "")
    if kind == "user" and "DisableStrongPassword" not in policies:
        _check_password(values.get("passwordProfile"))
    return found


def _check_password(profile: Any) -> None:
    """Raise ODataError 400 for a weak password; passwords are not kept.

    Source: Microsoft, "Password policies and account restrictions in Microsoft Entra ID": 8 to 256 characters, of three
    of the four kinds.
    """
    password = profile.get("password") if isinstance(profile, dict) else None
    if not isinstance(password, str):
        return
    kinds = sum(pattern.search(password) is not None for pattern in _KINDS_OF_CHARACTERS)
    if not 8 <= len(password) <= 256 or kinds < 3:
        raise _refused(
            "The specified password does not comply with password complexity requirements. Please provide a different "
            "password."
        )


def _refused(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_BadRequest")
