"""Case of letters as .NET changes it: one character for one, so `ß` has no upper case here."""

from __future__ import annotations

import unicodedata

__all__ = ["lower", "title", "upper"]

# Where .NET's word breaks are, by Unicode category: blanks, controls, formats, punctuation, symbols.
_BREAKS = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"})
_APOSTROPHE = "'"
# Turkish and Azeri tell the dotted i from the dotless one.
_DOTLESS = "\N{LATIN SMALL LETTER DOTLESS I}"
_TURKIC_LOWER = str.maketrans({"I": _DOTLESS, "İ": "i"})
_TURKIC_UPPER = str.maketrans({"i": "İ", _DOTLESS: "I"})


def lower(text: str, culture: str | None = None) -> str:
    """Lower case; `culture` such as `tr-TR`, none is the invariant one."""
    if _is_turkic(culture):
        text = text.translate(_TURKIC_LOWER)
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def upper(text: str, culture: str | None = None) -> str:
    """Upper case; `culture` such as `tr-TR`, none is the invariant one."""
    if _is_turkic(culture):
        text = text.translate(_TURKIC_UPPER)
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def _is_turkic(culture: str | None) -> bool:
    return culture is not None and culture.partition("-")[0].lower() in {"tr", "az"}


def _lower(character: str) -> str:
    changed = character.lower()
    return changed if len(changed) == 1 else character


def _upper(character: str) -> str:
    changed = character.upper()
    return changed if len(changed) == 1 else character


def title(text: str, separators: str | None, *, apostrophe_breaks: bool) -> str:
    """The first letter of each word in upper case, the rest lower.

    With `separators` only those end a word; without, .NET's word breaks do, with or without the apostrophe.
    """
    found: list[str] = []
    in_word = False
    for character in lower(text):
        if in_word:
            in_word = not _breaks(character, separators, apostrophe_breaks=apostrophe_breaks)
            found.append(character)
        elif character.isalpha():
            in_word = True
            found.append(_upper(character))
        else:
            found.append(character)
    return "".join(found)


def _breaks(character: str, separators: str | None, *, apostrophe_breaks: bool) -> bool:
    if separators is not None:
        return character in separators
    if character == _APOSTROPHE:
        return apostrophe_breaks
    return unicodedata.category(character) in _BREAKS
