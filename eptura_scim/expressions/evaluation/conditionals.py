"""Functions that choose: only the branch that is taken is evaluated.

Source: Microsoft, "Reference for writing expressions" (IIF, Switch, Coalesce, IgnoreFlowIfNullOrEmpty, Is...).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from eptura_scim.expressions.evaluation.builders import Attributes, Builder, CompiledCall, EvaluationContext, Evaluator
from eptura_scim.expressions.evaluation.conditions import truth
from eptura_scim.expressions.evaluation.values import FlowIgnored, IgnoreFlow, Value, ValueProblem, as_text
from eptura_scim.expressions.nodes import Attribute, Comparison, Constant, Expression, FunctionCall

__all__ = ["CHOICE_FUNCTIONS"]

_PRESENCE = {"IsNull", "IsNullOrEmpty", "IsPresent", "IsString"}


def _iif(call: CompiledCall) -> Evaluator:
    holds = truth(call["condition"], call.site)
    yes, no = call["valueIfTrue"], call["valueIfFalse"]

    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        branch = yes if holds(attributes, context) else no
        result: Value = branch(attributes, context)
        return result

    if call.semantics.iif_empty == "works":
        return evaluate
    names = tuple(_attributes_of(call.nodes["condition"]))

    def checked(attributes: Attributes, context: EvaluationContext) -> Value:
        empty = next((name for name in names if attributes.get(name) in (None, "")), None)
        if empty is None:
            return evaluate(attributes, context)
        match call.semantics.iif_empty:
            case "false":
                result: Value = no(attributes, context)
                return result
            case "absent":
                return None
        raise call.site.error(f"the condition check fails, [{empty}] has no value")

    return checked


def _attributes_of(node: Expression) -> Iterator[str]:
    match node:
        case Attribute(name):
            yield name
        case Comparison(_, left, right):
            yield from _attributes_of(left)
            yield from _attributes_of(right)
        case FunctionCall(_, arguments):
            for argument in arguments:
                if argument is not None:
                    yield from _attributes_of(argument)


def _switch(call: CompiledCall) -> Evaluator:
    source = call["source"]
    default = call.arguments.get("defaultValue") or _no_match(call)
    node = call.nodes["source"]
    if call.semantics.switch_boolean == "never" and isinstance(node, FunctionCall) and node.name in _PRESENCE:
        return default
    keys, branches = call.repeated_nodes[::2], call.repeated[1::2]
    constants = [key.value for key in keys if isinstance(key, Constant)]
    if len(constants) < len(keys):
        return _compared(call, source, default)
    table: dict[str, Evaluator] = {}
    for key, branch in zip(constants, branches, strict=True):
        table.setdefault(key, branch)
    site = call.site

    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        value = source(attributes, context)
        if value.__class__ is not str:
            try:
                value = as_text(value)
            except ValueProblem as problem:
                raise site.error(problem) from None
        result: Value = table.get(value, default)(attributes, context)
        return result

    return evaluate


def _compared(call: CompiledCall, source: Evaluator, default: Evaluator) -> Evaluator:
    """A Switch whose keys depend on the object."""
    cases = list(zip(call.repeated[::2], call.repeated[1::2], strict=True))

    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        try:
            value = as_text(source(attributes, context))
            chosen = next((branch for key, branch in cases if as_text(key(attributes, context)) == value), default)
        except ValueProblem as problem:
            raise call.site.error(problem) from None
        result: Value = chosen(attributes, context)
        return result

    return evaluate


def _no_match(call: CompiledCall) -> Evaluator:
    match call.semantics.switch_no_match:
        case "absent":
            return lambda _attributes, _context: None
        case "empty":
            return lambda _attributes, _context: ""

    def fails(_attributes: Attributes, _context: EvaluationContext) -> Value:
        raise call.site.error("no key matches, and a default is missing")

    return fails


def _coalesce(call: CompiledCall) -> Evaluator:
    sources = call.repeated
    skips_empty = call.semantics.coalesce_empty == "absent"

    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        value: Value = None
        for source in sources:
            value = source(attributes, context)
            if value is not None and not (skips_empty and value == ""):
                return value
        return value

    return evaluate


def _ignore_flow(call: CompiledCall) -> Evaluator:
    source = call["expression"]

    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        value: Value = source(attributes, context)
        if value is None or value in ("", []):
            raise FlowIgnored(IgnoreFlow.ATTRIBUTE)
        return value

    return evaluate


def _test(key: str, holds: Callable[[Value], bool]) -> Builder:
    def build(call: CompiledCall) -> Evaluator:
        source = call[key]
        return lambda attributes, context: holds(source(attributes, context))

    return build


def _is_null(value: Value) -> bool:
    return value is None


def _is_empty(value: Value) -> bool:
    return value is None or value in ("", [])


def _is_nothing(call: CompiledCall) -> Evaluator:
    return _test("source", _is_empty if call.semantics.is_nothing == "null or empty" else _is_null)(call)


def _is_string(value: Value) -> bool:
    return isinstance(value, str | int | float)


def _c_bool(call: CompiledCall) -> Evaluator:
    return truth(call["Expression"], call.site)


def _fail(call: CompiledCall) -> Evaluator:
    message = call["ErrorMessage"]

    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        raise call.site.error(str(message(attributes, context)))

    return evaluate


CHOICE_FUNCTIONS: dict[str, Builder] = {
    "CBool": _c_bool,
    "Coalesce": _coalesce,
    "Error": _fail,
    "IgnoreFlowIfNullOrEmpty": _ignore_flow,
    "IIF": _iif,
    "IsNothing": _is_nothing,
    "IsNull": _test("Expression", _is_null),
    "IsNullOrEmpty": _test("Expression", _is_empty),
    "IsPresent": _test("Expression", lambda value: not _is_empty(value)),
    "IsString": _test("Expression", _is_string),
    "Not": _test("source", lambda value: value is not True and value != "True"),
    "Switch": _switch,
}
"""Functions that choose, or say what a choice depends on."""
