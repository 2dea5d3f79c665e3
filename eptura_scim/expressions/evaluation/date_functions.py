"""Moments: CDate, DateAdd, DateDiff, FILETIME numbers.

Sources: Microsoft, "Reference for writing expressions" (CDate, DateAdd, DateDiff, DateFromNum, NumFromDate).
Where it is silent, Visual Basic's functions of the same names are the model.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta

from eptura_scim.errors import shown
from eptura_scim.expressions.evaluation.values import Value, ValueProblem, as_integer, as_moment, as_number
from eptura_scim.expressions.semantics import Semantics

__all__ = [
    "date_add",
    "date_diff",
    "date_from_num",
    "moment",
    "num_from_date",
    "offset",
]

_ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_AMERICAN = re.compile(
    r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"
    r"(?: (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?(?: ?(?P<half>[AaPp][Mm]))?)?"
)
_FILETIME_ZERO = datetime(1601, 1, 1, tzinfo=UTC)
_TICKS_PER_SECOND = 10_000_000
_FORMS = "2020-03-16, 2020-03-16-07:00, 2020-03-16T01:45:30-07:00 or 3/16/2020 1:45:30 AM"


def moment(value: Value) -> datetime:
    """CDate: the moment, in UTC, that a text names. A text without an offset is UTC. Raises ValueProblem."""
    if isinstance(value, datetime):
        return as_moment(value)
    text = value.strip() if isinstance(value, str) else ""
    match = _ISO.fullmatch(text) or _AMERICAN.fullmatch(text)
    if match is None:
        raise ValueProblem(f"a date such as {_FORMS} is needed, not {shown(value)}")
    return _moment(match, value)


def _iso_moment(value: Value) -> datetime:
    if isinstance(value, datetime):
        return as_moment(value)
    match = _ISO.fullmatch(value.strip() if isinstance(value, str) else "")
    if match is None:
        raise ValueProblem(f"an ISO 8601 date such as 2020-12-31T23:59:59-08:00 is needed, not {shown(value)}")
    return _moment(match, value)


def _moment(match: re.Match[str], value: Value) -> datetime:
    parts = match.groupdict()
    hour = int(parts["hour"] or 0)
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueProblem(f"{shown(value)} has no hour from 1 to 12")
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return datetime(
            int(parts["year"]),
            int(parts["month"]),
            int(parts["day"]),
            hour,
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            int((parts.get("fraction") or "0")[:6].ljust(6, "0")),
            tzinfo=UTC,
        ) - offset(parts.get("zone"))
    except (ValueError, OverflowError):
        raise ValueProblem(f"{shown(value)} is not a moment of the years 1 to 9999") from None


def offset(zone: str | None) -> timedelta:
    """What `-07:00` is ahead of UTC; nothing for `Z` and for none."""
    if zone is None or zone == "Z":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -ahead if zone[0] == "-" else ahead


_STEPS: dict[str, timedelta] = {
    "d": timedelta(days=1),
    "ww": timedelta(weeks=1),
    "h": timedelta(hours=1),
    "n": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_INTERVALS = "yyyy, m, d, ww, h, n, s"


def date_add(interval: str, value: Value, start: datetime, semantics: Semantics) -> datetime:
    """DateAdd: a moment, moved by a number of intervals. Raises ValueProblem."""
    number = as_number(value)
    try:
        count = int(number)
        if interval in _STEPS:
            return start + count * _STEPS[interval]
        if interval in {"m", "yyyy"}:
            return _months_later(start, count * (12 if interval == "yyyy" else 1), semantics)
    except (ValueError, OverflowError):
        raise ValueProblem(f"{shown(value)} {interval} from there are outside of the years 1 to 9999") from None
    raise ValueProblem(f"the interval is one of {_INTERVALS}, not {shown(interval)}")


def _months_later(start: datetime, months: int, semantics: Semantics) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    later = start.replace(year=year, month=month + 1, day=min(start.day, last))
    if semantics.month_overflow == "next month":
        later += timedelta(days=max(0, start.day - last))
    return later


def date_diff(interval: str, first: datetime, second: datetime, semantics: Semantics) -> int:
    """DateDiff: how many intervals from the first moment to the second; negative when that one is earlier.

    Raises ValueProblem.
    """
    match interval:
        case "yyyy":
            return second.year - first.year
        case "m":
            return (second.year - first.year) * 12 + second.month - first.month
        case "d" if semantics.date_diff_days == "calendar":
            return (second.date() - first.date()).days
        case "ww" if semantics.date_diff_weeks == "rounded":
            return round((second - first) / timedelta(weeks=1))
        case "ww":
            return _toward_zero(_since_sunday(second) - _since_sunday(first), _STEPS["ww"])
        case _ if interval in _STEPS:
            return _toward_zero(second - first, _STEPS[interval])
    raise ValueProblem(f"the interval is one of {_INTERVALS}, not {shown(interval)}")


def _since_sunday(value: datetime) -> timedelta:
    """The Sunday before, at the same time of day, as a distance: the first week of the calendar has none."""
    return value - _FILETIME_ZERO - timedelta(days=value.isoweekday() % 7)


def _toward_zero(span: timedelta, step: timedelta) -> int:
    return span // step if span >= timedelta() else -(-span // step)


def date_from_num(value: Value) -> datetime:
    """DateFromNum: the moment of a FILETIME, 100 ns since 1601-01-01 UTC; a tenth of a microsecond is cut.

    Raises ValueProblem.
    """
    ticks = as_integer(value)
    try:
        return _FILETIME_ZERO + timedelta(microseconds=ticks // 10)
    except OverflowError:
        raise ValueProblem(f"{shown(value)} is not a FILETIME of the years 1 to 9999") from None


def num_from_date(value: Value) -> int:
    """NumFromDate: the FILETIME of an ISO 8601 text."""
    span = _iso_moment(value) - _FILETIME_ZERO
    return (span.days * 86_400 + span.seconds) * _TICKS_PER_SECOND + span.microseconds * 10
