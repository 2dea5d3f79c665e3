"""Character classes of .NET's regular expressions, `[a-z-[aeiou]]`, rewritten for the `regex` package.

Source: Microsoft, "Character classes in .NET regular expressions".
"""

from __future__ import annotations

import re

__all__ = [
    "CLASS_ESCAPES",
    "CONTROLS",
    "PatternError",
    "UnsupportedPatternError",
    "literal",
    "property_of",
    "read_class",
]


class PatternError(Exception):
    """A pattern that .NET refuses; the text says what and where."""


class UnsupportedPatternError(PatternError):
    """A pattern of .NET that cannot be used here."""


_WORD = r"\p{L}\p{Mn}\p{Nd}\p{Pc}"

CLASS_ESCAPES = {"w": _WORD, "W": f"^{_WORD}", "d": r"\p{Nd}", "D": r"^\p{Nd}", "s": r"\s", "S": r"^\s"}
"""Escape -> inner part of the class that .NET says it stands for."""

CONTROLS = {letter: f"\\x{code:02x}" for letter, code in zip("aefnrtv", (7, 27, 12, 10, 13, 9, 11), strict=True)}
"""Escape of a control character -> its code."""

# Unicode's general categories: a letter for the group, and what may follow it.
_CATEGORIES = frozenset(
    group[0] + member
    for group in ("Lultmo", "Mnce", "Ndlo", "Pcdseifo", "Smcko", "Zslp", "Ccfson")
    for member in ["", *group[1:]]
)
# Blocks whose names .NET keeps from an older Unicode.
_OLD_BLOCKS = {"Greek": "GreekandCoptic", "CombiningMarksforSymbols": "CombiningDiacriticalMarksforSymbols"}
_PROPERTY = re.compile(r"\{(?P<name>[\w-]+)\}")
_CODE = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|c([A-Za-z@\[\\\]^_])|([0-7]{1,3})")


def literal(character: str) -> str:
    """A character as itself, in a class and outside of it."""
    return character if character.isalnum() or not character.isascii() else f"\\x{ord(character):02x}"


def property_of(text: str, position: int) -> tuple[str, int]:
    """The name after `\\p`, as the package spells it, and where it ends. Raises PatternError."""
    match = _PROPERTY.match(text, position)
    if match is None:
        raise PatternError(f"\\p has no name at character {position + 1} of the pattern")
    name = match["name"]
    if name in _CATEGORIES:
        return name, match.end()
    if name.startswith("Is") and len(name) > 2:
        block = name[2:]
        return f"In{_OLD_BLOCKS.get(block, block)}", match.end()
    raise PatternError(f"\\p{{{name}}} is neither a category nor a block that .NET has")


def read_class(text: str, position: int) -> tuple[str, int]:
    """A class that starts after its `[`, rewritten, and where it ends. Raises PatternError."""
    return _class(text, position, 0)


def _class(text: str, start: int, depth: int) -> tuple[str, int]:
    if depth > 20:
        raise PatternError("classes are nested too deep")
    position = start
    negated = text.startswith("^", position)
    position += negated
    parts: list[str] = []
    while position < len(text):
        character = text[position]
        if character == "]" and parts:
            return _finished(parts, None, negated=negated), position + 1
        if text.startswith("-[", position) and parts:
            subtracted, position = _class(text, position + 2, depth + 1)
            if not text.startswith("]", position):
                raise PatternError("a subtraction has to be the last thing in its class")
            return _finished(parts, subtracted, negated=negated), position + 1
        item, single, position = _item(text, position)
        if text.startswith("-", position) and text[position + 1 : position + 2] not in {"", "]", "["}:
            end, end_single, position = _item(text, position + 1)
            if single is None or end_single is None:
                raise PatternError(f"{item} or {end} cannot be the end of a range in a class")
            if single > end_single:
                raise PatternError(f"the range from {single} to {end_single} is in reverse order")
            item = f"{item}-{end}"
        parts.append(item)
    raise PatternError(f"the class at character {start} of the pattern is not closed")


def _finished(parts: list[str], subtracted: str | None, *, negated: bool) -> str:
    base = f"[{'^' if negated else ''}{''.join(parts)}]"
    return base if subtracted is None else f"[{base}--{subtracted}]"


def _item(text: str, position: int) -> tuple[str, str | None, int]:  # noqa: PLR0911 one a kind
    """One item, the character that it is if it is a single one, and where it ends."""
    character = text[position]
    position += 1
    if character != "\\":
        return literal(character), character, position
    if position == len(text):
        raise PatternError("a backslash ends the pattern")
    if match := _CODE.match(text, position):
        found = _coded(match)
        return literal(found), found, match.end()
    character = text[position]
    position += 1
    if character in "pP":
        name, position = property_of(text, position)
        return f"\\{character}{{{name}}}", None, position
    if character in CLASS_ESCAPES:
        inner = CLASS_ESCAPES[character]
        return f"[{inner}]" if inner.startswith("^") else inner, None, position
    if character == "b":
        return "\\x08", "\b", position
    if character in CONTROLS:
        return CONTROLS[character], chr(int(CONTROLS[character][2:], 16)), position
    if character.isalnum() or character == "_":
        raise PatternError(f"\\{character} is an unknown escape in a class")
    return literal(character), character, position


def _coded(match: re.Match[str]) -> str:
    hexadecimal, unicode, control, octal = match.groups()
    if control:
        return chr(ord(control.upper()) ^ 64)
    return chr(int(octal, 8) & 0xFF if octal else int(hexadecimal or unicode, 16))
