"""The source side of a cycle: compiled expressions and scoping filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.provisioning.compiled_rules import Evaluated, Skipped
from eptura_scim.local_entra.provisioning.target import TargetError
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.mapping import (
    Dropped,
    EvaluationError,
    ExpressionError,
    FilterError,
    Surroundings,
    compile_expression,
    compile_filter,
)
from eptura_scim.mapping.scoping import observe_filter
from eptura_scim.types import Json

__all__ = ["compiled", "filter_of"]


def compiled(tree: Json, clock: Clock, tenant: Tenant) -> Evaluated:
    """A source tree as a function over an object's attributes.

    What it raises is of provisioning: TargetError where there is no value, Skipped where the object is left out. A tree
    that cannot be read fails each object, as it does in the service.
    """
    try:
        expression = compile_expression(tree)
    except ExpressionError as error:
        problem = error.line

        def fail(_attributes: Mapping[str, Any]) -> Any:
            raise TargetError("InvalidExpression", problem)

        return fail

    def value(attributes: Mapping[str, Any]) -> Any:
        try:
            result = expression(attributes, Surroundings(now=clock(), default_domain=tenant.domain))
        except EvaluationError as error:
            raise TargetError("InvalidExpression", str(error)) from None
        if result is Dropped.OBJECT:
            raise Skipped
        return None if result is Dropped.ATTRIBUTE else result

    return value


def filter_of(scope: Json | None) -> Callable[[Mapping[str, Any]], bool]:
    """An object mapping's scoping filter as a function over an object's attributes.

    Raises TargetError for a filter that cannot be used; the function does where a value cannot be judged.
    """
    text = observe_filter(scope)
    if text is None:
        return lambda _attributes: True
    try:
        in_scope = compile_filter(text)
    except FilterError as error:
        raise TargetError("SchemaInvalid", f"The scoping filter cannot be used: {error.line}.") from None

    def passes(attributes: Mapping[str, Any]) -> bool:
        try:
            return in_scope(attributes)
        except EvaluationError as error:
            raise TargetError("InvalidExpression", str(error)) from None

    return passes
