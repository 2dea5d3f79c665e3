"""Regular expressions of .NET, run by the `regex` package.

Source: Microsoft, "Substitutions in regular expressions" and the pages that pattern_syntax names. docs/expressions.md
says what still differs from .NET.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import regex

from eptura_scim.errors import shown
from eptura_scim.expressions.evaluation.pattern_syntax import Groups, PatternError, UnsupportedPatternError, translate
from eptura_scim.expressions.evaluation.values import MAX_TEXT, UnknownHereProblem, ValueProblem

__all__ = ["Expansion", "Pattern", "compile_pattern"]

Expansion = Callable[["regex.Match[str]"], str]
"""What takes the place of a match."""

_Found = TypeVar("_Found")

# A search that takes no more steps needs no clock; a clock makes a short search four times slower.
_FEW_STEPS = 10_000_000
_SUBSTITUTION = re.compile(r"\$(?:(?P<number>[0-9]+)|\{(?P<name>\w+)\}|(?P<sign>[$&`'+_]))")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. What runs longer than `seconds` on a value raises ValueProblem."""

    text: str
    compiled: regex.Pattern[str]
    groups: Groups
    short: int
    """Characters up to which a search needs no clock."""
    seconds: float

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text."""
        return self._run(text, self.compiled.search) is not None

    def matches_whole(self, text: str) -> bool:
        """Whether the whole text is one match."""
        return self._run(text, self.compiled.fullmatch) is not None

    def group_in(self, text: str, group: str) -> str | None:
        """What a group holds in the first match; None where the pattern does not match."""
        number = self._number(group)
        match = self._run(text, self.compiled.search)
        return None if match is None else match.group(number)

    def replacer(self, replacement: str) -> Callable[[str], str]:
        """A function that replaces all matches in a text; `replacement` is .NET's: `$1`, `${name}`, `$&`, `$$`."""
        parts = self._parts(replacement)
        if len(parts) > 1 or not isinstance(parts[0], str):
            return self._changing(_expansion(parts))
        plain, substitute = parts[0], self.compiled.sub
        # Texts up to this length can neither take long nor grow too long.
        limit = min(self.short, MAX_TEXT // max(1, len(plain)) - 1)
        template, changing = plain.replace("\\", "\\\\"), self._changing(lambda _: plain)
        return lambda text: substitute(template, text) if len(text) <= limit else changing(text)

    def group_replacer(self, group: str, expansion: Expansion) -> Callable[[str], str]:
        """A function that replaces, in each match of a text, what one group holds."""
        number = self._number(group)

        def changed(match: regex.Match[str]) -> str:
            start, end = match.span(number)
            if start < 0:
                return match.group()
            text, offset = match.group(), match.start()
            return f"{text[: start - offset]}{expansion(match)}{text[end - offset :]}"

        return self._changing(changed)

    def expansion(self, replacement: str) -> Expansion:
        """What a replacement of .NET becomes for a match."""
        return _expansion(self._parts(replacement))

    def _changing(self, expansion: Expansion) -> Callable[[str], str]:
        def substitute(text: str) -> str:
            length = len(text)

            def counted(match: regex.Match[str]) -> str:
                nonlocal length
                changed = expansion(match)
                length += len(changed)
                if length > MAX_TEXT:
                    raise ValueProblem(f"the result is longer than {MAX_TEXT} characters")
                return changed

            return self._run(text, lambda *_, **clock: self.compiled.sub(counted, text, **clock))

        return substitute

    def _run(self, text: str, search: Callable[..., _Found]) -> _Found:
        if len(text) <= self.short:
            return search(text)
        try:
            return search(text, timeout=self.seconds)
        except TimeoutError:
            raise ValueProblem(f"the pattern {shown(self.text)} took longer than {self.seconds:g} s") from None

    def _number(self, group: str) -> int:
        number = self.groups.number(group)
        if number is None:
            raise ValueProblem(f"the pattern {shown(self.text)} has no group {group}")
        return number

    def _parts(self, replacement: str) -> list[str | Expansion]:
        parts: list[str | Expansion] = []
        plain, position = "", 0
        for match in _SUBSTITUTION.finditer(replacement):
            plain += replacement[position : match.start()]
            position = match.end()
            part = "$" if match["sign"] == "$" else self._part(match)
            if isinstance(part, str):
                plain += part
            else:
                parts += [plain, part] if plain else [part]
                plain = ""
        plain += replacement[position:]
        return [*parts, plain] if plain or not parts else parts

    def _part(self, match: re.Match[str]) -> str | Expansion:
        if sign := match["sign"]:
            return _SIGNS[sign] if sign != "+" else _group(self.groups.last)
        name = match["number"] or match["name"]
        number = self.groups.number(str(int(name)) if name.isdecimal() else name)
        # .NET leaves a reference to a group that is not there as it is written.
        return match.group() if number is None else _group(number)


_SIGNS: dict[str, Expansion] = {
    "&": lambda match: match.group(),
    "`": lambda match: match.string[: match.start()],
    "'": lambda match: match.string[match.end() :],
    "_": lambda match: match.string,
}


def _group(number: int) -> Expansion:
    return lambda match: match.group(number) or ""


def _expansion(parts: list[str | Expansion]) -> Expansion:
    return lambda match: "".join(part if isinstance(part, str) else part(match) for part in parts)


@lru_cache(maxsize=128)
def compile_pattern(text: str, seconds: float) -> Pattern:
    """Compile a pattern of .NET. Raises ValueProblem for one that .NET refuses, UnknownHereProblem for one that cannot
    be rewritten."""
    try:
        translated = translate(text)
        compiled = regex.compile(translated.pattern, regex.VERSION1)
    except (PatternError, regex.error, OverflowError, RecursionError, MemoryError) as error:
        kind = UnknownHereProblem if isinstance(error, UnsupportedPatternError) else ValueProblem
        raise kind(f"the pattern {shown(text)} cannot be used: {error}") from None
    short = -1
    if not translated.nested:
        short = int((_FEW_STEPS / translated.branches) ** (1 / (translated.repeats + 1)))
    return Pattern(text, compiled, translated.groups, short, seconds)
