"""Replace: what it does depends on which of its parameters are given.

Source: Microsoft, "Reference for writing expressions" (Replace). An empty text counts as given.
"""

from __future__ import annotations

from collections.abc import Callable

from eptura_scim.expressions.evaluation.builders import (
    Attributes,
    Builder,
    CompiledCall,
    EvaluationContext,
    Evaluator,
    plain,
    text,
)
from eptura_scim.expressions.evaluation.regular_expressions import Pattern, compile_pattern
from eptura_scim.expressions.evaluation.values import MAX_TEXT, Value, ValueProblem, as_text, bounded

__all__ = ["REPLACE_FUNCTIONS"]

_SOURCE, _OLD, _PATTERN, _GROUP = "source", "Find", "RegularExpression", "RegularExpressionGroupName"
_NEW, _OTHER, _TEMPLATE = "Replacement", "ReplacementPropertyName", "Template"


def _replace(call: CompiledCall) -> Evaluator:
    match frozenset(call.arguments) - {_SOURCE}:
        case given if given == {_OLD, _NEW}:
            return plain(_all, text(_SOURCE), text(_OLD), text(_NEW))(call)
        case given if given == {_OLD, _TEMPLATE}:
            return plain(_into_template, text(_SOURCE), text(_OLD), text(_TEMPLATE))(call)
        case given if given == {_PATTERN, _NEW}:
            return _by_pattern(call)
        case given if given == {_PATTERN, _GROUP, _NEW}:
            return _in_group(call)
        case given if given == {_PATTERN, _GROUP, _OTHER}:
            return _from_attribute(call)
    return _fails(
        call,
        "give oldValue with replacementValue or template, or regexPattern with replacementValue, with regexGroupName "
        "and replacementValue, or with regexGroupName and replacementAttributeName",
    )


def _fails(call: CompiledCall, problem: ValueProblem | str) -> Evaluator:
    def evaluate(_attributes: Attributes, _context: EvaluationContext) -> Value:
        raise call.site.error(problem)

    return evaluate


def _all(source: str, old: str, new: str) -> str:
    if not old:
        raise ValueProblem("oldValue is empty")
    if len(new) * (len(source) // len(old)) > MAX_TEXT:
        bounded(source)
        if len(new) * source.count(old) > MAX_TEXT:
            raise ValueProblem(f"the result is longer than {MAX_TEXT} characters")
    return bounded(source.replace(old, new))


def _into_template(source: str, old: str, template: str) -> str:
    return _all(template, old, source)


def _by_pattern(call: CompiledCall) -> Evaluator:
    pattern, replacement = call.constant(_PATTERN), call.constant(_NEW)
    if pattern is None or replacement is None:

        def replaced(source: str, pattern: str, new: str) -> str:
            return _compiled(call, pattern).replacer(new)(source)

        return plain(replaced, text(_SOURCE), text(_PATTERN), text(_NEW))(call)
    try:
        replace = _compiled(call, pattern).replacer(replacement)
    except ValueProblem as problem:
        return _fails(call, problem)
    return plain(replace, text(_SOURCE))(call)


def _in_group(call: CompiledCall) -> Evaluator:
    pattern, group, new = call.constant(_PATTERN), call.constant(_GROUP), call.constant(_NEW)
    if pattern is None or group is None or new is None:

        def replaced(source: str, pattern: str, group: str, new: str) -> str:
            return _group_replacer(call, pattern, group, new)(source)

        return plain(replaced, text(_SOURCE), text(_PATTERN), text(_GROUP), text(_NEW))(call)
    try:
        replace = _group_replacer(call, pattern, group, new)
    except ValueProblem as problem:
        return _fails(call, problem)
    return plain(replace, text(_SOURCE))(call)


def _group_replacer(call: CompiledCall, pattern: str, group: str, new: str) -> Callable[[str], str]:
    compiled = _compiled(call, pattern)
    if call.semantics.group_replacement == "template":
        return compiled.group_replacer(group, compiled.expansion(new))
    return compiled.group_replacer(group, lambda _match: new)


def _from_attribute(call: CompiledCall) -> Evaluator:
    """The source if it has a value; else the group in the other attribute."""
    source, other = call[_SOURCE], call[_OTHER]
    pattern, group = text(_PATTERN)(call), text(_GROUP)(call)
    keeps = call.semantics.group_absent == "attribute"

    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        value: Value = source(attributes, context)
        if value is not None and value != "":
            return value
        replacement = other(attributes, context)
        try:
            if replacement is None:
                return None
            compiled = _compiled(call, pattern(attributes, context) or "")
            found = compiled.group_in(as_text(replacement), group(attributes, context) or "")
            return as_text(replacement) if found is None and keeps else found
        except ValueProblem as problem:
            raise call.site.error(problem) from None

    return evaluate


def _compiled(call: CompiledCall, pattern: str) -> Pattern:
    return compile_pattern(pattern, call.semantics.regex_seconds)


REPLACE_FUNCTIONS: dict[str, Builder] = {"Replace": _replace}
"""Replace alone."""
