"""Evaluates mapping expressions without a tenant: `evaluate` for one object, `compile_expression` for many.

What Microsoft documents is followed, what it leaves open is a field of `semantics.Semantics`; docs/expressions.md.
"""

from eptura_scim.mapping.evaluation.calls import Attributes, EvaluationError, Surroundings
from eptura_scim.mapping.evaluation.compiler import CompiledExpression, compile_expression, evaluate
from eptura_scim.mapping.evaluation.filters import Scope, compile_filter, in_scope, unanchored_clauses
from eptura_scim.mapping.evaluation.values import Dropped, Value, result_texts

__all__ = [
    "Attributes",
    "CompiledExpression",
    "Dropped",
    "EvaluationError",
    "Scope",
    "Surroundings",
    "Value",
    "compile_expression",
    "compile_filter",
    "evaluate",
    "in_scope",
    "result_texts",
    "unanchored_clauses",
]
