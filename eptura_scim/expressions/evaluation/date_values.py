"""Functions over dates and times."""

from __future__ import annotations

from datetime import datetime

from eptura_scim.expressions.evaluation import date_functions as dates
from eptura_scim.expressions.evaluation.builders import (
    Builder,
    CompiledCall,
    Evaluator,
    given,
    moment,
    optional,
    plain,
    text,
)
from eptura_scim.expressions.evaluation.date_formats import format_date_time
from eptura_scim.expressions.evaluation.values import Value, as_moment

__all__ = ["MOMENT_FUNCTIONS"]


def _date_add(call: CompiledCall) -> Evaluator:
    semantics = call.semantics

    def date_add(interval: str, value: Value, start: datetime) -> datetime:
        return dates.date_add(interval, value, start, semantics)

    return plain(date_add, text("interval"), given("value"), moment("dateTime"))(call)


def _date_diff(call: CompiledCall) -> Evaluator:
    semantics = call.semantics

    def date_diff(interval: str, first: datetime, second: datetime) -> int:
        return dates.date_diff(interval, first, second, semantics)

    return plain(date_diff, text("interval"), moment("date1"), moment("date2"))(call)


def _now(_call: CompiledCall) -> Evaluator:
    return lambda _attributes, context: as_moment(context.moment())


def _format_date_time(call: CompiledCall) -> Evaluator:
    years = call.semantics.two_digit_years

    def formatted(now: datetime, source: str, pattern: str, output: str, styles: str | None) -> str:
        return format_date_time(source, styles, pattern, output, now, years)

    reads = [
        _now(call),
        text("source")(call),
        text("inputFormat")(call),
        text("outputFormat")(call),
        optional(text, "dateTimeStyles")(call),
    ]
    return call.applied(formatted, reads, 4)


MOMENT_FUNCTIONS: dict[str, Builder] = {
    "CDate": plain(as_moment, moment("expression")),
    "DateAdd": _date_add,
    "DateDiff": _date_diff,
    "DateFromNum": plain(dates.date_from_num, given("value")),
    "FormatDateTime": _format_date_time,
    "Now": _now,
    "NumFromDate": plain(dates.num_from_date, given("value")),
}
"""Functions that take or give moments."""
