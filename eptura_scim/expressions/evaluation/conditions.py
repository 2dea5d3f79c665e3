"""Comparisons, and what counts as true.

Source: Microsoft, "Reference for writing expressions" (IIF: operators). A number that a function returned makes the
comparison one of numbers; a missing value compares as an empty text.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

from eptura_scim.expressions.evaluation.builders import Attributes, EvaluationContext, Evaluator, Site
from eptura_scim.expressions.evaluation.values import Value, ValueProblem, as_boolean, as_moment, as_number, as_text
from eptura_scim.expressions.semantics import Semantics

__all__ = ["comparison", "truth"]

_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def truth(condition: Evaluator, site: Site) -> Callable[[Attributes, EvaluationContext], bool]:
    """Whether a condition holds."""

    def evaluate(attributes: Attributes, context: EvaluationContext) -> bool:
        value = condition(attributes, context)
        if value is True or value is False:
            return value
        try:
            return as_boolean(value)
        except ValueProblem as problem:
            raise site.error(problem) from None

    return evaluate


def comparison(sign: str, left: Evaluator, right: Evaluator, site: Site, semantics: Semantics) -> Evaluator:
    """Two operands and one of `= <> > >= < <=`."""
    numbers = semantics.equality == "numbers"

    def equal(attributes: Attributes, context: EvaluationContext) -> bool:
        one, other = left(attributes, context), right(attributes, context)
        if not numbers and one.__class__ is str and other.__class__ is str:
            return bool(one == other)
        try:
            return _equal(one, other, as_numbers=numbers)
        except ValueProblem as problem:
            raise site.error(problem) from None

    if sign == "=":
        return equal
    if sign == "<>":
        return lambda attributes, context: not equal(attributes, context)
    order = _ORDERS[sign]

    def ordered(attributes: Attributes, context: EvaluationContext) -> bool:
        one, other = left(attributes, context), right(attributes, context)
        try:
            return _ordered(one, other, order)
        except ValueProblem as problem:
            raise site.error(problem) from None

    return ordered


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(one: Value, other: Value) -> tuple[float, float] | None:
    try:
        return as_number(one), as_number(other)
    except ValueProblem:
        return None


def _equal(one: Value, other: Value, *, as_numbers: bool) -> bool:
    if as_numbers or _is_number(one) or _is_number(other):
        numbers = _numbers(one, other)
        if numbers is not None:
            return numbers[0] == numbers[1]
    return as_text(one) == as_text(other)


def _ordered(one: Value, other: Value, order: Callable[[Any, Any], bool]) -> bool:
    if one is None or other is None or one == "" or other == "":
        return False
    numbers = _numbers(one, other)
    if numbers is not None:
        return order(*numbers)
    dates = [value for value in (one, other) if isinstance(value, datetime)]
    if len(dates) == 2:
        return order(as_moment(dates[0]), as_moment(dates[1]))
    if dates:
        raise ValueProblem("a date is compared with a date: CDate makes one of a text")
    return order(as_text(one), as_text(other))
