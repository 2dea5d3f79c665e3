"""The shape of a synchronizationSchema, as far as it is read: an answer of another shape is refused where it arrives.

Source: Microsoft Graph v1.0, resource types synchronizationSchema, synchronizationRule, objectMapping,
attributeMapping, attributeMappingSource and filter. Any field may be missing or null; what has no field here may be
anything.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from eptura_scim.errors import value_problem
from eptura_scim.graph.errors import ReplyError
from eptura_scim.graph.reply import Reply, place_of

__all__ = ["check_shape"]


class _Operand(Reply):
    values: list[Any] | None = None


class _Clause(Reply):
    operator_name: str | None = None
    source_operand_name: str | None = None
    target_operand: _Operand | None = None


class _Group(Reply):
    clauses: list[_Clause] | None = None


class _Filter(Reply):
    groups: list[_Group] | None = None


class _Parameter(Reply):
    value: _Source | None = None


class _Source(Reply):
    expression: str | None = None
    name: str | None = None
    type: str | None = None
    parameters: list[_Parameter] | None = None


class _Row(Reply):
    target_attribute_name: str | None = None
    source: _Source | None = None
    default_value: str | None = None
    matching_priority: int | None = None
    flow_type: str | None = None
    flow_behavior: str | None = None


class _ObjectMapping(Reply):
    source_object_name: str | None = None
    enabled: bool | None = None
    flow_types: str | None = None
    scope: _Filter | None = None
    attribute_mappings: list[_Row] | None = None


class _Rule(Reply):
    object_mappings: list[_ObjectMapping] | None = None


class _Schema(Reply):
    synchronization_rules: list[_Rule] | None = None


_Parameter.model_rebuild()


def check_shape(reply: Any, path: str) -> None:
    """Raises ReplyError, which names the first place that is not as documented."""
    try:
        _Schema.model_validate(reply, strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = place_of(first["loc"]) or "the whole"
        raise ReplyError(f"the schema at {path} is not as documented: {place}: {value_problem(first)}") from error
