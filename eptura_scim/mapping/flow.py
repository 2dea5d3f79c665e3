"""Attribute mappings compiled for one kind of object: what flows into each target attribute, or why nothing does.

Source: Microsoft, "Customize user provisioning attribute-mappings" (types of mappings, default values), "Known issues
for provisioning" (null values are skipped).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from eptura_scim.expressions.evaluation import (
    CompiledExpression,
    EvaluationContext,
    EvaluationError,
    IgnoreFlow,
    compile_expression,
)
from eptura_scim.expressions.evaluation.values import ValueProblem
from eptura_scim.expressions.nodes import Attribute
from eptura_scim.expressions.parser import ExpressionError
from eptura_scim.mapping.errors import FilterError, UnknownFilterError
from eptura_scim.mapping.model import AttributeMapping, Mappings
from eptura_scim.mapping.payload import PathError, TargetPath, compose, typed
from eptura_scim.mapping.scope import ScopeTest, compile_filter, unanchored_clauses
from eptura_scim.mapping.scoping import parse_filter
from eptura_scim.mapping.source import REFERENCES, GraphObject, graph_properties, source_reader
from eptura_scim.types import Json, Kind

__all__ = [
    "CompiledMapping",
    "Flow",
    "GraphObject",
    "ObjectFlow",
    "Why",
    "compiled_row",
    "creation_payload",
    "object_flow",
]

Why = Literal[
    "sent",
    "default",
    "empty",
    "nothing",
    "IgnoreAttributeFlow",
    "IgnoreObjectFlow",
    "failed",
    "notJudged",
    "noSource",
]
"""Why a target attribute has what it has. `empty`: all source attributes are; `nothing`: the expression gives nothing
although one of them has a value; `failed`: it has no result; `notJudged`: Entra may have a result that cannot be found
here; `noSource`: the portal's mapping type None."""

# How `mappings_of` names a second row of the same target.
_REPEATED = re.compile(r" \([0-9]+\)\Z")

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
    """What the evaluation says where it failed, or what is not known here."""


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """One attribute mapping, compiled."""

    target: str
    mapping: AttributeMapping
    path: TargetPath | None
    """None where the target is not a path: a payload cannot hold it."""
    expression: CompiledExpression | None
    attributes: tuple[str, ...]
    """The source attributes that it looks at."""
    problem: str = ""
    """What of the mapping cannot be read, for any object."""
    attribute_type: str | None = None
    """Graph's type of the target attribute, where its definition is known."""

    @property
    def is_reference(self) -> bool:
        """Whether it sends other objects, after the object itself: a group's members, a user's manager."""
        return (
            self.attribute_type == "Reference"
            or not REFERENCES.isdisjoint(self.attributes)
            or (self.path is not None and self.path.is_reference)
        )

    @property
    def is_computed(self) -> bool:
        """Whether it is more than an attribute as it is."""
        return self.expression is not None and not isinstance(self.expression.expression, Attribute)

    def flow(self, attributes: Mapping[str, Any], context: EvaluationContext, *, creating: bool = True) -> Flow:
        """What flows for an object; when it is created, the default value stands in for nothing."""
        try:
            value, why, problem = self._evaluated(attributes, context)
            ends = why in {"failed", "notJudged", "IgnoreObjectFlow"}
            if creating and value is None and not ends and self.mapping.default_value is not None:
                return Flow(self.target, self._for_target(self.mapping.default_value), "default")
        except ValueProblem as error:
            return Flow(self.target, None, "failed", str(error))
        return Flow(self.target, value, why, problem)

    @property
    def _why_never(self) -> Why:
        """Why nothing flows for any object: no path holds the target, or the source is not known here, or missing."""
        if self.path is None:
            return "failed"
        return "notJudged" if self.problem else "noSource"

    def _evaluated(self, attributes: Mapping[str, Any], context: EvaluationContext) -> tuple[Any, Why, str]:
        if self.expression is None:
            return None, self._why_never, self.problem
        try:
            value = self.expression(attributes, context)
        except EvaluationError as error:
            return None, "failed" if error.is_known else "notJudged", error.line
        if value is IgnoreFlow.OBJECT:
            return None, "IgnoreObjectFlow", ""
        if value is not IgnoreFlow.ATTRIBUTE and value is not None and value not in ("", []):
            return self._for_target(value), "sent", ""
        if all(attributes.get(name) in (None, "", []) for name in self.attributes):
            return None, "empty", ""
        return None, "IgnoreAttributeFlow" if value is IgnoreFlow.ATTRIBUTE else "nothing", ""

    def _for_target(self, value: Any) -> Any:
        return value if self.path is None else typed(value, self.path, self.attribute_type)


@dataclass(frozen=True, slots=True)
class ObjectFlow:
    """The mappings of users or of groups."""

    kind: Kind
    rows: tuple[CompiledMapping, ...]
    enabled: bool
    read: Callable[[GraphObject], dict[str, Any]]
    """Source attributes of an object of Graph."""
    properties: tuple[str, ...]
    """The properties of Graph that are needed, for `$select`; references are not among them."""
    scope: ScopeTest | None
    """The scoping filter; None where it lets all in, or cannot be used."""
    filter_attributes: tuple[str, ...]
    """The source attributes that the filter looks at."""
    filter_problem: str
    """Why the scoping filter cannot be used."""
    filter_unknown: str
    """What of the scoping filter is not known here; nothing can be said of who is in scope then."""
    unanchored: tuple[str, ...]
    """Clauses of the filter whose pattern is not anchored: whether it has to match the whole value is undocumented."""


def object_flow(mappings: Mappings, kind: Kind) -> ObjectFlow:
    """Compile the mappings of users or of groups. What cannot be used fails each object, as it does in the service."""
    is_user = kind == "User"
    rows = tuple(compiled_row(*item) for item in (mappings.users if is_user else mappings.groups).items())
    text = mappings.user_filter if is_user else mappings.group_filter
    names = {name for row in rows for name in row.attributes}
    scope, problem, unknown, unanchored, filtered = None, "", "", tuple[str, ...](), set[str]()
    if text is not None:
        try:
            parsed = parse_filter(text)
            scope = compile_filter(parsed)
            filtered = {clause.attribute for clauses in parsed.groups for clause in clauses}
            unanchored = tuple(map(str, unanchored_clauses(parsed)))
        except UnknownFilterError as error:
            unknown = error.line
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
        filter_unknown=unknown,
        unanchored=unanchored,
    )


def compiled_row(
    target: str,
    mapping: AttributeMapping,
    *,
    source: Mapping[str, Any] | None = None,
    attribute_type: str | None = None,
) -> CompiledMapping:
    """One attribute mapping, compiled from Graph's source tree, or from the text of the mapping without one.

    What cannot be read is the row's `problem`. `target` may be a repeated one, `title (2)`; `attribute_type` is Graph's
    type of the target attribute.
    """
    path, expression, problem = None, None, ""
    try:
        path = TargetPath.parse(_REPEATED.sub("", target))
        text = mapping.source if source is None else source
        expression = None if text is None else compile_expression(text)
    except PathError as error:
        problem = str(error)
    except ExpressionError as error:
        problem = error.line
    attributes = () if expression is None else tuple(sorted(expression.attributes))
    return CompiledMapping(target, mapping, path, expression, attributes, problem, attribute_type)


def creation_payload(target_object: str, flows: Iterable[tuple[CompiledMapping, Flow]]) -> Json:
    """The body that an object is created with; references follow it. Raises PathError as `compose`."""
    sent = [(row, flow) for row, flow in flows if row.path is not None and not row.is_reference]
    types = {row.target: row.attribute_type for row, _ in sent if row.attribute_type is not None}
    return compose(target_object, {row.target: flow.value for row, flow in sent}, types=types)
