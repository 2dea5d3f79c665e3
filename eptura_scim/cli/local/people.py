"""`eptura-scim local people` and `eptura-scim local cycle`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from eptura_scim.cli.local.client import get, post
from eptura_scim.cli.local.state_folder import StateDir, running
from eptura_scim.cli.options import JsonOption
from eptura_scim.cli.progress import working

if TYPE_CHECKING:
    from eptura_scim.local_entra.web.reports import PeopleReport

__all__ = ["ApplicationOption", "cycle", "people"]

ApplicationOption = Annotated[
    str | None,
    typer.Option(
        "--application",
        metavar="NAME",
        help="Name of the enterprise application, or its object id. Default: the tenant's only one.",
        show_default=False,
    ),
]
_WIDE = 70
_NAME = 34
"""Columns of a terminal for a table, and of a name in it."""


def people(
    state_dir: StateDir = None,
    application: ApplicationOption = None,
    json: JsonOption = False,
) -> None:
    """Show the users and groups of the local Entra: who is in scope, why not, and what arrived at its SCIM server."""
    from eptura_scim.local_entra.web.reports import PeopleReport

    told = get(running(state_dir), "people", {"application": application})
    if json:
        typer.echo(told)
        return
    report = PeopleReport.model_validate_json(told)
    _print([("User or group", "In Entra", "In scope", "At the SCIM server"), *_rows(report)])
    if report.problem:
        typer.echo(report.problem, err=True)


def cycle(
    state_dir: StateDir = None,
    application: ApplicationOption = None,
    json: JsonOption = False,
) -> None:
    """Run a provisioning cycle now, and print what it did. The exit code is 1 if an object or the cycle failed."""
    from eptura_scim.local_entra.web.reports import CycleSummary

    at = running(state_dir)
    with working("running a cycle"):
        told = post(at, "cycle", {"application": application})
    report = CycleSummary.model_validate_json(told)
    if json:
        typer.echo(told)
    else:
        for line in report.lines():
            typer.echo(line)
    if report.failed or report.ended_early:
        raise typer.Exit(1)


def _print(rows: Sequence[tuple[str, str, str, str]]) -> None:
    """A table, or a few lines for each row where the terminal is narrow; in a file or a pipe nothing is folded."""
    console = Console(highlight=False)
    if not console.is_terminal:
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            first = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            typer.echo(f"{first}  {row[3]}".rstrip())
        return
    titles = rows[0]
    if console.width < _WIDE:
        for name, *cells in rows[1:]:
            console.print(Text(name))
            for title, cell in zip(titles[1:], cells, strict=True):
                console.print(Padding(Text(f"{title}: {cell}"), (0, 0, 0, 2)))
        return
    table = Table(box=box.SIMPLE, pad_edge=False, show_edge=False)
    for number, title in enumerate(titles):
        table.add_column(title, overflow="fold", min_width=_NAME if number == 0 else None)
    for row in rows[1:]:
        table.add_row(*map(Text, row))
    console.print(table)


def _rows(report: PeopleReport) -> Iterator[tuple[str, str, str, str]]:
    for person in report.people:
        scope = "not known" if person.in_scope is None else "yes" if person.in_scope else f"no: {person.reason}"
        inactive = " (inactive)" if person.is_active is False else ""
        there = "-" if person.arrived is None else f"{person.arrived}{inactive}"
        failed = f"  failed: {person.failure}" if person.failure else ""
        yield (person.name, person.about or person.kind.lower(), scope, f"{there}{failed}")
