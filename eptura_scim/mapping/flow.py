"""Attribute mappings compiled for one kind of object: what flows into each target attribute, or why nothing does.

Source: Microsoft, "Customize user provisioning attribute-mappings" (types of mappings, default values), "Known issues
for provisioning" (null values are skipped).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from eptura_scim.expressions.evaluation import (
    CompiledExpression,
    Dropped,
    EvaluationError,
    Surroundings,
    compile_expression,
)
from eptura_scim.expressions.nodes import Attribute
from eptura_scim.expressions.parser import ExpressionError
from eptura_scim.mapping.errors import FilterError
from eptura_scim.mapping.model import AttributeMapping, Mappings
from eptura_scim.mapping.payload import PathError, TargetPath, typed
from eptura_scim.mapping.scope import Scope, compile_filter, unanchored_clauses
from eptura_scim.mapping.scoping import parse_filter
from eptura_scim.mapping.source import REFERENCES, graph_properties, source_reader
from eptura_scim.types import Kind

__all__ = ["Flow", "GraphObject", "ObjectFlow", "Row", "Why", "object_flow"]

GraphObject = Mapping[str, Any]
"""A user or group as Microsoft Graph shows it."""

Why = Literal["sent", "default", "empty", "nothing", "IgnoreAttributeFlow", "IgnoreObjectFlow", "failed", "noSource"]
"""Why a target attribute has what it has. `empty`: all source attributes are; `nothing`: the expression gives nothing
although one of them has a value; `failed`: it has no result; `noSource`: the portal's mapping type None."""

# What says who an object is and whether it is in scope, whatever the mappings use.
_ALWAYS: dict[Kind, tuple[str, ...]] = {
    "User": ("id", "userPrincipalName", "displayName", "accountEnabled", "userType", "deletedDateTime"),
    "Group": ("id", "displayName", "deletedDateTime"),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """What flows into one target attribute of one object."""

    target: str
    value: Any
    """None where nothing flows."""
    why: Why
    problem: str = ""
    """What the evaluation says where it failed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute mapping, compiled."""

    target: str
    mapping: AttributeMapping
    path: TargetPath | None
    """None where the target is no path, which no payload can hold."""
    expression: CompiledExpression | None
    attributes: tuple[str, ...]
    """The source attributes that it looks at."""
    problem: str = ""
    """Why the mapping fails for every object."""

    @property
    def is_reference(self) -> bool:
        """Whether it sends other objects: a group's members, a user's manager."""
        return not REFERENCES.isdisjoint(self.attributes)

    @property
    def is_computed(self) -> bool:
        """Whether it is more than an attribute as it is."""
        return self.expression is not None and not isinstance(self.expression.expression, Attribute)

    def flow(self, attributes: Mapping[str, Any], surroundings: Surroundings) -> Flow:
        """What flows when the object is created, where the default value stands in for nothing."""
        value, why, problem = self._evaluated(attributes, surroundings)
        if value is None and why not in {"failed", "IgnoreObjectFlow"} and self.mapping.default_value is not None:
            return Flow(self.target, self._typed(self.mapping.default_value), "default")
        return Flow(self.target, value, why, problem)

    def _evaluated(self, attributes: Mapping[str, Any], surroundings: Surroundings) -> tuple[Any, Why, str]:
        if self.expression is None:
            return None, "failed" if self.problem else "noSource", self.problem
        try:
            value = self.expression(attributes, surroundings)
        except EvaluationError as error:
            return None, "failed", str(error)
        if value is Dropped.OBJECT:
            return None, "IgnoreObjectFlow", ""
        if value is not Dropped.ATTRIBUTE and value is not None and value not in ("", []):
            return self._typed(value), "sent", ""
        if all(attributes.get(name) in (None, "", []) for name in self.attributes):
            return None, "empty", ""
        return None, "IgnoreAttributeFlow" if value is Dropped.ATTRIBUTE else "nothing", ""

    def _typed(self, value: Any) -> Any:
        return value if self.path is None else typed(value, self.path)


@dataclass(frozen=True, slots=True)
class ObjectFlow:
    """The mappings of users or of groups."""

    kind: Kind
    rows: tuple[Row, ...]
    enabled: bool
    read: Callable[[GraphObject], dict[str, Any]]
    """Source attributes of an object of Graph."""
    properties: tuple[str, ...]
    """The properties of Graph that are needed, for `$select`; references are not among them."""
    scope: Scope | None
    """The scoping filter; None where it lets all in, or cannot be used."""
    filter_attributes: tuple[str, ...]
    """The source attributes that the filter looks at."""
    filter_problem: str
    """Why the scoping filter cannot be used."""
    unanchored: tuple[str, ...]
    """Clauses of the filter of which nobody documents whether they have to match the whole value."""


def object_flow(mappings: Mappings, kind: Kind) -> ObjectFlow:
    """Compile the mappings of users or of groups. What cannot be used fails each object, as it does in the service."""
    is_user = kind == "User"
    rows = tuple(_row(*item) for item in (mappings.users if is_user else mappings.groups).items())
    text = mappings.user_filter if is_user else mappings.group_filter
    names = {name for row in rows for name in row.attributes}
    scope, problem, unanchored, filtered = None, "", tuple[str, ...](), set[str]()
    if text is not None:
        try:
            parsed = parse_filter(text)
            scope = compile_filter(parsed)
            filtered = {clause.attribute for clauses in parsed.groups for clause in clauses}
            unanchored = tuple(map(str, unanchored_clauses(parsed)))
        except FilterError as error:
            problem = error.line
    names |= filtered
    properties = {*graph_properties(kind, names - REFERENCES), *_ALWAYS[kind]}
    return ObjectFlow(
        kind=kind,
        rows=rows,
        enabled=mappings.provision_users if is_user else mappings.provision_groups,
        read=source_reader(kind, names | {"IsSoftDeleted"}),
        properties=tuple(sorted(properties)),
        scope=scope,
        filter_attributes=tuple(sorted(filtered)),
        filter_problem=problem,
        unanchored=unanchored,
    )


def _row(target: str, mapping: AttributeMapping) -> Row:
    try:
        path = TargetPath.parse(target)
    except PathError as error:
        return Row(target, mapping, None, None, (), str(error))
    if mapping.source is None:
        return Row(target, mapping, path, None, ())
    try:
        expression = compile_expression(mapping.source)
    except ExpressionError as error:
        return Row(target, mapping, path, None, (), error.line)
    return Row(target, mapping, path, expression, tuple(sorted(expression.attributes)))
