"""parseExpression: an expression's tree, and what it gives for a test object.

Source: Microsoft Graph, synchronizationSchema: parseExpression; resource types parseExpressionResponse and
expressionInputObject. Parsing and evaluation can fail apart; the text of errors is undocumented.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eptura_scim.expressions.tree import source_tree
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.mapping import EvaluationContext, ExpressionError, compile_expression, result_texts
from eptura_scim.types import Json

__all__ = ["parse_expression"]


def parse_expression(body: Json, context: Callable[[], EvaluationContext]) -> Json:
    """The answer to a request. Raises ODataError for one without an expression, or with a malformed test object."""
    text = body.get("expression")
    if not isinstance(text, str):
        raise ODataError.bad_request("The parameter 'expression' is required.")
    attributes = _attributes(body.get("testInputObject"))
    answer: Json = {
        "error": None,
        "evaluationResult": [],
        "evaluationSucceeded": False,
        "parsedExpression": None,
        "parsingSucceeded": False,
    }
    try:
        answer["parsedExpression"] = source_tree(text)
        expression = compile_expression(text)
    except ExpressionError as error:
        answer["parsedExpression"] = None
        answer["error"] = _public_error("ExpressionParsingFailed", error.line)
        return answer
    answer["parsingSucceeded"] = True
    if attributes is not None:
        try:
            answer["evaluationResult"] = result_texts(expression(attributes, context()))
            answer["evaluationSucceeded"] = True
        except ExpressionError as error:
            answer["error"] = _public_error("ExpressionEvaluationFailed", error.line)
    return answer


def _attributes(test_object: Any) -> dict[str, Any] | None:
    if test_object is None:
        return None
    properties = test_object.get("properties") if isinstance(test_object, dict) else None
    if not isinstance(properties, list) or not all(isinstance(pair, dict) and "key" in pair for pair in properties):
        raise ODataError.bad_request("testInputObject has properties, each with a key and a value.")
    return {str(pair["key"]): pair.get("value") for pair in properties}


def _public_error(code: str, message: str) -> Json:
    return {"code": code, "message": message, "target": None, "details": [], "innerError": None}
