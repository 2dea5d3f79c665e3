"""`eptura-scim drift`: what differs between Entra and the stack, setting by setting."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eptura_scim.cli.options import ProjectOption, StackOption
from eptura_scim.cli.progress import working
from eptura_scim.cli.review.drift_markdown import failed, markdown
from eptura_scim.cli.review.drift_page import page
from eptura_scim.cli.review.drift_text import block
from eptura_scim.engine import EngineError, ProjectStack, find_engine
from eptura_scim.operations.drift import DriftReport
from eptura_scim.operations.review import review
from eptura_scim.report import tell

__all__ = ["drift"]


class Format(StrEnum):
    """What is printed."""

    TABLE = "table"
    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"


def drift(
    *,
    output: Annotated[
        Format,
        typer.Option("--format", help="For a terminal, a pull request, a browser, or a program.", case_sensitive=False),
    ] = Format.TABLE,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Show where Entra differs from what the stack declares, what `pulumi up` would do, and who changed it.

    Nothing is changed. Exit codes: 0 no drift, 2 drift, 1 the review failed, 64 wrong usage.
    """
    try:
        report = asyncio.run(_review(project, stack))
    except EngineError as error:
        if output is Format.MARKDOWN:  # a pull request shows the failure as well
            typer.echo(failed(stack or "", str(error)))
        raise
    _print(report, output)
    raise typer.Exit(report.exit_code)


async def _review(project: Path, stack: str | None) -> DriftReport:
    opened = ProjectStack.open(find_engine(tell), project, stack)
    with working(f"running `pulumi preview` of {opened.name}"):
        return await review(opened, os.environ, datetime.now(UTC).replace(microsecond=0))


def _print(report: DriftReport, output: Format) -> None:
    match output:
        case Format.TABLE:
            Console(highlight=False, markup=False).print(block(report))
        case Format.MARKDOWN:
            typer.echo(markdown(report))
        case Format.HTML:
            typer.echo(page(report))
        case Format.JSON:
            typer.echo(report.model_dump_json(indent=2))
