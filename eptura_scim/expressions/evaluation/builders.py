"""How a call is compiled: its arguments become readers, a plain Python function is applied to what they read.

An Evaluator gives the value of one node of an expression for an object. All are closures made once, so that nothing of
the expression is looked at again when an object is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from eptura_scim.expressions.evaluation import date_functions as dates
from eptura_scim.expressions.evaluation.values import (
    UnknownHereProblem,
    Value,
    ValueProblem,
    as_integer,
    as_items,
    as_text,
)
from eptura_scim.expressions.nodes import Constant, Expression
from eptura_scim.expressions.parser import ExpressionError
from eptura_scim.expressions.semantics import Semantics

__all__ = [
    "Attributes",
    "Builder",
    "CompiledCall",
    "EvaluationContext",
    "EvaluationError",
    "Evaluator",
    "Reads",
    "Site",
    "given",
    "integer",
    "items",
    "moment",
    "optional",
    "plain",
    "text",
    "text_or_none",
]

Attributes = Mapping[str, Value]
"""An object's attributes by their names in the synchronization schema; an absent attribute has no value."""


class EvaluationError(ExpressionError):
    """An expression has no result for an object; names the function, its position and what was needed.

    `is_known` is False where the expression has a result in Entra that cannot be found here.
    """

    def __init__(self, function: str, problem: str, text: str, position: int, *, is_known: bool = True) -> None:
        self.function = function
        self.is_known = is_known
        super().__init__(f"{function}: {problem},", text, position)

    def __str__(self) -> str:
        return self.line


@dataclass(frozen=True, slots=True)
class EvaluationContext:
    """What an expression can see beside the object."""

    now: datetime | None = None
    """What Now() gives; the clock's time without."""
    taken: Container[str] = field(default_factory=frozenset)
    """Values that the target has already, for SelectUniqueValue."""
    default_domain: str | None = None
    """The tenant's default verified domain; None where the tenant is not known."""
    guid: str | None = None
    """What Guid() gives; a random one without."""

    def moment(self) -> datetime:
        """The current time in UTC."""
        return self.now or datetime.now(UTC)


Evaluator = Callable[[Attributes, EvaluationContext], Any]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a function stands in an expression."""

    function: str
    text: str
    position: int

    def error(self, problem: ValueProblem | str) -> EvaluationError:
        """The problem as an error with its place."""
        is_known = not isinstance(problem, UnknownHereProblem)
        return EvaluationError(self.function, str(problem), self.text, self.position, is_known=is_known)


@dataclass(frozen=True, slots=True)
class CompiledCall:
    """A call whose arguments are compiled already."""

    site: Site
    semantics: Semantics
    arguments: Mapping[str, Evaluator]
    """Those that are given, by the keys of the table of functions."""
    nodes: Mapping[str, Expression]
    repeated: tuple[Evaluator, ...] = ()
    """The arguments of the parameter that repeats, in order."""
    repeated_nodes: tuple[Expression, ...] = ()

    def __getitem__(self, key: str) -> Evaluator:
        return self.arguments[key]

    def constant(self, key: str) -> str | None:
        """The text of an argument that is a constant."""
        node = self.nodes.get(key)
        return node.value if isinstance(node, Constant) else None

    def applied(self, function: Callable[..., Value], reads: list[Evaluator], required: int) -> Evaluator:
        """The function over what the readers give; no value as soon as one of the required readers has none."""
        site = self.site
        match reads:
            case [first] if required:
                return _applied_to_one(site, function, first)
            case [first, second] if required == 2:
                return _applied_to_two(site, function, first, second)

        def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
            try:
                values = [read(attributes, context) for read in reads]
                if None in values[:required]:
                    return None
                return function(*values)
            except ValueProblem as problem:
                raise site.error(problem) from None

        return evaluate


def _applied_to_one(site: Site, function: Callable[..., Value], first: Evaluator) -> Evaluator:
    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        try:
            value = first(attributes, context)
            return None if value is None else function(value)
        except ValueProblem as problem:
            raise site.error(problem) from None

    return evaluate


def _applied_to_two(site: Site, function: Callable[..., Value], first: Evaluator, second: Evaluator) -> Evaluator:
    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        try:
            one, other = first(attributes, context), second(attributes, context)
            return None if one is None or other is None else function(one, other)
        except ValueProblem as problem:
            raise site.error(problem) from None

    return evaluate


Builder = Callable[[CompiledCall], Evaluator]
"""Makes the evaluator of a call."""

Reads = Callable[[CompiledCall], Evaluator]
"""Makes the reader of one argument; the reader raises ValueProblem for a value of another type."""


def plain(function: Callable[..., Value], *reads: Reads, required: int | None = None) -> Builder:
    """The builder of a function that needs nothing but its arguments.

    `required`: how many of the first arguments have to have a value (all, unless said); without one, the result has
    none either.
    """
    count = len(reads) if required is None else required
    return lambda call: call.applied(function, [read(call) for read in reads], count)


def given(key: str) -> Reads:
    """The argument as it is, of any type."""
    return lambda call: _reader(call, key, _same, None)


def text(key: str) -> Reads:
    """The argument as a text; one without a value as the semantics say."""
    return lambda call: _reader(call, key, as_text, "")


def text_or_none(key: str) -> Reads:
    """The argument as a text, for a function that says what it makes of no value."""

    def reads(call: CompiledCall) -> Evaluator:
        argument = call[key]

        def read(attributes: Attributes, context: EvaluationContext) -> str | None:
            value = argument(attributes, context)
            return value if value is None or value.__class__ is str else as_text(value)

        return read

    return reads


def integer(key: str) -> Reads:
    """The argument as a whole number."""

    def reads(call: CompiledCall) -> Evaluator:
        constant = call.constant(key)
        if constant is not None:
            try:
                number = as_integer(constant)
            except ValueProblem:
                pass  # an error of each evaluation, not of the expression
            else:
                return lambda _attributes, _context: number
        return _reader(call, key, lambda value: _keyed(key, as_integer, value), None)

    return reads


def moment(key: str) -> Reads:
    """The argument as a moment, read as CDate does."""
    return lambda call: _reader(call, key, dates.moment, None)


def items(key: str) -> Reads:
    """The argument as a list of values, empty without any."""

    def reads(call: CompiledCall) -> Evaluator:
        argument = call[key]
        return lambda attributes, context: as_items(argument(attributes, context))

    return reads


def optional(read: Callable[[str], Reads], key: str) -> Reads:
    """The argument if it is given and has a value, else None."""

    def reads(call: CompiledCall) -> Evaluator:
        return read(key)(call) if key in call.arguments else _nothing

    return reads


def _same(value: Value) -> Value:
    return value


def _nothing(_attributes: Attributes, _context: EvaluationContext) -> None:
    return None


def _keyed(key: str, convert: Callable[[Value], Value], value: Value) -> Value:
    try:
        return convert(value)
    except ValueProblem as problem:
        raise ValueProblem(f"{key}: {problem}") from None


def _reader(call: CompiledCall, key: str, convert: Callable[[Any], Value], empty: Value) -> Evaluator:
    """Reads and converts; what stands for no value depends on the semantics (`empty` where a type has none: error)."""
    argument, absent = call[key], call.semantics.absent_argument
    direct = str if convert is as_text else None

    def read(attributes: Attributes, context: EvaluationContext) -> Value:
        value = argument(attributes, context)
        if value.__class__ is direct:
            return value
        if value is not None:
            return convert(value)
        if absent == "absent":
            return None
        if absent == "empty" and empty is not None:
            return empty
        raise ValueProblem(f"{key} has no value")

    return read
