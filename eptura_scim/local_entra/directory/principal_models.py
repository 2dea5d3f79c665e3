"""What a user and a group look like, and which values they may have.

Source: Microsoft Graph v1.0, resource types user and group, "Create user", "Create group", "Update user". Of their
properties these are modelled: those that can be a source of an attribute mapping, and those that say what is what.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from eptura_scim.local_entra.errors import GraphError
from eptura_scim.types import Json

__all__ = [
    "DEFAULT_USER_PROPERTIES",
    "Entry",
    "Kind",
    "changed",
    "completed",
    "new_group",
    "new_user",
    "shown",
    "sparse",
]

Entry = Mapping[str, Any]
"""A user or group as Graph shows it. Never changed in place: an update makes another."""

Kind = Literal["user", "group"]

_TEXT: Any = None
_USER: Json = {
    "id": "",
    "deletedDateTime": None,
    "accountEnabled": True,
    "ageGroup": _TEXT,
    "businessPhones": [],
    "city": _TEXT,
    "companyName": _TEXT,
    "country": _TEXT,
    "createdDateTime": "",
    "department": _TEXT,
    "displayName": _TEXT,
    "employeeHireDate": _TEXT,
    "employeeId": _TEXT,
    "employeeType": _TEXT,
    "externalUserState": _TEXT,
    "faxNumber": _TEXT,
    "givenName": _TEXT,
    "jobTitle": _TEXT,
    "mail": _TEXT,
    "mailNickname": _TEXT,
    "mobilePhone": _TEXT,
    "officeLocation": _TEXT,
    "onPremisesExtensionAttributes": {f"extensionAttribute{number}": None for number in range(1, 16)},
    "onPremisesImmutableId": _TEXT,
    "onPremisesSamAccountName": _TEXT,
    "onPremisesSyncEnabled": None,
    "otherMails": [],
    "postalCode": _TEXT,
    "preferredLanguage": _TEXT,
    "proxyAddresses": [],
    "state": _TEXT,
    "streetAddress": _TEXT,
    "surname": _TEXT,
    "usageLocation": _TEXT,
    "userPrincipalName": "",
    "userType": "Member",
}
_GROUP: Json = {
    "id": "",
    "deletedDateTime": None,
    "createdDateTime": "",
    "description": _TEXT,
    "displayName": "",
    "groupTypes": [],
    "isAssignableToRole": None,
    "mail": _TEXT,
    "mailEnabled": False,
    "mailNickname": "",
    "membershipRule": _TEXT,
    "onPremisesSyncEnabled": None,
    "proxyAddresses": [],
    "securityEnabled": True,
    "visibility": _TEXT,
}
_SHAPES = {"user": _USER, "group": _GROUP}
_READ_ONLY = frozenset({"id", "createdDateTime", "deletedDateTime", "externalUserState", "proxyAddresses"})
_NEVER_KEPT = frozenset({"passwordProfile"})
_EXTENSION = re.compile(r"extension_[0-9a-fA-F]{32}_\w+")
_FORBIDDEN_IN_NICKNAME = re.compile(r'[@()\\\[\]";:<>,\s]')  # as the documentation of mailNickname lists them

DEFAULT_USER_PROPERTIES = (
    "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName",
)  # fmt: skip
"""What GET of users shows without `$select` (resource type user, "default set of properties")."""


def new_user(properties: Mapping[str, Any], now: datetime, *, only_known: bool = False) -> Json:
    """A user. Raises GraphError when a value is not possible or `userPrincipalName` is missing.

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


def changed(kind: Kind, entry: Entry, changes: Mapping[str, Any]) -> Json:
    """The entry with other values. Raises GraphError when one is not possible."""
    for name in _READ_ONLY & changes.keys():
        if changes[name] != entry.get(name):
            raise _refused(f"Property '{name}' is read-only and cannot be set.")
    return {**entry, **_checked(kind, changes)}


def completed(kind: Kind, values: Mapping[str, Any]) -> Entry:
    """An entry from what differs from its shape."""
    return {**_SHAPES[kind], **values}


def sparse(kind: Kind, entry: Entry) -> Json:
    """What of an entry differs from its shape."""
    shape = _SHAPES[kind]
    return {name: value for name, value in entry.items() if name not in shape or value != shape[name]}


def shown(kind: Kind, entry: Entry) -> Json:
    """A user or group among objects of several types: what GET shows without `$select`."""
    names = DEFAULT_USER_PROPERTIES if kind == "user" else tuple(entry)
    return {"@odata.type": f"#microsoft.graph.{kind}", **{name: entry[name] for name in names}}


def _new(kind: Kind, properties: Mapping[str, Any], now: datetime, *, only_known: bool) -> Json:
    shape = _SHAPES[kind]
    if only_known:
        given = {name: value for name, value in properties.items() if name in shape or _EXTENSION.fullmatch(name)}
    else:
        given = {name: value for name, value in properties.items() if name not in _READ_ONLY}
    made = {**shape, **_checked(kind, given)}
    made["id"] = str(properties.get("id") or uuid.uuid4())
    made["createdDateTime"] = given.get("createdDateTime") or f"{now:%Y-%m-%dT%H:%M:%SZ}"
    return made


def _checked(kind: Kind, values: Mapping[str, Any]) -> Json:
    shape = _SHAPES[kind]
    found: Json = {}
    for name, value in values.items():
        if name in _NEVER_KEPT or name.startswith("@odata."):
            continue
        if name not in shape and not _EXTENSION.fullmatch(name):
            raise _refused(f"Invalid property '{name}'.")
        if not _fits(shape.get(name), value):
            raise _refused(f"Invalid value specified for property '{name}' of resource '{kind.capitalize()}'.")
        found[name] = {**shape[name], **value} if isinstance(value, dict) else value
    if "mailNickname" in found and _FORBIDDEN_IN_NICKNAME.search(found["mailNickname"] or ""):
        raise _refused(f"Invalid value specified for property 'mailNickname' of resource '{kind.capitalize()}'.")
    return found


def _fits(example: Any, value: Any) -> bool:
    """Whether a value has the type of the shape's; null stands for a text that may be missing, or for a choice."""
    if isinstance(example, bool):
        return isinstance(value, bool)
    if isinstance(example, list):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(example, dict):
        return (
            isinstance(value, dict)
            and value.keys() <= example.keys()
            and all(_fits(example[name], item) for name, item in value.items())
        )
    if isinstance(example, str):
        return isinstance(value, str)
    return value is None or isinstance(value, str | bool)


def _refused(message: str) -> GraphError:
    return GraphError.bad_request(message, "Request_BadRequest")
