"""Scoping filters: which users or groups are in scope, as a text that people write and as Graph's filter.

    department EQUALS "sales" AND country NOT EQUALS "US" OR jobTitle IS NOT NULL

Source: Microsoft, "Scoping users or groups to be provisioned with scoping filters" (operators; AND between clauses of
a filter, OR between filters); Microsoft Graph, resource types filter, filterGroup and filterClause.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass

from eptura_scim.mapping.errors import FilterError
from eptura_scim.types import Json

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
_OTHER_QUOTES = "'`\u00ab\u2018\u2019\u201a\u201c\u201d\u201e"
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

    def _skip_space(self) -> None:
        if found := _SPACE.match(self.text, self.position):
            self.position = found.end()


def parse_filter(text: str) -> ScopingFilter:
    """Read a filter; AND binds closer than OR. Raises FilterError with the position of what is wrong first."""
    reader = _Reader(text)
    groups: list[list[Clause]] = [[_clause(reader)]]
    while not reader.at_end:
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
        raise reader.fail("expected an attribute such as department")
    attribute = found["bracketed"] or found["bare"]
    if attribute in _UNUSABLE:
        raise FilterError(f"Entra cannot filter by {attribute}", reader.text, start)
    found = reader.take(_OPERATOR)
    if found is None:
        raise reader.fail(f"expected one of {', '.join((*BINARY_OPERATORS, *UNARY_OPERATORS))}")
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
    if found["bare"] and found["bare"][0] in _OTHER_QUOTES:  # they would be part of the value, which nobody has
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


def observe_filter(scope: Json | None) -> str | None:
    """The text of an object mapping's `scope`, also of one that nobody could declare; None where all are in scope.

    The groups that Graph calls experimental (categoryFilterGroups, inputFilterGroups) are not read.
    """
    return str(ScopingFilter(tuple(_clauses(group) for group in _groups(scope)))) or None


def scope_with(scope: Json | None, wanted: str | None) -> Json | None:
    """An object mapping's `scope` with exactly the wanted filter; groups that stay keep their names.

    Raises FilterError for a text that cannot be read.
    """
    named = {frozenset(_clauses(group)): group for group in _groups(scope)}
    groups = [
        named.get(frozenset(clauses)) or {"name": f"Scoping filter {number}", "clauses": list(_wire(clauses))}
        for number, clauses in enumerate(parse_filter(wanted).groups if wanted else (), 1)
    ]
    rest = {name: value for name, value in (scope or {}).items() if name != "groups"}
    if not groups and not any(rest.values()):
        return None
    empty: Json = {"categoryFilterGroups": [], "inputFilterGroups": []}
    return {**empty, **rest, "groups": copy.deepcopy(groups)}


def _groups(scope: Json | None) -> list[Json]:
    # A group without clauses holds nobody back, and the portal shows none.
    return [group for group in (scope or {}).get("groups") or [] if group.get("clauses")]


def _clauses(group: Json) -> tuple[Clause, ...]:
    return tuple(_observed(clause) for clause in group["clauses"])


def _observed(clause: Json) -> Clause:
    operator = str(clause.get("operatorName"))
    values = () if operator in UNARY_OPERATORS else (clause.get("targetOperand") or {}).get("values") or ()
    return Clause(str(clause.get("sourceOperandName")), operator, tuple(map(str, values)))


def _wire(clauses: Iterable[Clause]) -> Iterable[Json]:
    for clause in clauses:
        yield {
            "operatorName": clause.operator,
            "sourceOperandName": clause.attribute,
            "targetOperand": {"values": list(clause.values)},
        }
