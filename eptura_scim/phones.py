"""How a telephone number is sent: expressions that bring it into a form, or let nothing flow.

A number that cannot be written in the form asked for is not sent: cut or completed by guesswork it would be another
number. Sources: RFC 3966, sections 3 and 5.1 (`tel:+14255550100;ext=12`); ITU-T E.164 (at most 15 digits); Microsoft,
"Reference for writing expressions" (Replace, IgnoreFlowIfNullOrEmpty).
"""

from __future__ import annotations

from typing import Literal

from eptura_scim.expressions.nodes import Constant

__all__ = ["NUMBER", "Phone", "phone_source"]

Phone = Literal["off", "direct", "e164", "rfc3966"]
"""How a telephone number is sent: not at all, as it is, `+14255550100`, or `tel:+14255550100` (S20-S22)."""

NUMBER = r"\+[1-9][0-9]{6,14}"
"""A number as E.164 writes it. The standard has no least length; no country has fewer than 7 digits."""

# Separators go, and with them the 0 in brackets of `+44 (0)20 7946 0958`, but not where it is part of the number:
# Italy, San Marino, Vatican, Ivory Coast, Benin, Gabon, Congo.
_SEPARATORS = r"(?<=\+(?!39|378|379|225|229|241|242)[0-9]{1,3})[\s.\p{Pd}]*\(\s*0|[\s().\p{Pd}\p{Cf}]+"
_EXTENSION = r"(?i)^(?:tel:)?(?<number>\+[0-9]+)(?:;?ext(?:ensio)?n?[=:]?|x|#)(?<extension>[0-9]{1,10})$"
_URI = f"tel:{NUMBER}(?:;ext=[0-9]{{1,10}})?"


def phone_source(mode: Phone, source: str) -> str:
    """The expression that sends the number in `source`, an expression, in a form."""
    match mode:
        case "e164":
            return _only(NUMBER, _replaced(_compact(source), "(?i)^tel:", ""))
        case "rfc3966":
            number = _replaced(_compact(source), _EXTENSION, "tel:${number};ext=${extension}")
            return _only(_URI, _replaced(number, r"(?i)^(?:tel:)?\+", "tel:+"))
        case _:
            return source


def _compact(source: str) -> str:
    return _replaced(source, _SEPARATORS, "")


def _only(pattern: str, source: str) -> str:
    """The source if it is of the pattern; else, and without a source, nothing flows."""
    return f"IgnoreFlowIfNullOrEmpty({_replaced(source, f'^(?!{pattern}$).*$', '')})"


def _replaced(source: str, pattern: str, replacement: str) -> str:
    return f"Replace({source}, , {Constant(pattern)}, , {Constant(replacement)}, , )"
