"""A drift report for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from eptura_scim.cli.review.drift_words import CAUSES, counts, since, title, unknown_changes, what_up_does
from eptura_scim.operations.drift import DriftReport, SettingDrift

__all__ = ["block"]


def block(report: DriftReport) -> RenderableType:
    """The whole report."""
    return Group(*_parts(report))


def _parts(report: DriftReport) -> Iterator[RenderableType]:
    yield Text(title(report), "bold yellow" if report.drift else "bold green")
    yield Text(f"stack {report.stack} of {report.project}{f': {counts(report)}' if report.drift else ''}", "dim")
    for place, settings in groupby(report.settings, key=lambda one: one.place):
        yield Text(f"\n{place}", "bold")
        yield from (Padding(_setting(one), (0, 0, 0, 2), expand=False) for one in settings)
    if report.costs:
        yield Text("\nWhat `pulumi up` brings with it", "bold")
        yield _bullets(report.costs)
    if report.warnings:
        yield Text("\nThe preview also warns", "bold")
        yield _bullets(report.warnings)
    if problem := unknown_changes(report):
        yield Text(f"\n{problem}", "dim")


def _bullets(lines: Iterable[str]) -> RenderableType:
    """A list whose wrapped lines begin below the text of their first."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        table.add_row("  -", Text(line))
    return table


def _setting(one: SettingDrift) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, said in _rows(one):
        table.add_row(f"  {label}", Text(said))
    return Group(Text(f"{one.setting}{f' ({one.step})' if one.step else ''}"), table)


def _rows(one: SettingDrift) -> Iterator[tuple[str, str]]:
    yield "live", one.live
    yield "declared", one.declared
    if one.guide is not None and one.guide != one.declared:
        yield "the guide", one.guide
    if one.cause != "unknown":
        yield "why", CAUSES[one.cause]
    yield "up", what_up_does(one)
    if changed := since(one):
        yield "changed", changed
