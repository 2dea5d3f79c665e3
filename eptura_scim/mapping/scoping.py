"""Scoping filters: which users or groups are in scope, as a text that people write and as Graph's filter.

    department EQUALS "sales" AND country NOT EQUALS "US" OR jobTitle IS NOT NULL

Source: Microsoft, "Scoping users or groups to be provisioned with scoping filters" (operators; AND between clauses of
a filter, OR between filters); Microsoft Graph, resource types filter, filterGroup and filterClause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from eptura_scim.errors import value_problem
from eptura_scim.expressions.parser import OTHER_QUOTES
from eptura_scim.mapping.errors import FilterError, SchemaError, UnknownFilterError
from eptura_scim.types import Json, copied

__all__ = [
    "BINARY_OPERATORS",
    "UNARY_OPERATORS",
    "Clause",
    "ScopingFilter",
    "observe_filter",
    "parse_filter",
    "same_filter",
    "scope_with",
]


UNARY_OPERATORS = ("IS TRUE", "IS FALSE", "IS NULL", "IS NOT NULL")
"""Operators without a value, as the portal names them."""

BINARY_OPERATORS = (
    "EQUALS",
    "NOT EQUALS",
    "REGEX MATCH",
    "NOT REGEX MATCH",
    "Includes",
    "ENDS_WITH",
    "Greater_Than",
    "Greater_Than_OR_EQUALS",
    "&",
    "!&",
)
"""Operators with a value, as the portal names them."""

_NUMERIC = {"Greater_Than", "Greater_Than_OR_EQUALS"}
_UNUSABLE = {"appRoleAssignments", "manager", "members", "userType"}  # Microsoft, known issues of provisioning


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. Graph allows several values for an operator; the portal gives one."""

    attribute: str
    operator: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(part for part in (self.attribute, self.operator, ", ".join(map(_quoted, self.values))) if part)


@dataclass(frozen=True, slots=True)
class ScopingFilter:
    """An object is in scope when all clauses of one group hold. No group lets all in."""

    groups: tuple[tuple[Clause, ...], ...] = ()

    def __str__(self) -> str:
        return " OR ".join(" AND ".join(map(str, clauses)) for clauses in self.groups)


_OPERATORS = sorted((*UNARY_OPERATORS, *BINARY_OPERATORS), key=len, reverse=True)
_SPACE = re.compile(r"\s*")
_ATTRIBUTE = re.compile(r"\[(?P<bracketed>[^\[\]\"]+)\]|(?P<bare>[A-Za-z_][\w.:-]*)")
_OPERATOR = re.compile(
    "|".join(re.escape(name).replace(r"\ ", r"\s+") + r"(?!\w)" for name in _OPERATORS), re.IGNORECASE
)
_VALUE = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s",]+)', re.DOTALL)
_JOINT = re.compile(r"(?P<joint>AND|OR)(?!\w)", re.IGNORECASE)
_COMMA = re.compile(r",")
_ESCAPE = re.compile(r'\\([\\"])')


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._skip_space()

    @property
    def at_end(self) -> bool:
        return self.position == len(self.text)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
            self._skip_space()
        return found

    def fail(self, problem: str) -> FilterError:
        return FilterError(problem, self.text, self.position)

    def refuse_experimental(self) -> None:
        """Raises UnknownFilterError at a group that Graph calls experimental, as observe_filter prints it."""
        if self.text.startswith(tuple(f"{{{name}:" for name in _EXPERIMENTAL), self.position):
            raise UnknownFilterError("what these groups do is not known here", self.text, self.position)

    def _skip_space(self) -> None:
        if found := _SPACE.match(self.text, self.position):
            self.position = found.end()


def parse_filter(text: str) -> ScopingFilter:
    """Read a filter; AND binds closer than OR. Raises FilterError with the position of what is wrong first,
    UnknownFilterError at groups that Graph calls experimental."""
    reader = _Reader(text)
    reader.refuse_experimental()
    groups: list[list[Clause]] = [[_clause(reader)]]
    while not reader.at_end:
        reader.refuse_experimental()
        joint = reader.take(_JOINT)
        if joint is None:
            raise reader.fail('expected AND, OR or the end (a value with blanks stands in "quotes")')
        if joint["joint"].upper() == "OR":
            groups.append([])
        groups[-1].append(_clause(reader))
    return ScopingFilter(tuple(map(tuple, groups)))


def _clause(reader: _Reader) -> Clause:
    start = reader.position
    found = reader.take(_ATTRIBUTE)
    if found is None:
        if reader.text.startswith("(", reader.position):
            raise reader.fail("a filter has no brackets: AND binds closer than OR")
        raise reader.fail("expected an attribute such as department")
    attribute = found["bracketed"] or found["bare"]
    if attribute in _UNUSABLE:
        raise FilterError(f"Entra cannot filter by {attribute}", reader.text, start)
    found = reader.take(_OPERATOR)
    if found is None:
        # A live filter may have an operator that is not documented.
        problem = f"expected one of {', '.join((*BINARY_OPERATORS, *UNARY_OPERATORS))}"
        raise UnknownFilterError(problem, reader.text, reader.position)
    spelled = " ".join(found.group().split()).upper()
    operator = next(name for name in _OPERATORS if name.upper() == spelled)
    if operator in UNARY_OPERATORS:
        return Clause(attribute, operator)
    values = [_value(reader, operator)]
    while reader.take(_COMMA):
        values.append(_value(reader, operator))
    return Clause(attribute, operator, tuple(values))


def _value(reader: _Reader, operator: str) -> str:
    start = reader.position
    found = reader.take(_VALUE)
    if found is None:
        raise reader.fail(f'expected a value of {operator}, such as "sales"')
    if found["bare"] and found["bare"][0] in f"'{OTHER_QUOTES}":  # they would be part of a value that no object has
        raise FilterError('a value stands in straight double quotes, such as "sales"', reader.text, start)
    # An escape other than \\ and \" keeps its backslash: regular expressions are full of them.
    value = found["bare"] if found["quoted"] is None else _ESCAPE.sub(r"\1", found["quoted"])
    if operator in _NUMERIC and not value.isdecimal():
        raise FilterError(f"{operator} compares whole numbers of 0 or more", reader.text, start)
    return value


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def same_filter(one: str | None, other: str | None) -> bool:
    """Whether two filters let the same in, whatever the order of their clauses and groups."""
    return one == other or (one is not None and other is not None and _meaning(one) == _meaning(other))


def _meaning(text: str) -> frozenset[frozenset[Clause]] | str:
    try:
        return frozenset(map(frozenset, parse_filter(text).groups))
    except FilterError:
        return text


def observe_filter(scope: object) -> str | None:
    """The text of an object mapping's `scope`, also of one that cannot be declared; None where all are in scope.

    The groups that Graph calls experimental (`inputFilterGroups`, `categoryFilterGroups`) stand after it in braces;
    how they are applied is not known here. Raises SchemaError, which names the place, for a scope of another shape.
    """
    parts = [str(ScopingFilter(tuple(_clauses(group) for _, group in _groups(scope, "groups"))))]
    for name in _EXPERIMENTAL:
        found = str(ScopingFilter(tuple(_clauses(group) for _, group in _groups(scope, name))))
        parts.append(f"{{{name}: {found}}}" if found else "")
    return " ".join(filter(None, parts)) or None


def scope_with(scope: Json | None, wanted: str | None) -> Json | None:
    """An object mapping's `scope` with exactly the wanted filter; groups that stay keep their names.

    Raises FilterError for a text that cannot be read, SchemaError for a scope of another shape.
    """
    named = {
        frozenset(clauses): raw for clauses, raw in ((_clauses(group), raw) for raw, group in _groups(scope, "groups"))
    }
    groups = [
        named.get(frozenset(clauses)) or {"name": f"Scoping filter {number}", "clauses": list(_wire(clauses))}
        for number, clauses in enumerate(parse_filter(wanted).groups if wanted else (), 1)
    ]
    filtering = {"groups", *(name for name in _EXPERIMENTAL if _groups(scope, name))}
    rest = {name: value for name, value in (scope or {}).items() if name not in filtering}
    if not groups and not any(rest.values()):
        return None
    empty: Json = {name: [] for name in sorted(_EXPERIMENTAL)}
    return {**empty, **rest, "groups": copied(groups)}


_EXPERIMENTAL = ("inputFilterGroups", "categoryFilterGroups")


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, strict=True)


class _Operand(_Wire):
    values: list[str | int | float | bool] | None = None


class _WireClause(_Wire):
    operator_name: str = Field(min_length=1)
    source_operand_name: str = Field(min_length=1)
    target_operand: _Operand | None = None


class _WireGroup(_Wire):
    clauses: list[_WireClause] | None = None


class _WireScope(_Wire):
    groups: list[_WireGroup] | None = None
    input_filter_groups: list[_WireGroup] | None = None
    category_filter_groups: list[_WireGroup] | None = None


def _groups(scope: object, name: str) -> list[tuple[Json, _WireGroup]]:
    """The groups with clauses, as they came and as they are read: one without clauses lets all in."""
    if scope is None:
        return []
    try:
        read = _WireScope.model_validate(scope)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"] if part != "str")
        raise SchemaError(f"the scoping filter is malformed: scope{place}: {value_problem(first)}") from None
    found = {"groups": read.groups, "inputFilterGroups": read.input_filter_groups}.get(
        name, read.category_filter_groups
    )
    raw = scope.get(name) if isinstance(scope, dict) else None
    return [pair for pair in zip(raw or [], found or [], strict=True) if pair[1].clauses]


def _clauses(group: _WireGroup) -> tuple[Clause, ...]:
    return tuple(map(_observed, group.clauses or ()))


def _observed(clause: _WireClause) -> Clause:
    unary = clause.operator_name in UNARY_OPERATORS or clause.target_operand is None
    values = () if unary or clause.target_operand is None else clause.target_operand.values or ()
    return Clause(clause.source_operand_name, clause.operator_name, tuple(map(str, values)))


def _wire(clauses: Iterable[Clause]) -> Iterable[Json]:
    for clause in clauses:
        yield {
            "operatorName": clause.operator,
            "sourceOperandName": clause.attribute,
            "targetOperand": {"values": list(clause.values)},
        }
