"""The bodies of the PATCH requests that Entra sends, in the two dialects that it has.

`entra` is what it sends by default: capital operations, booleans as text, one operation a value, members removed by a
value. `rfc` is what the flag `aadOptscim062020` in the tenant URL changes.

Sources: Microsoft, "Known issues and resolutions with SCIM 2.0 protocol compliance" (both dialects side by side:
disabling, adding one value, replacing several, removing a member); "Develop and plan provisioning for a SCIM endpoint"
(adding members, updating a group). A manager is sent as its bare identifier in both: Captain-P-Goldfish/SCIM-SDK#541,
#686. That the flag adds members without `$ref` is inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from eptura_scim.graph.secrets import COMPLIANCE_FLAG
from eptura_scim.mapping.payload import TargetPath
from eptura_scim.types import Json

__all__ = ["AttributeWrite", "Dialect", "add_members", "dialect_of", "remove_members", "update"]

Dialect = Literal["entra", "rfc"]

_ROLLBACK_FLAG = "AzureAdScimPatch2017"

_PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True, slots=True)
class AttributeWrite:
    """One target attribute to write."""

    target: str
    """Its path, as the attribute mapping spells it."""
    value: Any
    is_new: bool
    """Whether the target has no value there yet: it is added, else replaced."""


def dialect_of(tenant_url: str) -> Dialect:
    """The dialect that a tenant URL asks for: `https://…/scim/v1/?aadOptscim062020`."""
    query = urlsplit(tenant_url).query.lower()
    return "rfc" if COMPLIANCE_FLAG.lower() in query and _ROLLBACK_FLAG.lower() not in query else "entra"


def update(changes: Sequence[AttributeWrite], dialect: Dialect) -> Json:
    """The body that writes these attributes, in the order of the mappings."""
    if dialect == "entra":
        return _patch([_operation(change, "Add" if change.is_new else "Replace", as_text=True) for change in changes])
    replaced = [change for change in changes if not change.is_new]
    together = [change for change in replaced if TargetPath.parse(change.target).element is None]
    if len(together) < 2:
        together = []
    apart = [change for change in changes if change not in together]
    operations = [_operation(change, "add" if change.is_new else "replace", as_text=False) for change in apart]
    if together:
        operations.append({"op": "replace", "value": {change.target: change.value for change in together}})
    return _patch(operations)


def add_members(identifiers: Iterable[str], dialect: Dialect) -> Json:
    """The body that adds members to a group: one operation."""
    if dialect == "entra":
        members = [{"$ref": None, "value": identifier} for identifier in identifiers]
        return _patch([{"op": "Add", "path": "members", "value": members}])
    return _patch([{"op": "add", "path": "members", "value": [{"value": identifier} for identifier in identifiers]}])


def remove_members(identifiers: Iterable[str], dialect: Dialect) -> Json:
    """The body that takes members out of a group."""
    if dialect == "entra":
        members = [{"$ref": None, "value": identifier} for identifier in identifiers]
        return _patch([{"op": "Remove", "path": "members", "value": members}])
    return _patch([{"op": "remove", "path": f'members[value eq "{identifier}"]'} for identifier in identifiers])


def _operation(change: AttributeWrite, op: str, *, as_text: bool) -> Json:
    value = str(change.value) if as_text and isinstance(change.value, bool) else change.value
    return {"op": op, "path": change.target, "value": value}


def _patch(operations: list[Json]) -> Json:
    return {"schemas": [_PATCH_OP], "Operations": operations}
