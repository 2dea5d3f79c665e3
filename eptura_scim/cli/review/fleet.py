"""`eptura-scim fleet`: many stacks at a glance."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eptura_scim.cli.options import HtmlOption, JsonOption, ProjectOption
from eptura_scim.cli.progress import working
from eptura_scim.cli.review.fleet_page import fleet_page
from eptura_scim.cli.review.fleet_text import fleet_block
from eptura_scim.engine import Engine, ProjectStack, StackError, find_engine
from eptura_scim.operations.fleet import FleetReport, review_fleet
from eptura_scim.page import write_page
from eptura_scim.quantities import counted
from eptura_scim.report import tell

__all__ = ["fleet"]


def fleet(
    *,
    stacks: Annotated[list[str] | None, typer.Argument(metavar="STACK…", help="The stacks of the project.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All stacks of the project.")] = False,
    html: HtmlOption = None,
    as_json: JsonOption = False,
    parallel: Annotated[int, typer.Option(metavar="N", help="Stacks at a time.", min=1, max=32)] = 4,
    project: ProjectOption = Path(),
) -> None:
    """Show drift, provisioning, last success, failures, token expiry and versions of stacks. Nothing is changed.

    Exit codes: that of the worst stack, in this order: 1 a stack cannot be reviewed, 3 quarantine, 4 the last run had
    errors, 7 overdue, 2 drift, 5 stopped, 6 never started; 0 none of these, 64 wrong usage.
    """
    if bool(stacks) == every:
        raise typer.BadParameter("name the stacks, or give --all")
    engine = find_engine(tell)
    names = list(dict.fromkeys(stacks or ProjectStack.names(engine, project)))
    if not names:
        raise StackError(
            "the project has no stack in this backend: `pulumi whoami --verbose` names the backend, `pulumi login` or "
            "PULUMI_BACKEND_URL chooses another, `pulumi stack init` makes a stack"
        )
    opened = [ProjectStack.open(engine, project, name) for name in names]
    now = datetime.now(UTC).replace(microsecond=0)
    report = _reviewed(opened, engine, now, parallel)
    if html is not None:
        write_page(html, fleet_page(report))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        Console(highlight=False, markup=False).print(fleet_block(report))
    raise typer.Exit(report.exit_code)


def _reviewed(stacks: list[ProjectStack], engine: Engine, now: datetime, at_once: int) -> FleetReport:
    """The stacks, reviewed; a terminal sees how many are left."""
    left, number = {stack.name for stack in stacks}, counted(len(stacks), "stack")
    with working(f"reviewing {number}") as show:

        def reviewed(name: str) -> None:
            left.discard(name)
            show(f"reviewing {number}: {len(left)} left")

        return asyncio.run(review_fleet(stacks, engine, os.environ, now, at_once=at_once, on_review=reviewed))
