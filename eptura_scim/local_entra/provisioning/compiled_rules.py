"""What flows into the target's attributes: the attribute mappings of one kind of object, compiled for a cycle.

Source: Microsoft, "Customize user provisioning attribute-mappings" (types of mappings, default values, "Apply this
mapping"), "Known issues for provisioning" (null values are skipped); Microsoft Graph, resource type attributeMapping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eptura_scim.expressions.evaluation import EvaluationContext
from eptura_scim.local_entra.provisioning.patch import AttributeWrite
from eptura_scim.local_entra.provisioning.target import TargetError
from eptura_scim.mapping.errors import SchemaError
from eptura_scim.mapping.flow import CompiledMapping, Flow, compiled_row, creation_payload
from eptura_scim.mapping.payload import PathError, value_at
from eptura_scim.mapping.rules import attribute_definitions, further_mappings, object_mapping, outbound_rule
from eptura_scim.mapping.schema import observed_mapping
from eptura_scim.types import Json, Kind

__all__ = ["CompiledRules", "CycleRow", "ObjectRules", "Skipped", "rules_of"]

_MEMBERS = "members"

_ADD_ONLY = frozenset({"AttributeAddOnly", "ValueAddOnly", "MultiValueAddOnly"})


class Skipped(Exception):  # noqa: N818 not an error
    """An expression left the object out (IgnoreObjectFlow)."""


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One attribute mapping, with what a cycle needs of it beside what flows."""

    row: CompiledMapping
    case_exact: bool
    context: Callable[[], EvaluationContext]

    @property
    def target(self) -> str:
        """The target attribute."""
        return self.row.target

    @property
    def priority(self) -> int:
        """The matching precedence; 0 matches nothing."""
        return self.row.mapping.matching_precedence

    @property
    def flow_type(self) -> str:
        """Graph's flowType."""
        return self.row.mapping.apply

    @property
    def always(self) -> bool:
        """Whether it is written unchanged too (flowBehavior FlowAlways)."""
        return self.row.mapping.flow_behavior == "FlowAlways"

    @property
    def adds_only(self) -> bool:
        """Whether it writes only where the target has nothing, and takes nothing away."""
        return self.flow_type in _ADD_ONLY

    def flow(self, attributes: Mapping[str, Any], *, creating: bool) -> Flow:
        """What flows. Raises TargetError where an expression has no result, Skipped where the object is left out."""
        found = self.row.flow(attributes, self.context(), creating=creating)
        if found.why in {"failed", "notJudged"}:
            raise TargetError("InvalidExpression", found.problem)
        if found.why == "IgnoreObjectFlow":
            raise Skipped
        return found

    def value(self, attributes: Mapping[str, Any]) -> Any:
        """What the source has, None for nothing. Raises as `flow`."""
        return self.flow(attributes, creating=False).value

    def value_in(self, resource: Json) -> Any:
        """What the target has, None for nothing."""
        return None if self.row.path is None else value_at(resource, self.row.path)


@dataclass(frozen=True, slots=True)
class ObjectRules:
    """The mapping of users or of groups."""

    kind: Kind
    source_object: str
    target_object: str
    enabled: bool
    actions: frozenset[str]
    """Target object actions: Add, Update, Delete."""
    rows: tuple[CycleRow, ...]
    members: CycleRow | None
    """The row of a group's members, which flow after all users and groups."""
    scope: Json | None

    @property
    def matching(self) -> Sequence[CycleRow]:
        """The matching attributes, lowest precedence number first."""
        return sorted((row for row in self.rows if row.priority > 0), key=lambda row: row.priority)

    @property
    def count_key(self) -> str:
        """What `synchronizedEntryCountByType` calls it: `user to User` in published output."""
        return f"{self.source_object} to {self.target_object}"

    def created(self, attributes: Mapping[str, Any]) -> list[tuple[CompiledMapping, Flow]]:
        """What an object is created with: defaults stand in for what is null. Raises TargetError, Skipped."""
        flows = [(row.row, row.flow(attributes, creating=True)) for row in self.rows]
        return [(row, flow) for row, flow in flows if flow.value is not None]

    def body(self, created: Sequence[tuple[CompiledMapping, Flow]]) -> Json:
        """The body of a creation. Raises TargetError for target attributes that cannot be in one."""
        try:
            return creation_payload(self.target_object, created)
        except PathError as error:
            raise TargetError("SchemaInvalid", f"The schema cannot be used: {error}.") from None

    def changes(self, attributes: Mapping[str, Any], current: Json, *, case_counts: bool) -> list[AttributeWrite]:
        """What an update writes: what differs from the target's present values. Null values are skipped."""
        found = []
        for row in self.rows:
            if row.flow_type == "ObjectAddOnly":
                continue
            present = row.value_in(current)
            # Without a source the default value flows "if the target attribute is ever empty".
            creating = present is None and row.row.mapping.source is None
            value = row.flow(attributes, creating=creating).value
            if value is None or (row.adds_only and present is not None):
                continue
            if row.always or not _same(value, present, case_counts=case_counts or row.case_exact):
                found.append(AttributeWrite(row.target, value, is_new=present is None))
        return found


@dataclass(frozen=True, slots=True)
class CompiledRules:
    """A schema's synchronization rule."""

    id: str
    source_directory: str
    target_directory: str
    users: ObjectRules
    groups: ObjectRules
    further: tuple[ObjectRules, ...] = ()
    """Further mappings of users and groups, of this rule and of others."""

    def of(self, kind: Kind) -> ObjectRules:
        """The mapping of a kind of object."""
        return self.users if kind == "User" else self.groups

    def by(self, further: ObjectRules) -> CompiledRules:
        """The same rule with a further mapping in the place of the first mapping of its kind."""
        return replace(self, users=further) if further.kind == "User" else replace(self, groups=further)


def rules_of(schema: Json, context: Callable[[], EvaluationContext]) -> CompiledRules:
    """Compile a schema; `context`: what expressions see beside the object. Raises SchemaError.

    A kind of object without a mapping is not provisioned. A mapping that cannot be read fails each object.
    """
    rule = outbound_rule(schema)
    return CompiledRules(
        id=str(rule.get("id")),
        source_directory=str(rule.get("sourceDirectoryName")),
        target_directory=str(rule.get("targetDirectoryName")),
        users=_object_rules("User", schema, rule, object_mapping(schema, "User") or {}, context),
        groups=_object_rules("Group", schema, rule, object_mapping(schema, "Group") or {}, context),
        further=tuple(
            _object_rules(found["sourceObjectName"], schema, other, found, context)
            for other, found in further_mappings(schema).values()
        ),
    )


def _object_rules(
    kind: Kind, schema: Json, rule: Json, mapping: Json, context: Callable[[], EvaluationContext]
) -> ObjectRules:
    target_object = str(mapping.get("targetObjectName") or "")
    definitions = attribute_definitions(schema, str(rule.get("targetDirectoryName")), target_object)
    rows = [
        CycleRow(
            compiled_row(
                target,
                observed_mapping(item),
                source=item.get("source"),
                attribute_type=definitions.get(target, {}).get("type"),
            ),
            bool(definitions.get(target, {}).get("caseExact")),
            context,
        )
        for item in mapping.get("attributeMappings") or []
        for target in [str(item.get("targetAttributeName"))]
    ]
    if problem := next((row.row.problem for row in rows if row.row.path is None), ""):
        raise SchemaError(problem)
    return ObjectRules(
        kind=kind,
        source_object=kind,
        target_object=target_object,
        enabled=bool(mapping.get("enabled")),
        actions=frozenset(part.strip() for part in str(mapping.get("flowTypes") or "").split(",")),
        # The reference `manager` is not sent: docs/cycles.md, "What is not modelled".
        rows=tuple(row for row in rows if not row.row.is_reference),
        members=next((row for row in rows if kind == "Group" and row.target == _MEMBERS), None),
        scope=mapping.get("scope"),
    )


def _same(value: Any, present: Any, *, case_counts: bool) -> bool:
    if isinstance(value, str) and isinstance(present, str) and not case_counts:
        return value.casefold() == present.casefold()
    if isinstance(present, bool) != isinstance(value, bool):
        return str(value).casefold() == str(present).casefold()
    return bool(value == present)
