"""Attribute mappings as a person edits them: the part of the portal that changes a job's schema."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from eptura_scim.expressions.tree import source_tree
from eptura_scim.local_entra.errors import UnknownAppError
from eptura_scim.mapping.model import Apply, FlowBehavior
from eptura_scim.mapping.scoping import scope_with
from eptura_scim.types import KINDS, Json, Kind, copied

__all__ = ["MappingEdits"]


class MappingEdits(ABC):
    """The pages of attribute mappings, on top of one function that edits a schema."""

    @abstractmethod
    def edit_schema(self, edit: Callable[[Json], None]) -> None:
        """Read the schema, edit it in place, save it."""

    def add_user_mapping(self, target: str, source: str, *, precedence: int = 0) -> None:
        """Add New Mapping for users; `source` is an expression such as `[jobTitle]`."""
        self._add("User", target, source, precedence)

    def add_group_mapping(self, target: str, source: str, *, precedence: int = 0) -> None:
        """Add New Mapping for groups."""
        self._add("Group", target, source, precedence)

    def remove_user_mapping(self, target: str) -> None:
        """Delete a mapping of users."""
        self._remove("User", target)

    def remove_group_mapping(self, target: str) -> None:
        """Delete a mapping of groups."""
        self._remove("Group", target)

    def set_user_source(self, target: str, source: str) -> None:
        """Edit Attribute of users: Source attribute or Expression."""
        self._set("User", target, source=source_tree(source))

    def set_group_source(self, target: str, source: str) -> None:
        """Edit Attribute of groups: Source attribute or Expression."""
        self._set("Group", target, source=source_tree(source))

    def set_default(self, target: str, value: str | None, *, kind: Kind = "User") -> None:
        """Edit Attribute: Default value if null."""
        self._set(kind, target, defaultValue=value)

    def set_apply(self, target: str, apply: Apply, *, kind: Kind = "User") -> None:
        """Edit Attribute: Apply this mapping."""
        self._set(kind, target, flowType=apply)

    def set_flow_behavior(self, target: str, behavior: FlowBehavior, *, kind: Kind = "User") -> None:
        """Not in the portal: flowBehavior, which Graph and the schema editor have."""
        self._set(kind, target, flowBehavior=behavior)

    def set_matching_precedence(self, target: str, precedence: int, *, kind: Kind = "User") -> None:
        """Edit Attribute: Match objects using this attribute and Matching precedence; 0 is No."""
        self._set(kind, target, matchingPriority=precedence)

    def swap_group_matching(self) -> None:
        """Swap the matching precedences of the groups' displayName and externalId."""

        def edit(schema: Json) -> None:
            rows = {name: _row(schema, "Group", name) for name in ("displayName", "externalId")}
            first, second = rows["displayName"], rows["externalId"]
            first["matchingPriority"], second["matchingPriority"] = (
                second["matchingPriority"],
                first["matchingPriority"],
            )

        self.edit_schema(edit)

    def enable_groups(self) -> None:
        """Provision Microsoft Entra ID Groups: Enabled Yes."""
        self.edit_schema(lambda schema: _mapping(schema, "Group").update(enabled=True))

    def disable_groups(self) -> None:
        """Provision Microsoft Entra ID Groups: Enabled No."""
        self.edit_schema(lambda schema: _mapping(schema, "Group").update(enabled=False))

    def set_scoping_filter(self, text: str | None, *, kind: Kind = "User") -> None:
        """Source Object Scope: `department EQUALS "sales"`; None lets all in."""

        def edit(schema: Json) -> None:
            mapping = _mapping(schema, kind)
            mapping["scope"] = scope_with(mapping["scope"], text)

        self.edit_schema(edit)

    def set_object_actions(self, flow_types: str, *, kind: Kind = "User") -> None:
        """Target Object Actions: `Add,Update,Delete` or fewer."""
        self.edit_schema(lambda schema: _mapping(schema, kind).update(flowTypes=flow_types))

    def add_custom_attribute(self, name: str, *, kind: Kind = "User", type_: str = "String") -> None:
        """Edit attribute list for customappsso: a new attribute definition of the target."""

        def edit(schema: Json) -> None:
            mapping, rule = _mapping(schema, kind), schema["synchronizationRules"][0]
            for directory in schema["directories"]:
                for item in directory["objects"]:
                    if directory["name"] == rule["targetDirectoryName"] and item["name"] == mapping["targetObjectName"]:
                        item["attributes"].append(_definition(name, type_))

        self.edit_schema(edit)

    def copy_rule(self, name: str, *, kind: Kind = "User") -> None:
        """Add a rule with a copy of the mapping of a kind: by Graph; the portal edits the first rule only."""

        def edit(schema: Json) -> None:
            copied_rule = copied(schema["synchronizationRules"][0])
            copied_rule |= {"id": str(uuid5(NAMESPACE_OID, name)), "name": name, "priority": 2}
            mappings = copied_rule["objectMappings"]
            copied_rule["objectMappings"] = [mapping for mapping in mappings if mapping["sourceObjectName"] == kind]
            schema["synchronizationRules"].append(copied_rule)

        self.edit_schema(edit)

    def reformat(self) -> None:
        """Write the same schema in other words: keys, rows and flowTypes in another order, null and "" exchanged."""

        def edit(schema: Json) -> None:
            for kind in KINDS:
                mapping = _mapping(schema, kind)
                flows = [part.strip() for part in str(mapping["flowTypes"]).split(",")]
                mapping["flowTypes"] = ", ".join(reversed(flows))
                mapping["attributeMappings"].reverse()
                for row in mapping["attributeMappings"]:
                    row["defaultValue"] = "" if row.get("defaultValue") is None else row["defaultValue"] or None
                    source = row.get("source")
                    if source and source["type"] == "Function":
                        source["expression"] = source["expression"].replace(", ", " ,  ")
            turned = _reordered(schema)
            schema.clear()
            schema.update(turned)

        self.edit_schema(edit)

    def _add(self, kind: Kind, target: str, source: str, precedence: int) -> None:
        row = {
            "defaultValue": None,
            "exportMissingReferences": False,
            "flowBehavior": "FlowWhenChanged",
            "flowType": "Always",
            "matchingPriority": precedence,
            "targetAttributeName": target,
            "source": source_tree(source),
        }
        self.edit_schema(lambda schema: _mapping(schema, kind)["attributeMappings"].append(row))

    def _remove(self, kind: Kind, target: str) -> None:
        def edit(schema: Json) -> None:
            _mapping(schema, kind)["attributeMappings"].remove(_row(schema, kind, target))

        self.edit_schema(edit)

    def _set(self, kind: Kind, target: str, **changes: Any) -> None:
        self.edit_schema(lambda schema: _row(schema, kind, target).update(changes))


def _mapping(schema: Json, kind: str) -> Json:
    for rule in schema["synchronizationRules"]:
        for mapping in rule["objectMappings"]:
            if mapping["sourceObjectName"] == kind:
                found: Json = mapping
                return found
    raise UnknownAppError(f"the schema has no mapping of {kind} objects")


def _row(schema: Json, kind: str, target: str) -> Json:
    for row in _mapping(schema, kind)["attributeMappings"]:
        if row["targetAttributeName"] == target:
            found: Json = row
            return found
    raise UnknownAppError(f"{kind} objects have no mapping to {target!r}")


def _definition(name: str, type_: str) -> Json:
    return {
        "anchor": False,
        "caseExact": False,
        "defaultValue": None,
        "flowNullValues": False,
        "multivalued": False,
        "mutability": "ReadWrite",
        "name": name,
        "required": False,
        "type": type_,
        "apiExpressions": [],
        "metadata": [],
        "referencedObjects": [],
    }


def _reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in reversed(value)}
    return [_reordered(item) for item in value] if isinstance(value, list) else value
