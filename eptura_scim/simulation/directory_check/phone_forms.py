"""Telephone numbers as people write them, and as the guide wants them (S22: RFC 3966)."""

from __future__ import annotations

import re
from typing import Literal

from eptura_scim.phones import NUMBER

__all__ = ["PhoneForm", "phone_form", "phone_shape"]

PhoneForm = Literal["rfc3966", "e164", "other", "nothing"]
"""What is sent: a `tel:` URI, its number part alone, something else, or nothing."""

_PARAMETER = r"(?:;[A-Za-z0-9-]+(?:=[A-Za-z0-9\[\]/:&+$._!~*'()%-]+)?)*"
_CONTEXT = r";phone-context=(?:\+[0-9().-]*[0-9][0-9().-]*|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
# RFC 3966 section 3: a global number, or a local one with its context.
_URI = re.compile(
    rf"tel:(?:\+[().-]*[0-9][0-9().-]*{_PARAMETER}"
    rf"|[0-9A-Fa-f*#().-]*[0-9A-Fa-f*#][0-9A-Fa-f*#().-]*{_PARAMETER}{_CONTEXT}{_PARAMETER})",
    re.IGNORECASE,
)
_E164 = re.compile(NUMBER)
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = str.maketrans("0123456789", "9999999999")
_LONGEST = 32


def phone_form(text: str | None) -> PhoneForm:
    """What a value is that would be sent."""
    if not text:
        return "nothing"
    if _URI.fullmatch(text):
        return "rfc3966"
    return "e164" if _E164.fullmatch(text) else "other"


def phone_shape(text: str) -> str:
    """A number's way of writing: `+1 (425) 555-0100` is `+9 (999) 999-9999`; words are `a`."""
    shape = text[:_LONGEST].translate(_DIGITS)
    if not shape.isascii() or any(map(str.isalpha, shape)):
        shape = _LETTERS.sub("a", shape)
    return shape if len(text) <= _LONGEST else f"{shape}…"
