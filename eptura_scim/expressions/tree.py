"""Graph's tree of an expression, attributeMappingSource: `expression`, `name`, `type`, `parameters`; both ways.

Source: Microsoft Graph, resource types attributeMappingSource and stringKeyAttributeMappingSourceValuePair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eptura_scim.expressions.functions import SignatureError, signature
from eptura_scim.expressions.nodes import OPERATORS, Attribute, Call, Comparison, Constant, Expression, Word
from eptura_scim.expressions.parser import MAX_DEPTH, ExpressionError, parse
from eptura_scim.expressions.semantics import DOCUMENTED, Semantics

__all__ = ["TreeError", "expression_of", "source_tree"]

_LEFT, _RIGHT = "left", "right"


class TreeError(ExpressionError):
    """A source tree is not one of an expression."""

    def __init__(self, problem: str, node: object) -> None:
        super().__init__(problem, str(node), 0)


def source_tree(expression: str | Expression, semantics: Semantics = DOCUMENTED) -> dict[str, Any]:
    """Graph's attributeMappingSource of an expression.

    Arguments that are left out are left out; a bare number is a constant. Raises ExpressionError for a text that
    cannot be read, an unknown function, and a wrong number of arguments.
    """
    found = parse(expression, semantics) if isinstance(expression, str) else expression
    match found:
        case Attribute(name):
            return _node(found, name, "Attribute")
        case Constant(value):
            return _node(found, value, "Constant")
        case Word(name):
            # A bare word (vbTextCompare) is an option's value; its shape in the tree is undocumented.
            return _node(found, name, "Constant")
        case Comparison(operator, left, right):
            # IIF's condition; its shape in the tree is undocumented.
            return _node(found, operator, "Function", [(_LEFT, left), (_RIGHT, right)], semantics)
        case Call(name, arguments):
            try:
                bound = list(signature(name, len(arguments), semantics).bind(arguments))
            except SignatureError as error:
                raise ExpressionError(str(error), str(found), 0) from error
            return _node(found, name, "Function", bound, semantics)


def _node(
    expression: Expression,
    name: str,
    kind: str,
    parameters: list[tuple[str, Expression]] | None = None,
    semantics: Semantics = DOCUMENTED,
) -> dict[str, Any]:
    return {
        "expression": str(expression),
        "name": name,
        "type": kind,
        "parameters": [{"key": key, "value": source_tree(value, semantics)} for key, value in parameters or []],
    }


def expression_of(tree: Mapping[str, Any], semantics: Semantics = DOCUMENTED) -> Expression:
    """The expression that a source tree holds.

    What the tree says counts; its `expression` texts only tell spellings apart that the tree does not (a bare word
    from a constant, which arguments were left out at the end). Raises TreeError.
    """
    return _expression(tree, semantics, 0)


def _expression(tree: Mapping[str, Any], semantics: Semantics, depth: int) -> Expression:
    if depth > MAX_DEPTH:
        raise TreeError(f"nested deeper than {MAX_DEPTH}", "…")
    written = _written(tree, semantics)
    if written is not None and source_tree(written, semantics) == tree:
        return written
    name = tree.get("name")
    if not isinstance(name, str):
        raise TreeError("a source has a name", tree)
    match tree.get("type"):
        case "Attribute":
            return Attribute(name)
        case "Constant":
            return written if isinstance(written, Word) and written.name == name else Constant(name)
        case "Function":
            return _function(name, list(_parameters(tree, semantics, depth)), semantics)
        case other:
            raise TreeError(f"the type of a source is Attribute, Constant or Function, not {other!r}", tree)


def _written(tree: Mapping[str, Any], semantics: Semantics) -> Expression | None:
    text = tree.get("expression")
    try:
        return parse(text, semantics) if isinstance(text, str) else None
    except ExpressionError:
        return None


def _parameters(tree: Mapping[str, Any], semantics: Semantics, depth: int) -> Iterator[tuple[str, Expression]]:
    for pair in tree.get("parameters") or []:
        key, value = (pair.get("key"), pair.get("value")) if isinstance(pair, Mapping) else (None, None)
        if not isinstance(key, str) or not isinstance(value, Mapping):
            raise TreeError("a parameter of a source has a key and a value", tree)
        yield key, _expression(value, semantics, depth + 1)


def _function(name: str, parameters: list[tuple[str, Expression]], semantics: Semantics) -> Expression:
    if name in OPERATORS and [key for key, _ in parameters] == [_LEFT, _RIGHT]:
        return Comparison(name, parameters[0][1], parameters[1][1])
    try:
        # As many keys as parameters that all repeat would need.
        known = [key for key, _ in signature(name, 0, semantics).keys(2 * len(parameters) + 2)]
        given = dict(parameters)
        arguments: tuple[Expression | None, ...]
        if given.keys() <= set(known) and len(given) == len(parameters):
            arguments = tuple(given.get(key) for key in known[: 1 + max(map(known.index, given), default=-1)])
        else:
            arguments = tuple(value for _, value in parameters)  # keys that we do not know: as they come
        function = signature(name, len(arguments), semantics)
        list(function.bind(arguments))
    except SignatureError as error:
        raise TreeError(str(error), name) from error
    return Call(function.name, arguments)
