"""`$filter`: one parser for every collection.

Source: OData 4.01, "URL Conventions", 5.1.1 (grammar and precedence); Microsoft Graph, "Use the $filter query
parameter" (operators and functions) and "Advanced query capabilities on Microsoft Entra ID objects". Text is compared
without case, as Graph does for directory objects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from eptura_scim.graph.ids import UUID
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import Shape

__all__ = ["Filter", "parse_filter"]

Condition = Callable[[Mapping[str, Any]], bool]
_Item = Mapping[str, Any]

_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<text>'(?:[^']|'')*')
    | (?P<guid>{UUID})
    | (?P<moment>\d{{4}}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<mark>[(),/:])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: bool(left == right),
    "ne": lambda left, right: bool(left != right),
    "gt": lambda left, right: bool(left > right),
    "ge": lambda left, right: bool(left >= right),
    "lt": lambda left, right: bool(left < right),
    "le": lambda left, right: bool(left <= right),
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
# As Graph names them in "Operator '…' is not supported because the required parameters might be missing".
_ADVANCED = {"ne": "NotEqualsMatch", "not": "Not", "endswith": "EndsWith"}
_DEEPEST = 50


class Filter(NamedTuple):
    """What a `$filter` says."""

    matches: Condition
    properties: frozenset[str]
    """Properties of the type that it names."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


class _Path(NamedTuple):
    """A property, or a property of a variable that `any` declares."""

    names: tuple[str, ...]
    variable: str | None
    example: Any


def parse_filter(text: str, shape: Shape, *, advanced: bool) -> Filter:
    """Read a filter over objects of a type.

    `advanced` says whether the request has what advanced queries need. Raises ODataError 400 as Graph does, and 501
    for what Graph has and this parser has not.
    """
    return _Parser(text, shape, advanced=advanced).parsed()


class _Parser:
    def __init__(self, text: str, shape: Shape, *, advanced: bool) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self._shape = shape
        self._advanced = advanced or not shape.is_directory_object
        self._variables: dict[str, Any] = {}
        self._named: set[str] = set()

    def parsed(self) -> Filter:
        found = self._or()
        if self._at < len(self._tokens):
            raise _invalid(f"Syntax error: '{self._tokens[self._at].text}' was not expected.")
        return Filter(found, frozenset(self._named))

    # Logic, from the operator that binds least to the one that binds most

    def _or(self) -> Condition:
        parts = [self._and()]
        while self._takes("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else lambda item: any(part(item) for part in parts)

    def _and(self) -> Condition:
        parts = [self._not()]
        while self._takes("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else lambda item: all(part(item) for part in parts)

    def _not(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _invalid("The filter is nested too deeply.")
        try:
            if self._takes("not"):
                self._needs_advanced("not")
                inner = self._not()
                return lambda item: not inner(item)
            if self._takes("("):
                inside = self._or()
                self._expect(")")
                return inside
            return self._clause()
        finally:
            self._depth -= 1

    # Clauses

    def _clause(self) -> Condition:
        word = self._word("a property or function").lower()
        if word in _FUNCTIONS and self._peek() == "(":
            return self._function(word)
        self._at -= 1
        path = self._path()
        if self._takes_after_slash("any"):
            return self._any(path)
        if self._takes("in"):
            return self._in(path)
        operator = self._word("an operator").lower()
        if operator not in _COMPARISONS:
            raise _invalid(f"Syntax error: '{operator}' is not an operator.")
        if operator == "ne":
            self._needs_advanced("ne")
        return _comparison(path, operator, self._literal(path))

    def _function(self, name: str) -> Condition:
        if name == "contains" and self._shape.is_directory_object:
            raise _unsupported(f"Unsupported Query: '{name}' is not supported on '{self._shape.name}'.")
        if name == "endswith":
            self._needs_advanced(name)
        self._expect("(")
        path = self._path()
        self._expect(",")
        wanted = self._literal(path)
        if not isinstance(wanted, str):
            raise _invalid(f"The second argument of '{name}' is a text.")
        self._expect(")")
        if self._peek() == "eq":  # `startswith(…) eq true`
            self._at += 1
            if self._next().text.lower() != "true":
                raise ODataError.not_modelled(f"{name} compared to anything but true in a $filter")
        holds = _FUNCTIONS[name]
        return lambda item: isinstance(value := _folded(_value(item, path)), str) and holds(value, wanted)

    def _in(self, path: _Path) -> Condition:
        self._expect("(")
        values = [self._literal(path)]
        while self._takes(","):
            values.append(self._literal(path))
        self._expect(")")
        return lambda item: _folded(_value(item, path)) in values

    def _any(self, path: _Path) -> Condition:
        if not isinstance(path.example, list):
            raise _invalid(f"'{'/'.join(path.names)}' is not a collection.")
        self._expect("(")
        if self._takes(")"):
            return lambda item: bool(_value(item, path))
        variable = self._word("a variable")
        self._expect(":")
        self._variables[variable] = path.example[0] if path.example else None
        inside = self._or()
        del self._variables[variable]
        self._expect(")")
        return lambda item: any(inside({**item, _key(variable): one}) for one in _value(item, path) or ())

    # Operands

    def _path(self) -> _Path:
        first = self._word("a property")
        variable = first if first in self._variables else None
        if variable is None:
            example: Any = self._property(first)
            names: tuple[str, ...] = (first,)
        else:
            example, names = self._variables[first], ()
        while self._peek() == "/" and self._peek(1) not in {"any", "all", "$count"}:
            self._at += 1
            name = self._word("a property")
            if isinstance(example, dict) and example and name not in example:
                raise _unknown(name, self._shape)
            example = example.get(name) if isinstance(example, dict) else None
            names = (*names, name)
        return _Path(names, variable, example)

    def _property(self, name: str) -> Any:
        if not self._shape.has(name):
            raise _unknown(name, self._shape)
        if name in self._shape.unfilterable:
            raise _unsupported(
                f"Unsupported or invalid query filter clause specified for property '{name}' of resource "
                f"'{self._shape.name}'."
            )
        self._named.add(name)
        return self._shape.properties.get(name)

    def _literal(self, path: _Path) -> Any:
        token = self._next()
        value: Any
        match token.kind:
            case "text":
                value = token.text[1:-1].replace("''", "'")
            case "guid" | "moment":
                value = token.text
            case "number":
                value = float(token.text) if "." in token.text else int(token.text)
            case "word" if token.text.lower() in {"true", "false"}:
                value = token.text.lower() == "true"
            case "word" if token.text.lower() == "null":
                return None
            case _:
                raise _invalid(f"Syntax error: a value was expected, '{token.text}' was found.")
        if isinstance(path.example, list):
            raise _unsupported(f"'{'/'.join(path.names)}' is a collection; 'any' filters by what is in it.")
        if isinstance(path.example, bool) != isinstance(value, bool) and path.example is not None:
            raise _invalid("A binary operator with incompatible types was detected.")
        return _folded(value)

    # Tokens

    def _needs_advanced(self, operator: str) -> None:
        if not self._advanced:
            raise _unsupported(
                f"Operator '{_ADVANCED[operator]}' is not supported because the required parameters might be missing. "
                "Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to "
                "https://aka.ms/graph-docs/advanced-queries for more information"
            )

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at].text.lower() if at < len(self._tokens) else ""

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise _invalid("Syntax error: the filter ends where something was expected.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, text: str) -> bool:
        found = self._peek() == text
        self._at += found
        return found

    def _takes_after_slash(self, name: str) -> bool:
        if self._peek() != "/":
            return False
        if self._peek(1) != name:
            raise ODataError.not_modelled(f"/{self._peek(1)} in a $filter")
        self._at += 2
        return True

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise _invalid(f"Syntax error: '{text}' was expected, '{self._peek() or 'the end'}' was found.")

    def _word(self, what: str) -> str:
        token = self._next()
        if token.kind != "word":
            raise _invalid(f"Syntax error: {what} was expected, '{token.text}' was found.")
        return token.text


def _tokens(text: str) -> list[_Token]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _invalid(f"Syntax error at position {position} in '{text[:200]}'.")
        found.append(_Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    if not found:
        raise _invalid("The filter is empty.")
    return found


def _comparison(path: _Path, operator: str, wanted: Any) -> Condition:
    compare = _COMPARISONS[operator]
    if operator in {"eq", "ne"}:
        return lambda item: compare(*_alike(_folded(_value(item, path)), wanted))

    def ordered(item: _Item) -> bool:
        left, right = _alike(_folded(_value(item, path)), wanted)
        return left is not None and right is not None and type(left) is type(right) and compare(left, right)

    return ordered


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Two values to compare: times as times, however many digits they are written with."""
    if isinstance(left, str) and isinstance(right, str) and left[:4].isdigit() and right[:4].isdigit():
        try:
            return _moment(left), _moment(right)
        except ValueError:
            pass
    return left, right


def _moment(text: str) -> datetime:
    if len(text) < len("2026-01-01") or text[4] != "-":
        raise ValueError(text)
    found = datetime.fromisoformat(text.upper())
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _value(item: _Item, path: _Path) -> Any:
    value: Any = item if path.variable is None else item.get(_key(path.variable))
    for name in path.names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _key(variable: str) -> str:
    """Where the object that a clause is asked about holds the value of a variable."""
    return f"any {variable}"


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _invalid(message: str) -> ODataError:
    return ODataError.bad_request(f"Invalid filter clause: {message}")


def _unknown(name: str, shape: Shape) -> ODataError:
    return _invalid(f"Could not find a property named '{name}' on type 'microsoft.graph.{shape.name}'.")


def _unsupported(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_UnsupportedQuery")
