"""From an expression to a function over an object's attributes."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any

from eptura_scim.expressions.evaluation.builders import (
    Attributes,
    Builder,
    CompiledCall,
    EvaluationContext,
    EvaluationError,
    Evaluator,
    Site,
)
from eptura_scim.expressions.evaluation.conditionals import CHOICE_FUNCTIONS
from eptura_scim.expressions.evaluation.conditions import comparison
from eptura_scim.expressions.evaluation.date_functions import moment
from eptura_scim.expressions.evaluation.date_values import MOMENT_FUNCTIONS
from eptura_scim.expressions.evaluation.generation import GENERATION_FUNCTIONS
from eptura_scim.expressions.evaluation.lists import LIST_FUNCTIONS
from eptura_scim.expressions.evaluation.replace_function import REPLACE_FUNCTIONS
from eptura_scim.expressions.evaluation.texts import TEXT_FUNCTIONS
from eptura_scim.expressions.evaluation.values import FlowIgnored, IgnoreFlow, Value, ValueProblem
from eptura_scim.expressions.functions import signature
from eptura_scim.expressions.nodes import Attribute, Comparison, Constant, Expression, FunctionCall, Word
from eptura_scim.expressions.parser import ExpressionError, UnknownConstructError, parse
from eptura_scim.expressions.semantics import DOCUMENTED, Semantics
from eptura_scim.expressions.tree import expression_of

__all__ = ["CompiledExpression", "compile_expression", "evaluate"]

_BUILDERS: dict[str, Builder] = (
    CHOICE_FUNCTIONS | GENERATION_FUNCTIONS | LIST_FUNCTIONS | MOMENT_FUNCTIONS | REPLACE_FUNCTIONS | TEXT_FUNCTIONS
)
_OPTIONS = {"vbBinaryCompare", "vbTextCompare", "Unicode", "ASCII", "UTF8"}
_EMPTY_CONTEXT = EvaluationContext()


class CompiledExpression:
    """An expression that is ready to be evaluated for many objects: call it with an object's attributes."""

    __slots__ = ("_evaluate", "attributes", "expression")

    def __init__(self, text: str, expression: Expression, semantics: Semantics) -> None:
        self.expression = expression
        compiler = _Compiler(text, semantics)
        self._evaluate = compiler.compiled(expression)
        self.attributes = frozenset(compiler.attributes)
        """Names of the attributes that it may look at."""

    def __call__(self, attributes: Attributes, context: EvaluationContext = _EMPTY_CONTEXT) -> Value | IgnoreFlow:
        """The result for one object; IgnoreFlow where the attribute, or the object, leaves the flow.

        Raises EvaluationError.
        """
        try:
            result: Value = self._evaluate(attributes, context)
        except FlowIgnored as left:
            return left.dropped
        return result


class _Compiler:
    def __init__(self, text: str, semantics: Semantics) -> None:
        self.text = text
        self.semantics = semantics
        self.attributes: set[str] = set()

    def compiled(self, node: Expression, *, outermost: bool = True) -> Evaluator:
        match node:
            case Attribute(name):
                self.attributes.add(name)
                return lambda attributes, _context: attributes.get(name)
            case Constant(value):
                return lambda _attributes, _context: value
            case Word(name):
                return self.word(name, node.position)
            case Comparison(sign, left, right):
                site = Site("the comparison", self.text, node.position)
                operands = self.compiled(left, outermost=False), self.compiled(right, outermost=False)
                return comparison(sign, *operands, site, self.semantics)
            case FunctionCall():
                return self.call(node, outermost=outermost)

    def call(self, node: FunctionCall, *, outermost: bool) -> Evaluator:
        if node.name == "SelectUniqueValue" and not outermost:
            raise ExpressionError("SelectUniqueValue cannot be inside another function", self.text, node.position)
        function = signature(node.name, len(node.arguments), self.semantics)
        bound = list(function.bind(node.arguments))
        nodes = {key: argument for key, argument in bound if key != function.repeated}
        repeated = tuple(argument for key, argument in bound if key == function.repeated)
        call = CompiledCall(
            site=Site(node.name, self.text, node.position),
            semantics=self.semantics,
            arguments={key: self.compiled(argument, outermost=False) for key, argument in nodes.items()},
            nodes=nodes,
            repeated=tuple(self.compiled(argument, outermost=False) for argument in repeated),
            repeated_nodes=repeated,
        )
        return _BUILDERS[node.name](call)

    def word(self, name: str, position: int) -> Evaluator:
        if name in {dropped.value for dropped in IgnoreFlow}:
            dropped = IgnoreFlow(name)

            def leave(_attributes: Attributes, _context: EvaluationContext) -> Value:
                raise FlowIgnored(dropped)

            return leave
        if name.startswith("&H"):
            number = int(name[2:], 16)
            return lambda _attributes, _context: number
        if name in _OPTIONS:
            return lambda _attributes, _context: name
        raise UnknownConstructError(
            f"{name} is neither a function nor an option: a text stands in quotes", self.text, position
        )


def compile_expression(
    source: str | Expression | Mapping[str, Any], semantics: Semantics | None = None
) -> CompiledExpression:
    """Prepare an expression, given as its text, as Expression or as Graph's source tree.

    Raises ExpressionError for one that cannot be read.
    """
    semantics = semantics or DOCUMENTED
    if isinstance(source, Mapping):
        source = expression_of(source, semantics)
    # Printed and read again, so that positions are those of the text that errors show.
    text = source if isinstance(source, str) else str(source)
    return CompiledExpression(text, parse(text, semantics), semantics)


def evaluate(
    source: str | Expression | Mapping[str, Any],
    attributes: Attributes,
    *,
    now: datetime | str | None = None,
    taken: Container[str] | None = None,
    tenant: Mapping[str, Any] | None = None,
    guid: str | None = None,
    semantics: Semantics | None = None,
) -> Value | IgnoreFlow:
    """The result of an expression for one object.

    `source`: its text, an Expression, or Graph's source tree; `attributes`: by their names in the synchronization
    schema. `now`: what Now() gives (a datetime or an ISO 8601 text); `taken`: values that the target has already, for
    SelectUniqueValue; `tenant`: with `defaultDomain`; `guid`: what Guid() gives; `semantics`: what is undocumented.
    Raises ExpressionError, and EvaluationError where the expression has no result.
    """
    context = EvaluationContext(
        now=_moment(now),
        taken=frozenset() if taken is None else taken,
        default_domain=(tenant or {}).get("defaultDomain"),
        guid=guid,
    )
    return compile_expression(source, semantics)(attributes, context)


def _moment(now: datetime | str | None) -> datetime | None:
    if now is None:
        return None
    try:
        return moment(now)
    except ValueProblem as problem:
        raise EvaluationError("Now", f"`now`: {problem}", str(now), 0) from None
