"""Values of expressions, and how each type reads as another one.

Source: Microsoft, "Reference for writing expressions" (types and printed results). Nothing here knows where in an
expression a value stands: a ValueProblem becomes an error with a position where the function is called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from eptura_scim.errors import shown

__all__ = [
    "MAX_TEXT",
    "FlowIgnored",
    "IgnoreFlow",
    "UnknownHereProblem",
    "Value",
    "ValueProblem",
    "as_boolean",
    "as_integer",
    "as_items",
    "as_moment",
    "as_number",
    "as_text",
    "bounded",
    "result_texts",
]

Value = str | bool | int | float | datetime | list[Any] | Mapping[str, Any] | None
"""What an attribute holds or a function returns; None means no value. A mapping is an app role assignment."""

MAX_TEXT = 1_000_000
"""Characters that a result may have; Entra's own limits are far below, nested replacements grow without end."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")


class IgnoreFlow(Enum):
    """A result instead of a value: it leaves the flow, so that the target keeps what it has."""

    ATTRIBUTE = "IgnoreAttributeFlow"
    OBJECT = "IgnoreObjectFlow"


class FlowIgnored(Exception):  # noqa: N818 not an error
    """Ends an evaluation with an IgnoreFlow."""

    def __init__(self, dropped: IgnoreFlow) -> None:
        self.dropped = dropped
        super().__init__(dropped.value)


class ValueProblem(Exception):  # noqa: N818 it becomes an EvaluationError
    """What is wrong with a function's arguments."""


class UnknownHereProblem(ValueProblem):
    """A result that Entra has, and that cannot be found here."""


def as_text(value: Value) -> str:
    """The text of a single value: booleans are `True` and `False`, moments UTC as `M/d/yyyy h:mm:ss tt`.

    Raises ValueProblem.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, int):
        return _integer_text(value)
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime):
        return _moment_text(value)
    if value is None:
        return ""
    raise ValueProblem(f"one value is needed, not {shown(value)}")


def _integer_text(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # thousands of digits
        raise ValueProblem("the number is too long") from None


def as_moment(value: datetime) -> datetime:
    """A moment in UTC; one without a zone is UTC already. Raises ValueProblem where the calendar ends."""
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueProblem(f"{shown(value)} is outside of the years 1 to 9999") from None


def _moment_text(moment: datetime) -> str:
    moment = as_moment(moment)
    return (
        f"{moment.month}/{moment.day}/{moment.year:04} {moment.hour % 12 or 12}:{moment.minute:02}:{moment.second:02} "
        f"{'PM' if moment.hour >= 12 else 'AM'}"
    )


def as_number(value: Value) -> int | float:
    """A number, or a text that is one. Raises ValueProblem."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(stripped := value.strip()):
        return float(stripped) if "." in stripped else int(stripped)
    raise ValueProblem(f"a number is needed, not {shown(value)}")


def as_integer(value: Value) -> int:
    """A whole number. Raises ValueProblem."""
    number = as_number(value)
    if isinstance(number, int):
        return number
    if number.is_integer():
        return int(number)
    raise ValueProblem(f"a whole number is needed, not {shown(value)}")


def as_boolean(value: Value) -> bool:
    """Whether a value is true: a number other than zero, or the text True. Raises ValueProblem."""
    if isinstance(value, bool):
        return value
    if value is None or value == "":
        return False
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    try:
        return as_number(value) != 0
    except ValueProblem:
        raise ValueProblem(f"a condition is needed: True, False or a number, not {shown(value)}") from None


def as_items(value: Value) -> list[Any]:
    """The values of a multi-valued attribute; a single value is a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def bounded(text: str) -> str:
    """The text, unless it grew out of bounds. Raises ValueProblem."""
    if len(text) > MAX_TEXT:
        raise ValueProblem(f"the result is longer than {MAX_TEXT} characters")
    return text


def result_texts(result: Value | IgnoreFlow) -> list[str]:
    """A result as Graph's `evaluationResult` has it: one text for each value, none where nothing flows."""
    if result is None or isinstance(result, IgnoreFlow):
        return []
    return [
        json.dumps(item, default=as_text) if isinstance(item, Mapping | list) else as_text(item)
        for item in as_items(result)
    ]
