"""Evaluates mapping expressions without a tenant: `evaluate` for one object, `compile_expression` for many.

What Microsoft documents is followed, what it leaves open is a field of `semantics.Semantics`; docs/expressions.md.
"""

from eptura_scim.expressions.evaluation.builders import Attributes, EvaluationError, Surroundings
from eptura_scim.expressions.evaluation.compiler import CompiledExpression, compile_expression, evaluate
from eptura_scim.expressions.evaluation.values import Dropped, Value, result_texts
from eptura_scim.mapping.scope import Scope, compile_filter, in_scope, unanchored_clauses

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
