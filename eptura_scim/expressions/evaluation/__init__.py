"""Evaluates mapping expressions without a tenant: `evaluate` for one object, `compile_expression` for many.

What Microsoft documents is followed, what it leaves open is a field of `semantics.Semantics`; docs/expressions.md.
"""

from eptura_scim.expressions.evaluation.builders import Attributes, EvaluationContext, EvaluationError
from eptura_scim.expressions.evaluation.compiler import CompiledExpression, compile_expression, evaluate
from eptura_scim.expressions.evaluation.values import IgnoreFlow, Value, result_texts

__all__ = [
    "Attributes",
    "CompiledExpression",
    "EvaluationContext",
    "EvaluationError",
    "IgnoreFlow",
    "Value",
    "compile_expression",
    "evaluate",
    "result_texts",
]
