"""A report on the guide for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from eptura_scim.cli.review.guide_words import (
    MARKS,
    RESULTS,
    change,
    changes_problem,
    failure,
    failures_problem,
    headline,
)
from eptura_scim.cli.status_text import at, block
from eptura_scim.operations.guide import GuideLine, GuideReport
from eptura_scim.operations.guide_checks import Result

__all__ = ["guide_block"]

_STYLES: dict[Result, str] = {"ok": "green", "chosen": "green", "differs": "bold red", "unknown": "yellow"}


def guide_block(report: GuideReport) -> RenderableType:
    """The whole report."""
    return Group(*_parts(report))


def _parts(report: GuideReport) -> Iterator[RenderableType]:
    yield Text(headline(report), "bold red" if report.differ else "bold green")
    yield Text(f"{report.application or report.service_principal_id}, {at(report.observed_at)}\n", "dim")
    table = Table.grid(padding=(0, 1))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in report.lines:
        table.add_row(Text(MARKS[line.result], _STYLES.get(line.result, "dim")), line.step, _told(line))
    yield table
    yield Text("")
    yield block(report.status)
    if report.failures:
        yield Text("\nWho failed last", "bold")
        yield from (Padding(Text(f"{at(found.time)} {failure(found)}"), (0, 0, 0, 2)) for found in report.failures)
    if report.changes:
        yield Text("\nLast changes of the configuration", "bold")
        yield from (Padding(Text(f"{at(found.time)} {change(found)}"), (0, 0, 0, 2)) for found in report.changes)
    if problem := changes_problem(report):
        yield Text(f"\n{problem}", "dim")
    if problem := failures_problem(report):
        yield Text(f"\n{problem}", "dim")


def _told(line: GuideLine) -> Text:
    told = Text(line.asks, "dim" if line.result == "nothing" else "")
    if line.result in {"differs", "unknown", "chosen"}:
        told.append(f"\n{RESULTS[line.result]}: {line.live}", _STYLES[line.result])
    return told
