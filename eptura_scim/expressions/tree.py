"""Graph's tree of an expression, attributeMappingSource: `expression`, `name`, `type`, `parameters`; both ways.

Source: Microsoft Graph, resource types attributeMappingSource and stringKeyAttributeMappingSourceValuePair.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from eptura_scim.errors import shown
from eptura_scim.expressions.functions import FUNCTIONS, Function, SignatureError, UnknownFunctionError, signature
from eptura_scim.expressions.nodes import OPERATORS, Attribute, Comparison, Constant, Expression, FunctionCall, Word
from eptura_scim.expressions.parser import MAX_DEPTH, MAX_LENGTH, ExpressionError, UnknownConstructError, parse
from eptura_scim.expressions.semantics import DOCUMENTED, Semantics

__all__ = ["TreeError", "UnknownNodeError", "expression_of", "source_tree"]

_LEFT, _RIGHT = "left", "right"
_WORD = re.compile(r"[A-Za-z_]\w*|&H[0-9A-Fa-f]+")


class TreeError(ExpressionError):
    """A source tree is not one of an expression."""

    def __init__(self, problem: str, node: object) -> None:
        super().__init__(problem, shown(node, 200), 0)

    def __str__(self) -> str:
        return self.line

    @property
    def line(self) -> str:
        """What is wrong, and the node where."""
        return f"{self.problem}: {self.text}"


class UnknownNodeError(TreeError, UnknownConstructError):
    """A source tree has a function or a parameter that is not known here; Entra may know it."""


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
        case FunctionCall(name, arguments):
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
    from a constant, which arguments were left out at the end). Where the tree has functions or parameters that are not
    known, the text counts if it says the same: the same functions over the same attributes and constants. Raises
    TreeError for what is not a source tree, UnknownNodeError for what is not known.
    """
    written = _written(tree, semantics)
    if written is not None and source_tree(written, semantics) == tree:
        return written
    try:
        return _Reader(semantics).expression(tree, 0)
    except UnknownNodeError:
        if written is not None and _parts(source_tree(written, semantics)) == _parts(tree):
            return written
        raise


def _written(tree: object, semantics: Semantics) -> Expression | None:
    text = tree.get("expression") if isinstance(tree, Mapping) else None
    try:
        return parse(text, semantics) if isinstance(text, str) else None
    except ExpressionError:
        return None


class _Reader:
    """Reads a tree from its nodes, each of them once."""

    def __init__(self, semantics: Semantics) -> None:
        self.semantics = semantics
        self.nodes = 0

    def expression(self, node: object, depth: int) -> Expression:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_LENGTH:
            raise TreeError(f"the source is nested deeper than {MAX_DEPTH}, or has more than {MAX_LENGTH} parts", node)
        name = node.get("name") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or not isinstance(name, str):
            raise TreeError("a source has a name", node)
        match node.get("type"):
            case "Attribute":
                return Attribute(name)
            case "Constant":
                return Word(name) if node.get("expression") == name and _WORD.fullmatch(name) else Constant(name)
            case "Function":
                pairs = [(key, self.expression(value, depth + 1)) for key, value in _parameters(node)]
                return self.function(name, pairs)
            case other:
                raise TreeError(f"the type of a source is Attribute, Constant or Function, not {shown(other)}", node)

    def function(self, name: str, parameters: list[tuple[str, Expression]]) -> Expression:
        if name in OPERATORS and [key for key, _ in parameters] == [_LEFT, _RIGHT]:
            return Comparison(name, parameters[0][1], parameters[1][1])
        try:
            function = signature(name, 0, self.semantics)
            arguments = _arguments(function, parameters)
            list(function.bind(arguments))
        except UnknownFunctionError as error:
            raise UnknownNodeError(str(error), name) from error
        except SignatureError as error:
            raise TreeError(str(error), name) from error
        return FunctionCall(function.name, arguments)


def _parameters(node: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    parameters = node.get("parameters") or []
    if not isinstance(parameters, list):
        raise TreeError("the parameters of a source are a list", node)
    for pair in parameters:
        key, value = (pair.get("key"), pair.get("value")) if isinstance(pair, Mapping) else (None, None)
        if not isinstance(key, str) or not isinstance(value, Mapping):
            raise TreeError("a parameter of a source has a key and a value", node)
        yield key, value


def _arguments(function: Function, parameters: list[tuple[str, Expression]]) -> tuple[Expression | None, ...]:
    """Arguments in the order of the function's parameters. Raises UnknownNodeError for keys that it lacks."""
    given: dict[str, list[Expression]] = {}
    for key, value in parameters:
        given.setdefault(key, []).append(value)
    known = [parameter.name for parameter in function.parameters]
    unknown = [
        key for key, values in given.items() if key not in known or (len(values) > 1 and key != function.repeated)
    ]
    if unknown:
        raise UnknownNodeError(f"{function.name} has no parameter {', '.join(unknown)}", function.name)
    fixed = [given.get(name, [None])[0] for name in known if name != function.repeated]
    repeated = given.get(function.repeated or "", [])
    while fixed and fixed[-1] is None and not repeated:
        fixed.pop()
    return (*fixed, *repeated)


def _parts(tree: object) -> Counter[tuple[object, object]]:
    """How often a tree has each attribute, each constant and each function that is known."""
    found: Counter[tuple[object, object]] = Counter()
    waiting, seen = [tree], 0
    while waiting and seen <= MAX_LENGTH:
        node, seen = waiting.pop(), seen + 1
        if not isinstance(node, Mapping):
            continue
        kind, name = str(node.get("type")), str(node.get("name"))
        if kind != "Function" or name in FUNCTIONS:
            found[kind, name] += 1
        parameters = node.get("parameters")
        if isinstance(parameters, list):
            waiting += [pair.get("value") for pair in parameters if isinstance(pair, Mapping)]
    return found
