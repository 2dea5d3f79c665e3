"""Whether an object is in the scope of a filter.

Source: Microsoft, "Scoping users or groups to be provisioned with scoping filters": AND joins the clauses of a group,
OR joins groups, and a value that is missing or empty makes a clause false. IS NULL could never hold by that, and is
the exception.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eptura_scim.expressions.evaluation.builders import Attributes, EvaluationError
from eptura_scim.expressions.evaluation.letter_case import lower
from eptura_scim.expressions.evaluation.regular_expressions import Pattern, compile_pattern
from eptura_scim.expressions.evaluation.values import (
    UnknownHereProblem,
    Value,
    ValueProblem,
    as_boolean,
    as_integer,
    as_text,
)
from eptura_scim.expressions.semantics import DOCUMENTED, Semantics
from eptura_scim.mapping.errors import FilterError, UnknownFilterError
from eptura_scim.mapping.scoping import Clause, ScopingFilter, parse_filter

__all__ = ["ScopeTest", "compile_filter", "in_scope", "unanchored_clauses"]

ScopeTest = Callable[[Attributes], bool]
"""Whether an object with these attributes is in scope."""

_Test = Callable[[str], bool]
_PATTERNS = ("REGEX MATCH", "NOT REGEX MATCH")


def in_scope(scoping_filter: ScopingFilter | str, attributes: Attributes, semantics: Semantics | None = None) -> bool:
    """Whether one object is in scope. Raises FilterError for a filter that cannot be read, EvaluationError."""
    return compile_filter(scoping_filter, semantics)(attributes)


def compile_filter(scoping_filter: ScopingFilter | str, semantics: Semantics | None = None) -> ScopeTest:
    """Prepare a filter for many objects. With a filter without groups, all objects are in scope.

    Raises FilterError for one that cannot be read and for a pattern that cannot be used, UnknownFilterError for an
    operator that is not documented; the ScopeTest raises EvaluationError where a pattern takes too long.
    """
    found = parse_filter(scoping_filter) if isinstance(scoping_filter, str) else scoping_filter
    text, semantics = str(found), semantics or DOCUMENTED
    groups = [[_clause(clause, text, semantics) for clause in clauses] for clauses in found.groups]
    if not groups:
        return lambda _attributes: True
    if len(groups) == 1 and len(groups[0]) == 1:
        return groups[0][0]
    return lambda attributes: any(all(holds(attributes) for holds in clauses) for clauses in groups)


def unanchored_clauses(scoping_filter: ScopingFilter) -> list[Clause]:
    """Clauses whose pattern is not held by `^` and `$`: whether it has to match the whole value is undocumented."""
    return [
        clause
        for clauses in scoping_filter.groups
        for clause in clauses
        if clause.operator in _PATTERNS
        and any(not value.startswith("^") or not value.endswith("$") for value in clause.values)
    ]


def _clause(clause: Clause, text: str, semantics: Semantics) -> ScopeTest:
    name = clause.attribute
    match clause.operator:
        case "IS NULL":
            return lambda attributes: _is_empty(attributes.get(name))
        case "IS NOT NULL":
            return lambda attributes: not _is_empty(attributes.get(name))
        case "IS TRUE":
            return lambda attributes: _boolean(attributes.get(name)) is True
        case "IS FALSE":
            return lambda attributes: _boolean(attributes.get(name)) is False
    try:
        tests = [_test(clause, value, semantics) for value in clause.values]
    except ValueProblem as problem:
        kind = UnknownFilterError if isinstance(problem, UnknownHereProblem) else FilterError
        raise kind(f"{clause.operator}: {problem}", text, max(0, text.find(str(clause)))) from None
    return _valued(clause, tests, semantics)


def _is_empty(value: Value) -> bool:
    return value is None or value in ("", [])


def _boolean(value: Value) -> bool | None:
    try:
        return None if _is_empty(value) else as_boolean(value)
    except ValueProblem:
        return None


def _valued(clause: Clause, tests: Sequence[_Test], semantics: Semantics) -> ScopeTest:
    """An operator with values; all of a multi-valued attribute have to fulfil it (Graph: comparison type All)."""
    name, combine = clause.attribute, any if semantics.filter_values == "any" else all
    negated = clause.operator.startswith(("NOT ", "!"))
    test = tests[0] if len(tests) == 1 else lambda text: combine(one(text) for one in tests)

    def holds(attributes: Attributes) -> bool:
        value = attributes.get(name)
        try:
            if value.__class__ is str:
                return value != "" and test(value) is not negated
            if _is_empty(value):
                return False
            items = value if isinstance(value, list) else [value]
            return all(test(as_text(item)) is not negated for item in items)
        except ValueProblem as problem:
            raise EvaluationError(clause.operator, str(problem), str(clause), 0) from None

    return holds


def _test(clause: Clause, value: str, semantics: Semantics) -> _Test:  # noqa: PLR0911 one an operator
    """Whether an attribute's text fulfils the operator without its negation. Raises ValueProblem."""
    match clause.operator:
        case "EQUALS" | "NOT EQUALS":
            return lambda text: text == value
        case "REGEX MATCH" | "NOT REGEX MATCH":
            return _matcher(compile_pattern(value, semantics.regex_seconds), semantics)
        case "Includes":
            return lambda text: value in text
        case "ENDS_WITH" if semantics.filter_ends_with == "any case":
            return lambda text: lower(text).endswith(lower(value))
        case "ENDS_WITH":
            return lambda text: text.endswith(value)
        case "Greater_Than":
            return _greater(as_integer(value), or_equal=False)
        case "Greater_Than_OR_EQUALS":
            return _greater(as_integer(value), or_equal=True)
        case "&" | "!&" if semantics.filter_ampersand == "bits":
            return _bits(as_integer(value))
        case "&" | "!&":
            return lambda text: text in value
    raise UnknownHereProblem("undocumented operator")


def _matcher(pattern: Pattern, semantics: Semantics) -> _Test:
    return pattern.matches_whole if semantics.filter_regex == "whole" else pattern.matches


def _integer(text: str) -> Any:
    try:
        return as_integer(text)
    except ValueProblem:
        return None


def _greater(bound: int, *, or_equal: bool) -> _Test:
    """Whole numbers are compared; anything else is not greater."""
    lowest = bound if or_equal else bound + 1

    def test(text: str) -> bool:
        number = _integer(text)
        return number is not None and bool(number >= lowest)

    return test


def _bits(mask: int) -> _Test:
    def test(text: str) -> bool:
        number = _integer(text)
        return number is not None and bool(number & mask)

    return test
