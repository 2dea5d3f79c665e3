"""FormatDateTime: .NET's custom and standard date formats, read as ParseExact does and written as ToString does.

Source: Microsoft, "Custom date and time format strings" and "Standard date and time format strings". The culture is
en-US, as in CDate's printed results, and the server's zone UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from eptura_scim.errors import shown
from eptura_scim.expressions.evaluation.date_functions import offset
from eptura_scim.expressions.evaluation.values import ValueProblem

__all__ = ["format_date_time"]

_STANDARD = {
    "d": "M/d/yyyy",
    "D": "dddd, MMMM d, yyyy",
    "f": "dddd, MMMM d, yyyy h:mm tt",
    "F": "dddd, MMMM d, yyyy h:mm:ss tt",
    "g": "M/d/yyyy h:mm tt",
    "G": "M/d/yyyy h:mm:ss tt",
    "m": "MMMM d",
    "M": "MMMM d",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "h:mm tt",
    "T": "h:mm:ss tt",
    "u": "yyyy-MM-dd HH:mm:ssZ",
    "y": "MMMM yyyy",
    "Y": "MMMM yyyy",
}
_STYLES = {
    "None",
    "AllowLeadingWhite",
    "AllowTrailingWhite",
    "AllowInnerWhite",
    "AllowWhiteSpaces",
    "NoCurrentDateDefault",
    "AdjustToUniversal",
    "AssumeLocal",
    "AssumeUniversal",
    "RoundtripKind",
}
# Not from the calendar module, whose names are those of the process's locale.
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]
_MONTHS += ["November", "December"]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_SPECIFIER = re.compile(r"(?P<letter>[dfFghHKmMstyz])(?P=letter)*")
_QUOTED = re.compile(r"'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|\\(?P<escaped>.)|%(?=.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    literal: bool


@lru_cache(maxsize=256)
def _parts(pattern: str) -> tuple[_Part, ...]:
    """A format in its specifiers (`yyyy`) and literals. Raises ValueProblem."""
    pattern = _STANDARD.get(pattern, pattern)
    if not pattern or (len(pattern) == 1 and pattern.isalpha()):
        raise ValueProblem(f"{shown(pattern)} is not a date format")
    found: list[_Part] = []
    position = 0
    while position < len(pattern):
        if match := _QUOTED.match(pattern, position):
            found.append(_Part(match["single"] or match["double"] or match["escaped"] or "", literal=True))
        elif match := _SPECIFIER.match(pattern, position):
            found.append(_Part(match.group(), literal=False))
        elif pattern[position] in "'\"\\%":
            raise ValueProblem(f"{shown(pattern)} is not a date format: {pattern[position]} is not complete")
        else:
            found.append(_Part(pattern[position], literal=True))
            position += 1
            continue
        position = match.end()
    return tuple(found)


def format_date_time(  # noqa: PLR0917 as the function's parameters, and what surrounds it
    text: str, styles: str | None, input_format: str, output_format: str, now: datetime, two_digit_years: int
) -> str:
    """A date's text in another format. Raises ValueProblem."""
    allowed = {style.strip() for style in (styles or "").split(",")} - {""}
    if unknown := allowed - _STYLES:
        raise ValueProblem(f"{', '.join(sorted(unknown))} is not one of the styles {', '.join(sorted(_STYLES))}")
    allowed = allowed or {"RoundtripKind", "AllowLeadingWhite", "AllowTrailingWhite"}
    spaces = "AllowWhiteSpaces" in allowed
    if spaces or "AllowLeadingWhite" in allowed:
        text = text.lstrip()
    if spaces or "AllowTrailingWhite" in allowed:
        text = text.rstrip()
    inner = spaces or "AllowInnerWhite" in allowed
    match = _reader(input_format, inner).fullmatch(text)
    if match is None:
        raise ValueProblem(f"{shown(text)} is not of the format {shown(input_format)}")
    try:
        found, zoned = _moment(_fields(match), now, two_digit_years)
    except (ValueError, OverflowError):
        raise ValueProblem(f"{shown(text)} is not a moment of the years 1 to 9999") from None
    return "".join(part.text if part.literal else _written(part.text, found, zoned) for part in _parts(output_format))


# letter and length of a specifier -> field and pattern of what it reads; a length that is not listed reads as the
# longest one. .NET takes one digit or two for a single letter, and just two for a double one.
_ONE_OR_TWO, _TWO = "[0-9]{1,2}", "[0-9]{2}"
_READ: dict[str, dict[int, tuple[str, str]]] = {
    "d": {1: ("day", _ONE_OR_TWO), 2: ("day", _TWO), 3: ("weekday3", "[A-Za-z]{3}"), 4: ("weekday", "[A-Za-z]{6,9}")},
    "g": {1: ("era", "A\\.?D\\.?")},
    "h": {1: ("hour12", _ONE_OR_TWO), 2: ("hour12", _TWO)},
    "H": {1: ("hour", _ONE_OR_TWO), 2: ("hour", _TWO)},
    "K": {1: ("zone", "(?:Z|[+-][0-9]{2}:[0-9]{2})?")},
    "m": {1: ("minute", _ONE_OR_TWO), 2: ("minute", _TWO)},
    "M": {1: ("month", _ONE_OR_TWO), 2: ("month", _TWO), 3: ("month3", "[A-Za-z]{3}"), 4: ("month4", "[A-Za-z]{3,9}")},
    "s": {1: ("second", _ONE_OR_TWO), 2: ("second", _TWO)},
    "t": {1: ("half", "[AaPp]"), 2: ("half", "[AaPp][Mm]")},
    "y": {1: ("year2", _ONE_OR_TWO), 2: ("year2", _TWO), 3: ("year", "[0-9]{3}"), 4: ("year", "[0-9]{4}")},
    "z": {1: ("zone", "[+-][0-9]{1,2}"), 2: ("zone", "[+-][0-9]{2}"), 3: ("zone", "[+-][0-9]{2}:?[0-9]{2}")},
}


@lru_cache(maxsize=256)
def _reader(pattern: str, inner_white: bool) -> re.Pattern[str]:
    found = []
    for number, part in enumerate(_parts(pattern)):
        if part.literal:
            found.append(re.escape(part.text))
        else:
            field, digits = _read(part.text)
            found.append(f"(?P<{field}_{number}>{digits})")
    return re.compile(("\\s*" if inner_white else "").join(found))


def _read(specifier: str) -> tuple[str, str]:
    letter, length = specifier[0], len(specifier)
    if letter in "fF":
        return "fraction", f"[0-9]{{{length}}}" if letter == "f" else f"[0-9]{{0,{length}}}"
    forms = _READ[letter]
    return forms[min(length, max(forms))]


def _fields(match: re.Match[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for key, value in match.groupdict().items():
        if fields.setdefault(key.rpartition("_")[0], value) != value:
            raise ValueProblem(f"the format reads {key.rpartition('_')[0]} twice, with different values")
    return fields


def _moment(fields: dict[str, str], now: datetime, two_digit_years: int) -> tuple[datetime, bool]:
    """The moment in UTC, and whether the text had a zone. What a text leaves out is today's, as in .NET."""
    dated = fields.keys() & {"year", "year2", "month", "month3", "month4", "day"}
    month, day = (1, 1) if dated else (now.month, now.day)
    year = int(fields.get("year") or now.year)
    if "year2" in fields:
        year = two_digit_years // 100 * 100 + int(fields["year2"])
        year -= 100 if year > two_digit_years else 0
    month = _number(fields, {"month3": [name[:3] for name in _MONTHS], "month4": _MONTHS}) or int(
        fields.get("month") or month
    )
    naive = datetime(
        year,
        month,
        int(fields.get("day") or day),
        _hour(fields),
        int(fields.get("minute") or 0),
        int(fields.get("second") or 0),
        int((fields.get("fraction") or "0")[:6].ljust(6, "0")),
        tzinfo=UTC,
    )
    weekday = _number(fields, {"weekday3": [name[:3] for name in _DAYS], "weekday": _DAYS})
    if weekday is not None and weekday != naive.isoweekday():
        raise ValueProblem(f"{naive.date()} is a {_DAYS[naive.weekday()]}, not a {_DAYS[weekday - 1]}")
    zone = fields.get("zone")
    if zone and zone != "Z" and len(zone) < 3:
        zone = f"{zone[0]}0{zone[1:]}"
    return naive - offset(zone or None), bool(zone)


def _number(fields: dict[str, str], names: dict[str, list[str]]) -> int | None:
    for field, listed in names.items():
        if field in fields:
            return [name.lower() for name in listed].index(fields[field].lower()) + 1
    return None


def _hour(fields: dict[str, str]) -> int:
    late = fields.get("half", "a")[0] in "pP"
    if "hour12" in fields:
        hour = int(fields["hour12"])
        if not 1 <= hour <= 12:
            raise ValueProblem(f"the hour must be 1-12, not {hour}")
        return hour % 12 + (12 if late else 0)
    hour = int(fields.get("hour") or 0)
    if "half" in fields and late != (hour >= 12):
        raise ValueProblem(f"hour {hour} is not {'PM' if late else 'AM'}")
    return hour


def _written(specifier: str, value: datetime, zoned: bool) -> str:  # noqa: PLR0911 one a specifier
    letter, length = specifier[0], len(specifier)
    two = min(length, 2)
    match letter:
        case "d" | "M" if length > 2:
            name = _DAYS[value.weekday()] if letter == "d" else _MONTHS[value.month - 1]
            return name if length > 3 else name[:3]
        case "f" | "F":
            digits = f"{value.microsecond:06}0"[:length].ljust(length, "0")
            return digits if letter == "f" else digits.rstrip("0")
        case "g":
            return "A.D."
        case "K":
            return "Z" if zoned else ""
        case "t":
            return ("PM" if value.hour >= 12 else "AM")[:length]
        case "y":
            return f"{value.year % 100:0{two}}" if length < 3 else f"{value.year:0{length}}"
        case "z":
            return ("+0", "+00", "+00:00")[min(length, 3) - 1]
    numbers = {
        "d": value.day,
        "M": value.month,
        "H": value.hour,
        "h": value.hour % 12 or 12,
        "m": value.minute,
        "s": value.second,
    }
    return f"{numbers[letter]:0{two}}"
