"""The syntax of .NET's regular expressions, rewritten for the `regex` package (its VERSION1).

Source: Microsoft, "Regular Expression Language - Quick Reference" and the pages that it names on grouping constructs,
character classes, quantifiers, backreferences and options.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from eptura_scim.expressions.evaluation.character_class import (
    CLASS_ESCAPES,
    CONTROLS,
    PatternError,
    UnsupportedPatternError,
    literal,
    property_of,
    read_class,
)

__all__ = ["Groups", "PatternError", "Translation", "UnsupportedPatternError", "translate"]

_MAX_DEPTH = 100
_MAX_COUNT = 2**31 - 1
_MANY = 1000
_MAX_SIZE = 10_000
"""Parts of a pattern with `x{n}` written out: the `regex` package writes it out, and takes time and memory for each."""
_NAME = re.compile(r"\w+")
_OPENING = re.compile(r"\?(?:(?P<plain>[:=!>]|<[=!])|(?:<(?P<angle>[^>]*)>|'(?P<quote>[^']*)'))")
_OPTIONS = re.compile(r"\?(?P<on>[imnsx]*)(?:-(?P<off>[imnsx]*))?(?P<end>[:)])")
_CONDITION = re.compile(r"\?\((?P<name>\w+)\)")
_QUANTIFIER = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<low>[0-9]+)(?P<comma>,(?P<high>[0-9]*))?\})(?P<lazy>\??)")
_BACKREFERENCE = re.compile(r"k(?:<(?P<angle>\w+)>|'(?P<quote>\w+)')|(?P<digits>[1-9][0-9]*)")
_CODE = re.compile(r"x(?P<x>[0-9A-Fa-f]{2})|u(?P<u>[0-9A-Fa-f]{4})|c(?P<c>[A-Za-z@\[\\\]^_])|(?P<octal>0[0-7]{0,2})")


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a pattern: .NET numbers unnamed ones first, named ones after them."""

    numbers: dict[str, int]
    """Name or number in .NET -> number in the rewritten pattern."""

    def number(self, name: str) -> int | None:
        """A group's number in the rewritten pattern; 0 is the whole match."""
        return 0 if name == "0" else self.numbers.get(name)

    @property
    def last(self) -> int:
        """The group of .NET's highest number; 0 without groups."""
        highest = max((int(name) for name in self.numbers if name.isdecimal()), default=0)
        return self.numbers.get(str(highest), 0)


@dataclass(frozen=True, slots=True)
class Translation:
    """A rewritten pattern, and how many steps a search takes at most: `branches` * length ** (`repeats` + 1)."""

    pattern: str
    groups: Groups
    repeats: int
    branches: int
    nested: bool
    """Repetition within repetition: the number of steps has no such bound."""


@dataclass(slots=True)
class _Open:
    """A group that is being read, and how many steps it can take: `branches` * length ** `repeats`."""

    options: frozenset[str]
    varies: bool = False
    repeats: int = 0
    branches: int = 1
    size: int = 0
    """Parts, with repetition written out."""
    earlier: list[tuple[int, int]] = field(default_factory=list)
    """Repeats and branches of the alternatives before this one."""

    def next_alternative(self) -> None:
        self.varies = True
        self.earlier.append((self.repeats, self.branches))
        self.repeats, self.branches = 0, 1

    def cost(self) -> tuple[int, int]:
        """Repeats and branches of all alternatives: one after the other is tried."""
        every = [*self.earlier, (self.repeats, self.branches)]
        return max(repeats for repeats, _ in every), sum(branches for _, branches in every)


@dataclass(slots=True)
class _Reader:
    text: str
    position: int = 0
    options: frozenset[str] = frozenset()
    found: list[str] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    references: dict[int, str] = field(default_factory=dict)
    """Index in `found` -> the group that stands there, as written."""
    quantifiable: bool = False
    closed: _Open | None = None
    """The group that has just ended: a quantifier would repeat it."""
    last_size: int = 0
    """Parts of what a quantifier would repeat."""
    nested: bool = False
    ignores_case: bool = False

    def fail(self, problem: str) -> PatternError:
        return PatternError(f"{problem} at character {self.position + 1} of the pattern")

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match

    def emit(self, text: str, *, quantifiable: bool = True) -> None:
        self.found.append(text)
        self.quantifiable = quantifiable
        self.closed = None
        self.grow(1)
        self.last_size = 1

    def grow(self, size: int) -> None:
        group = self.opened[-1]
        group.size += size
        if group.size > _MAX_SIZE:
            raise UnsupportedPatternError(f"it repeats too much: written out it has more than {_MAX_SIZE:,} parts")

    def run(self) -> None:
        self.opened = [_Open(frozenset())]
        while self.position < len(self.text):
            self.step(self.text[self.position])
        if len(self.opened) > 1:
            raise self.fail("a bracket is not closed")

    def step(self, character: str) -> None:
        if "x" in self.options and (character.isspace() or character == "#"):
            self.position += 1
            if character == "#":
                end = self.text.find("\n", self.position)
                self.position = len(self.text) if end < 0 else end + 1
            return
        if self.take_quantifier():
            return
        self.position += 1
        match character:
            case "\\":
                self.escape()
            case "[":
                rewritten, self.position = read_class(self.text, self.position)
                self.emit(rewritten)
            case "(":
                self.open()
            case ")":
                self.close()
            case "|":
                self.opened[-1].next_alternative()
                self.emit("|", quantifiable=False)
            case ".":
                self.emit("(?s:.)" if "s" in self.options else "[^\\n]")
            case "^":
                self.emit("(?m:^)" if "m" in self.options else "\\A")
            case "$":
                self.emit("(?m:$)" if "m" in self.options else "$")
            case _:
                self.emit(literal(character))

    def take_quantifier(self) -> bool:
        match = self.take(_QUANTIFIER)
        if match is None:
            return False
        if not self.quantifiable:
            self.position = match.start()
            raise self.fail(f"{match.group()} repeats nothing")
        low, high = _bounds(match)
        if low > _MAX_COUNT or (high is not None and (high > _MAX_COUNT or high < low)):
            raise self.fail(f"{match.group()} is an invalid repeat count")
        inner, self.closed, self.quantifiable = self.closed, None, False
        self.count(low, high, repeats_what_varies=inner is not None and inner.varies)
        self.found.append(match.group())
        self.grow((low - 1) * self.last_size if low > 1 else 0)
        return True

    def count(self, low: int, high: int | None, *, repeats_what_varies: bool) -> None:
        if repeats_what_varies and (high is None or high > 1):
            self.nested = True
        if low == high:
            return
        group = self.opened[-1]
        group.varies = True
        if high is None or high - low > _MANY:
            group.repeats += 1
        else:
            group.branches *= high - low + 1

    def escape(self) -> None:
        if self.position == len(self.text):
            raise self.fail("a backslash ends the pattern")
        if match := self.take(_BACKREFERENCE):
            self.references[len(self.found)] = match["angle"] or match["quote"] or match["digits"]
            self.emit("")
            self.opened[-1].varies = True
            return
        if match := self.take(_CODE):
            self.emit(_code(match))
            return
        character = self.text[self.position]
        self.position += 1
        if character in "pP":
            name, self.position = property_of(self.text, self.position)
            self.emit(f"\\{character}{{{name}}}")
        elif character in CLASS_ESCAPES:
            self.emit(f"[{CLASS_ESCAPES[character]}]")
        elif character in CONTROLS:
            self.emit(CONTROLS[character])
        elif character in "AbBGzZ":
            self.emit({"z": "\\Z", "Z": "(?=\\n?\\Z)"}.get(character, f"\\{character}"))
        elif character.isalnum() or character == "_":
            self.position -= 2
            raise self.fail(f"\\{character} is an unknown escape")
        else:
            self.emit(literal(character))

    def open(self) -> None:
        if len(self.opened) > _MAX_DEPTH:
            raise self.fail(f"brackets are nested deeper than {_MAX_DEPTH}")
        if self.text.startswith("?#", self.position):
            end = self.text.find(")", self.position)
            if end < 0:
                raise self.fail("a comment is not closed")
            self.position = end + 1
            return
        outer = self.options
        if match := self.take(_OPTIONS):
            self.set_options(match)
            if match["end"] == ")":
                self.emit("(?i)" if "i" in self.options else "(?-i)", quantifiable=False)
                return
            self.emit("(?i:" if "i" in self.options else "(?-i:", quantifiable=False)
        elif match := self.take(_CONDITION):
            self.emit("(?(", quantifiable=False)
            self.references[len(self.found)] = f"({match['name']}"
            self.emit("", quantifiable=False)
        elif match := self.take(_OPENING):
            self.named(match)
        elif self.text.startswith("?", self.position):
            raise self.fail("(? opens no group that .NET has" if self.text[self.position :] else "(? ends the pattern")
        elif "n" in self.options:
            self.emit("(?:", quantifiable=False)
        else:
            self.names.append(None)
            self.emit("(", quantifiable=False)
        self.opened.append(_Open(outer))

    def set_options(self, match: re.Match[str]) -> None:
        self.options = (self.options | set(match["on"])) - set(match["off"] or "")
        self.ignores_case |= "i" in self.options

    def named(self, match: re.Match[str]) -> None:
        if match["plain"]:
            self.emit(f"(?{match['plain']}", quantifiable=False)
            return
        name = match["angle"] if match["angle"] is not None else match["quote"]
        if "-" in name:
            raise UnsupportedPatternError(f"balancing groups are not supported here: (?<{name}>")
        if not _NAME.fullmatch(name) or (name[0].isdecimal() and not name.isdecimal()) or name == "0":
            raise self.fail(f"{name!r} is not a name of a group")
        name = str(int(name)) if name.isdecimal() else name
        self.emit(f"(?P<g{self.index_of(name)}>", quantifiable=False)

    def index_of(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name) + 1

    def close(self) -> None:
        if len(self.opened) == 1:
            raise self.fail("a closing bracket without an opening one")
        closed = self.opened.pop()
        self.options = closed.options
        outer, (repeats, branches) = self.opened[-1], closed.cost()
        outer.varies |= closed.varies
        outer.repeats += repeats
        outer.branches *= branches
        self.emit(")")
        self.grow(closed.size)
        self.closed, self.last_size = closed, closed.size + 1


def _bounds(match: re.Match[str]) -> tuple[int, int | None]:
    match match["sign"]:
        case "*":
            return 0, None
        case "+":
            return 1, None
        case "?":
            return 0, 1
    low = int(match["low"])
    if match["comma"] is None:
        return low, low
    return low, int(match["high"]) if match["high"] else None


def _code(match: re.Match[str]) -> str:
    if match["c"]:
        return literal(chr(ord(match["c"].upper()) ^ 64))
    if match["octal"]:
        return literal(chr(int(match["octal"], 8)))
    return literal(chr(int(match["x"] or match["u"], 16)))


def translate(pattern: str) -> Translation:
    """Rewrite a pattern. Raises PatternError for what .NET would refuse, and for what cannot be rewritten."""
    reader = _Reader(pattern)
    reader.run()
    groups = Groups(_numbered(reader.names))
    for index, name in reader.references.items():
        reader.found[index] = _reference(name, groups)
    prefix = "(?-f)" if reader.ignores_case else ""  # .NET compares letter by letter, never ß with ss
    repeats, branches = reader.opened[0].cost()
    return Translation(prefix + "".join(reader.found), groups, repeats, branches, reader.nested)


def _numbered(names: list[str | None]) -> dict[str, int]:
    numbers = {name: index for index, name in enumerate(names, 1) if name is not None}
    free = (number for number in range(1, len(names) + 1 + len(numbers)) if str(number) not in numbers)
    unnamed = [index for index, name in enumerate(names, 1) if name is None]
    named = [index for index, name in enumerate(names, 1) if name is not None and not name.isdecimal()]
    taken = dict(zip(map(str, free), unnamed + named, strict=False))
    return taken | numbers


def _reference(name: str, groups: Groups) -> str:
    if name.startswith("("):
        number = groups.number(name[1:])
        if number is None:
            raise UnsupportedPatternError(
                f"a condition over a pattern is not supported here: {name[1:]} is not a group"
            )
        return f"{number})"
    number = groups.number(name)
    if number is not None:
        return f"\\g<{number}>"
    if name.isdecimal() and len(name) > 1 and set(name[:2]) <= set("01234567"):
        digits = name[:3] if set(name[:3]) <= set("01234567") else name[:2]
        return literal(chr(int(digits, 8) & 0xFF)) + "".join(map(literal, name[len(digits) :]))
    raise PatternError(f"\\{name} refers to a group that is not there")
