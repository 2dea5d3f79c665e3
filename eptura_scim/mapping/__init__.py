"""Attribute mappings: model, Graph's JSON both ways, scope and flow; with the expression language. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eptura_scim.expressions.parser import ExpressionError, canonical, parse
from eptura_scim.expressions.semantics import Semantics
from eptura_scim.expressions.tree import expression_of, source_tree
from eptura_scim.mapping.errors import FilterError, SchemaError
from eptura_scim.mapping.external_id import external_id_problem
from eptura_scim.mapping.model import AttributeMapping, FilterText, Mappings, ObjectActions
from eptura_scim.mapping.rules import further_mappings
from eptura_scim.mapping.schema import (
    apply,
    disable_further_mappings,
    expressions_to_parse,
    mappings_of,
    needs_template,
    same_source,
    undefined_attributes,
    unknown_filter_attributes,
)
from eptura_scim.mapping.scoping import parse_filter, same_filter

if TYPE_CHECKING:
    from eptura_scim.expressions.evaluation import (
        Attributes,
        CompiledExpression,
        EvaluationContext,
        EvaluationError,
        IgnoreFlow,
        Value,
        compile_expression,
        evaluate,
        result_texts,
    )
    from eptura_scim.mapping.scope import ScopeTest, compile_filter, in_scope, unanchored_clauses

__all__ = [
    "AttributeMapping",
    "Attributes",
    "CompiledExpression",
    "EvaluationContext",
    "EvaluationError",
    "ExpressionError",
    "FilterError",
    "FilterText",
    "IgnoreFlow",
    "Mappings",
    "ObjectActions",
    "SchemaError",
    "ScopeTest",
    "Semantics",
    "Value",
    "apply",
    "canonical",
    "compile_expression",
    "compile_filter",
    "disable_further_mappings",
    "evaluate",
    "expression_of",
    "expressions_to_parse",
    "external_id_problem",
    "further_mappings",
    "in_scope",
    "mappings_of",
    "needs_template",
    "parse",
    "parse_filter",
    "result_texts",
    "same_filter",
    "same_source",
    "source_tree",
    "unanchored_clauses",
    "undefined_attributes",
    "unknown_filter_attributes",
]


def __getattr__(name: str) -> Any:
    # The plugin starts without the evaluator, which it does not need.
    if name not in __all__:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    from eptura_scim.expressions import evaluation
    from eptura_scim.mapping import scope

    return getattr(scope if name in scope.__all__ else evaluation, name)
