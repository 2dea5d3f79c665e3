"""What flows into the target's attributes: the attribute mappings of one kind of object, compiled for a cycle.

Source: Microsoft, "Customize user provisioning attribute-mappings" (types of mappings, default values, "Apply this
mapping"), "Known issues for provisioning" (null values are skipped); Microsoft Graph, resource type attributeMapping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eptura_scim.local_entra.provisioning.patch import Change
from eptura_scim.local_entra.provisioning.target import TargetError
from eptura_scim.mapping.payload import PathError, TargetPath, compose, typed, value_at
from eptura_scim.types import Json, Kind

__all__ = ["ObjectRules", "Row", "Rules", "Skipped", "rules_of"]

_MEMBERS = "members"

_ADD_ONLY = frozenset({"AttributeAddOnly", "ValueAddOnly", "MultiValueAddOnly"})

Evaluated = Callable[[Mapping[str, Any]], Any]


class Skipped(Exception):  # noqa: N818 it is no error
    """An expression left the object out (IgnoreObjectFlow)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute mapping."""

    target: str
    path: TargetPath
    source: Evaluated | None
    """None for the portal's mapping type None: only the default value flows."""
    default: str | None
    priority: int
    flow_type: str
    always: bool
    """flowBehavior FlowAlways."""
    attribute_type: str | None
    case_exact: bool

    def value(self, attributes: Mapping[str, Any]) -> Any:
        """What the source has, None for nothing. Raises what the evaluation raises."""
        return None if self.source is None else _present(self.source(attributes), self)

    @property
    def adds_only(self) -> bool:
        """Whether it writes only where the target has nothing, and takes nothing away."""
        return self.flow_type in _ADD_ONLY

    @property
    def default_value(self) -> Any:
        """The default value, typed."""
        return _present(self.default, self)


@dataclass(frozen=True, slots=True)
class ObjectRules:
    """The mapping of users or of groups."""

    kind: Kind
    source_object: str
    target_object: str
    enabled: bool
    actions: frozenset[str]
    """Target object actions: Add, Update, Delete."""
    rows: tuple[Row, ...]
    members: Row | None
    """The row of a group's members, which flow after all users and groups."""
    scope: Json | None

    @property
    def matching(self) -> Sequence[Row]:
        """The matching attributes, lowest precedence number first."""
        return sorted((row for row in self.rows if row.priority > 0), key=lambda row: row.priority)

    @property
    def count_key(self) -> str:
        """What `synchronizedEntryCountByType` calls it: `user to User` in published output."""
        return f"{self.source_object} to {self.target_object}"

    def created(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The values that an object is created with: defaults stand in for what is null."""
        values: dict[str, Any] = {}
        for row in self.rows:
            value = row.value(attributes)
            value = row.default_value if value is None else value
            if value is not None:
                values[row.target] = value
        return values

    def body(self, values: Mapping[str, Any]) -> Json:
        """The body of a creation. Raises TargetError for target attributes that cannot be in one."""
        types = {row.target: row.attribute_type for row in self.rows if row.attribute_type is not None}
        try:
            return compose(self.target_object, values, types=types)
        except PathError as error:
            raise TargetError("SchemaInvalid", f"The schema cannot be used: {error}.") from None

    def changes(self, attributes: Mapping[str, Any], current: Json, *, case_counts: bool) -> list[Change]:
        """What an update writes: what differs from the target's present values. Null values are skipped."""
        found = []
        for row in self.rows:
            if row.flow_type == "ObjectAddOnly":
                continue
            present = value_at(current, row.path)
            value = row.value(attributes)
            if value is None and row.source is None and present is None:
                value = row.default_value  # "if the target attribute is ever empty"
            if value is None or (row.adds_only and present is not None):
                continue
            if row.always or not _same(value, present, case_counts=case_counts or row.case_exact):
                found.append(Change(row.target, value, is_new=present is None))
        return found


@dataclass(frozen=True, slots=True)
class Rules:
    """A schema's synchronization rule."""

    id: str
    source_directory: str
    target_directory: str
    users: ObjectRules
    groups: ObjectRules

    def of(self, kind: Kind) -> ObjectRules:
        """The mapping of a kind of object."""
        return self.users if kind == "User" else self.groups


def rules_of(schema: Json, evaluator: Callable[[Json], Evaluated]) -> Rules:
    """Compile a schema; `evaluator` makes a function of a source tree. Raises KeyError where it has no such mapping."""
    rule = schema["synchronizationRules"][0]
    found = {}
    for mapping in rule["objectMappings"]:
        kind: Kind | None = {"User": "User", "Group": "Group"}.get(mapping["sourceObjectName"])  # type: ignore[assignment]
        if kind is not None and kind not in found:
            definitions = _definitions(schema, rule["targetDirectoryName"], mapping["targetObjectName"])
            found[kind] = _object_rules(kind, mapping, definitions, evaluator)
    return Rules(
        id=rule["id"],
        source_directory=rule["sourceDirectoryName"],
        target_directory=rule["targetDirectoryName"],
        users=found["User"],
        groups=found["Group"],
    )


def _object_rules(
    kind: Kind, mapping: Json, definitions: Mapping[str, Json], evaluator: Callable[[Json], Evaluated]
) -> ObjectRules:
    rows = tuple(_row(item, definitions.get(item["targetAttributeName"], {}), evaluator)
                 for item in mapping.get("attributeMappings") or [])  # fmt: skip
    # A manager is a reference as well; the local Entra's directory has none.
    plain = [row for row in rows if row.attribute_type != "Reference"]
    return ObjectRules(
        kind=kind,
        source_object=mapping["sourceObjectName"],
        target_object=mapping["targetObjectName"],
        enabled=bool(mapping.get("enabled")),
        actions=frozenset(part.strip() for part in str(mapping.get("flowTypes") or "").split(",")),
        rows=tuple(plain),
        members=next((row for row in rows if kind == "Group" and row.target == _MEMBERS), None),
        scope=mapping.get("scope"),
    )


def _row(item: Json, definition: Json, evaluator: Callable[[Json], Evaluated]) -> Row:
    source = item.get("source")
    return Row(
        target=item["targetAttributeName"],
        path=TargetPath.parse(item["targetAttributeName"]),
        source=None if source is None else evaluator(source),
        default=item.get("defaultValue") or None,
        priority=item.get("matchingPriority") or 0,
        flow_type=item.get("flowType") or "Always",
        always=item.get("flowBehavior") == "FlowAlways",
        attribute_type=definition.get("type"),
        case_exact=bool(definition.get("caseExact")),
    )


def _definitions(schema: Json, directory: str, target_object: str) -> dict[str, Json]:
    return {
        attribute["name"]: attribute
        for found in schema["directories"]
        if found["name"] == directory
        for item in found["objects"]
        if item["name"] == target_object
        for attribute in item["attributes"]
    }


def _present(value: Any, row: Row) -> Any:
    """A value as SCIM has it; None for null, an empty text and an empty list: they are not provisioned."""
    if value is None or value in ("", []):
        return None
    return typed(value, row.path, row.attribute_type)


def _same(value: Any, present: Any, *, case_counts: bool) -> bool:
    if isinstance(value, str) and isinstance(present, str) and not case_counts:
        return value.casefold() == present.casefold()
    if isinstance(present, bool) != isinstance(value, bool):
        return str(value).casefold() == str(present).casefold()
    return bool(value == present)
