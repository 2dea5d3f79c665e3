"""A fleet for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from eptura_scim.cli.review.fleet_words import (
    drift,
    failures,
    last_success,
    problems,
    provisioning,
    summary,
    token,
    versions,
)
from eptura_scim.cli.status_text import at
from eptura_scim.operations.fleet import FleetReport, StackReport

__all__ = ["fleet_block"]


def fleet_block(report: FleetReport) -> RenderableType:
    """The whole report: a few lines for each stack, so that it fits a narrow terminal."""
    return Group(*_parts(report))


def _parts(report: FleetReport) -> Iterator[RenderableType]:
    yield Text(summary(report), "bold yellow" if report.exit_code else "bold green")
    yield Text(f"{report.project}, {at(report.observed_at)}, Pulumi {report.pulumi}", "dim")
    for one in report.stacks:
        yield Text(f"\n{one.stack}", "bold yellow" if one.exit_code else "bold green")
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for label, said in _rows(report, one):
            table.add_row(label, Text(said))
        yield Padding(table, (0, 0, 0, 2), expand=False)


def _rows(report: FleetReport, one: StackReport) -> Iterator[tuple[str, str]]:
    yield "Drift", drift(one)
    yield "Provisioning", provisioning(one)
    yield "Last success", last_success(one, report.observed_at)
    yield "Failed", failures(one)
    yield "Token", token(one, report.observed_at)
    yield "Plugins", versions(one)
    yield from (("Not known", problem) for problem in problems(one))
