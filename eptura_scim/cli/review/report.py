"""`eptura-scim report`: the guide line by line beside an application, hand-made ones too."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console

from eptura_scim.cli.options import (
    HtmlOption,
    JobOption,
    JsonOption,
    ProjectOption,
    ServicePrincipalOption,
    StackOption,
)
from eptura_scim.cli.progress import working
from eptura_scim.cli.review.guide_page import guide_page
from eptura_scim.cli.review.guide_text import guide_block
from eptura_scim.jobs.locate import JobSelector, open_job
from eptura_scim.operations.guide import GuideReport, read_guide
from eptura_scim.page import write_page

__all__ = ["report"]


def report(
    *,
    html: HtmlOption = None,
    as_json: JsonOption = False,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Compare an application with Eptura's guide, line by line, and show the provisioning status.

    Nothing is changed; the saved connection is tested. Works for applications that were made by hand as well. Exit
    codes: 0 no line differs, 2 a line differs, 1 it cannot be read, 64 wrong usage.
    """
    with working("reading the application and testing its connection"):
        found = asyncio.run(_read(JobSelector(service_principal, job, stack, project)))
    if html is not None:
        write_page(html, guide_page(found))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        Console(highlight=False, markup=False).print(guide_block(found))
    raise typer.Exit(found.exit_code)


async def _read(selector: JobSelector) -> GuideReport:
    async with open_job(selector) as session:
        return await read_guide(session, os.environ, datetime.now(UTC).replace(microsecond=0))
