"""Columns of tables: Graph's names of properties, the portal's, and those that people see.

Sources: Microsoft, "Download a list of users in Azure portal" (attributes of the file); Microsoft Graph, resource type
user; the headers of files that the portal gave in 2021 (`id`, `officeLocation`, `mobilePhone`, `directorySynced`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eptura_scim.simulation.directory_check.partition import SourceError
from eptura_scim.types import Kind

__all__ = ["Reader", "kind_by_columns", "present_properties", "property_of", "row_reader"]

_PROPERTIES = (
    "id", "accountEnabled", "ageGroup", "businessPhones", "city", "companyName", "country", "createdDateTime",
    "deletedDateTime", "department", "description", "displayName", "employeeHireDate", "employeeId", "employeeType",
    "faxNumber", "givenName", "groupTypes", "jobTitle", "mail", "mailEnabled", "mailNickname", "mobilePhone",
    "officeLocation", "onPremisesImmutableId", "onPremisesSamAccountName", "onPremisesSyncEnabled", "otherMails",
    "postalCode", "preferredLanguage", "proxyAddresses", "securityEnabled", "state", "streetAddress", "surname",
    "usageLocation", "userPrincipalName", "userType",
)  # fmt: skip
_ALIASES = {
    "objectid": "id",
    "azureadobjectid": "id",
    "directorysynced": "onPremisesSyncEnabled",
    "dirsyncenabled": "onPremisesSyncEnabled",
    "emailaddress": "mail",
    "firstname": "givenName",
    "lastname": "surname",
    "facsimiletelephonenumber": "faxNumber",
    "mobile": "mobilePhone",
    "physicaldeliveryofficename": "officeLocation",
    "telephonenumber": "businessPhones",
    "businessphone": "businessPhones",
    "username": "userPrincipalName",
}
_KNOWN = {name.lower(): name for name in _PROPERTIES} | _ALIASES
_BRACKETED = re.compile(r"\[(?P<name>\w+)\]")
_EXTENSION = re.compile(r"extensionattribute(?P<number>1[0-5]|[1-9])", re.IGNORECASE)
_OUTER = "onPremisesExtensionAttributes"
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Reader = Callable[[Sequence[str]], dict[str, Any]]
"""Makes an object of Graph of a row's texts."""


def property_of(header: str) -> str:
    """Graph's name for a column: `Name [displayName] Required`, `objectId` and `User principal name` are known."""
    found = _BRACKETED.search(header)
    name = found["name"] if found else header.strip()
    if _EXTENSION.fullmatch(name):
        return name[0].lower() + name[1:]
    return _KNOWN.get(re.sub(r"[^a-z0-9]", "", name.lower()), name)


def kind_by_columns(names: Sequence[str], path: object) -> Kind:
    """Whether a table is one of users or of groups. Raises SourceError where it is neither."""
    if "userPrincipalName" in names:
        return "User"
    if "displayName" in names and "id" in names:
        return "Group"
    raise SourceError(
        f"{path}: no column userPrincipalName (users), nor id and displayName (groups); there are "
        f"{', '.join(map(repr, names[:12]))}"
    )


def row_reader(headers: Sequence[str]) -> Reader:
    """A function that reads rows of texts under these headers; an empty text is no value."""
    plain: list[tuple[int, str]] = []
    converted: list[tuple[int, str, Callable[[str], Any]]] = []
    inner: list[tuple[int, str]] = []
    for index, header in enumerate(headers):
        name = property_of(header)
        if name in {"accountEnabled", "onPremisesSyncEnabled", "securityEnabled", "mailEnabled"}:
            converted.append((index, name, lambda text: _BOOLEANS.get(text.strip().lower())))
        elif name in {"businessPhones", "otherMails", "proxyAddresses", "groupTypes"}:
            converted.append((index, name, _values))
        elif _EXTENSION.fullmatch(name):
            inner.append((index, name))
        else:
            plain.append((index, name))

    def read(row: Sequence[str]) -> dict[str, Any]:
        made: dict[str, Any] = {name: row[index] or None for index, name in plain}
        for index, name, convert in converted:
            made[name] = convert(row[index])
        if inner:
            made[_OUTER] = {name: row[index] or None for index, name in inner}
        return made

    return read


def _values(text: str) -> list[str]:
    """A multi-valued cell: alone, in braces as PowerShell writes it, or with semicolons."""
    stripped = text.strip().removeprefix("{").removesuffix("}")
    return [part.strip() for part in stripped.split(";") if part.strip()]


def present_properties(headers: Mapping[str, object] | Sequence[str]) -> frozenset[str]:
    """The properties of Graph that the columns hold."""
    names = {property_of(header) for header in headers}
    return frozenset(names | ({_OUTER} if any(_EXTENSION.fullmatch(name) for name in names) else set()))
