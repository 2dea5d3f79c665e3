"""Users and groups of Microsoft Graph by the attribute names that mappings use: `objectId` is Graph's `id`, and so on.

Sources: Microsoft, "Tutorial: customize user provisioning attribute-mappings" (names of the synchronization schema);
Microsoft Graph, resource types user and group; "How application provisioning works", B2B users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from eptura_scim.types import Kind

__all__ = ["REFERENCES", "GraphObject", "graph_properties", "source_attributes", "source_reader"]

REFERENCES = frozenset({"members", "owners", "manager"})
"""Source attributes that are other objects. Entra sends them after the object itself."""

GraphObject = Mapping[str, Any]
"""A user or group as Microsoft Graph shows it."""

_Getter = Callable[[GraphObject], Any]

_RENAMED = {
    "objectId": "id",
    "dirSyncEnabled": "onPremisesSyncEnabled",
    "facsimileTelephoneNumber": "faxNumber",
    "mobile": "mobilePhone",
    "originalUserPrincipalName": "userPrincipalName",
    "physicalDeliveryOfficeName": "officeLocation",
    "sourceAnchor": "onPremisesImmutableId",
}
_GUEST = "#EXT#"


def _is_soft_deleted(found: GraphObject) -> bool:
    return found.get("deletedDateTime") is not None or found.get("accountEnabled") is False


def _first_business_phone(found: GraphObject) -> Any:
    phones = found.get("businessPhones")
    return phones[0] if phones else None


def _user_principal_name(found: GraphObject) -> Any:
    """Without what `#EXT#` adds for a guest; the last underscore before it stands for the @."""
    name = found.get("userPrincipalName")
    if not isinstance(name, str) or _GUEST not in name:
        return name
    return "@".join(name.partition(_GUEST)[0].rsplit("_", 1))


def _reference(name: str) -> _Getter:
    def get(found: GraphObject) -> Any:
        value = found.get(name)
        if isinstance(value, list):
            return [_id(item) for item in value]
        return _id(value)

    return get


def _id(value: Any) -> Any:
    return value.get("id") if isinstance(value, Mapping) else value


def _inner(outer: str, name: str) -> _Getter:
    def get(found: GraphObject) -> Any:
        return (found.get(outer) or {}).get(name)

    return get


_EXTENSIONS = {
    f"extensionAttribute{number}": _inner("onPremisesExtensionAttributes", f"extensionAttribute{number}")
    for number in range(1, 16)
}
_COMPUTED: dict[Kind, dict[str, tuple[str, _Getter]]] = {
    # name -> Graph's property that it comes from, and how
    "User": {
        "IsSoftDeleted": ("accountEnabled", _is_soft_deleted),
        "employeeOrgDataCostCenter": ("employeeOrgData", _inner("employeeOrgData", "costCenter")),
        "employeeOrgDataDivision": ("employeeOrgData", _inner("employeeOrgData", "division")),
        "manager": ("manager", _reference("manager")),
        "telephoneNumber": ("businessPhones", _first_business_phone),
        "userPrincipalName": ("userPrincipalName", _user_principal_name),
        **{name: ("onPremisesExtensionAttributes", get) for name, get in _EXTENSIONS.items()},
    },
    "Group": {
        "IsSoftDeleted": ("deletedDateTime", _is_soft_deleted),
        "members": ("members", _reference("members")),
        "owners": ("owners", _reference("owners")),
    },
}
# What only Graph calls so, and userType, which cannot be a source (known issues of provisioning).
_NO_SOURCE = frozenset(
    {*_RENAMED.values(), "businessPhones", "deletedDateTime", "employeeOrgData", "onPremisesExtensionAttributes"}
    | {"userType"}
) - {"userPrincipalName"}


def source_attributes(kind: Kind, found: GraphObject) -> dict[str, Any]:
    """All attributes that an object of Graph has for mappings.

    `IsSoftDeleted` is what the object alone says: deleted or blocked from signing in. One that is out of scope counts
    as soft deleted too, which the caller knows.
    """
    made = {name: value for name, value in found.items() if name not in _NO_SOURCE and not name.startswith("@odata.")}
    for name, graph in _RENAMED.items():
        if graph in found:
            made[name] = found[graph]
    for name, (graph, get) in _COMPUTED[kind].items():
        if graph in found or name == "IsSoftDeleted":
            made[name] = get(found)
    return made


def source_reader(kind: Kind, names: Iterable[str]) -> Callable[[GraphObject], dict[str, Any]]:
    """A function that gives these attributes alone, for many objects."""
    computed = _COMPUTED[kind]
    wanted = sorted(set(names))
    copied = [(name, _RENAMED.get(name, name)) for name in wanted if name not in computed and _is_source(name)]
    getters = [(name, computed[name][1]) for name in wanted if name in computed]

    def read(found: GraphObject) -> dict[str, Any]:
        made = {name: found.get(graph) for name, graph in copied}
        for name, get in getters:
            made[name] = get(found)
        return made

    return read


def graph_properties(kind: Kind, names: Iterable[str]) -> list[str]:
    """The properties of Graph that these attributes come from, for `$select`."""
    computed = _COMPUTED[kind]
    return sorted({computed[name][0] if name in computed else _RENAMED.get(name, name) for name in names})


def _is_source(name: str) -> bool:
    return name in _RENAMED or name not in _NO_SOURCE
