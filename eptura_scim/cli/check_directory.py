"""`eptura-scim check-directory`: what a whole directory would meet at go-live."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eptura_scim.errors import ReadableError
from eptura_scim.jobs.locate import JobOption, ProjectOption, ServicePrincipalOption, StackOption
from eptura_scim.simulation.select_mappings import MappingsChoice, PhoneOption

if TYPE_CHECKING:
    from rich.progress import Progress

    from eptura_scim.simulation.directory_check.report import DirectoryReport
    from eptura_scim.simulation.directory_check.result import CheckResult
    from eptura_scim.simulation.directory_check.run import Run
    from eptura_scim.simulation.directory_check.scan import Plan
    from eptura_scim.simulation.directory_check.sources.files import Export

__all__ = ["check_directory"]

_SMALL = 16 << 20
FINDINGS_OF_ERROR = 3
"""The exit code where a finding is an error."""


class _OutputError(ReadableError):
    """A file cannot be written."""


def check_directory(
    *,
    source: Annotated[
        str,
        typer.Argument(
            metavar="tenant|FILE|FOLDER",
            help="`tenant` reads the tenant; a file or a folder of files: NDJSON of Graph, the portal's CSV, Parquet.",
        ),
    ],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page to read and print.", dir_okay=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    examples: Annotated[int, typer.Option(metavar="N", help="Examples of each finding.", min=0, max=1000)] = 5,
    mappings: MappingsChoice = None,
    phone_work: PhoneOption = None,
    phone_mobile: PhoneOption = None,
    assigned: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Object ids of those who are assigned, one a line: the others count as left out.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Keep what was read of the tenant there, to check again.", file_okay=False),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Processes. Default: one for each core.", min=1)
    ] = None,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Check users and groups before go-live: who would fail, collide or be left out, and why. Nothing is written.

    Exit codes: 0 no finding is an error, 1 cannot be read, 2 wrong usage, 3 there are errors among the findings.
    """
    from eptura_scim.simulation.directory_check.open_directory import Options, opened_source

    options = Options(
        mappings=mappings,
        phone_work=phone_work,
        phone_mobile=phone_mobile,
        assigned=assigned,
        keep=keep,
        examples=examples,
        service_principal=service_principal,
        job=job,
        stack=stack,
        project=project,
    )
    opened = asyncio.run(opened_source(source, options, _now()))
    try:
        result = _checked(opened.plan, opened.export, workers)
    finally:
        opened.close()
    report = _report(result, opened.export, source, opened.mappings, opened.plan.now)
    if html is not None:
        _write_page(report, html)
    _show(report, as_json)
    raise typer.Exit(FINDINGS_OF_ERROR if report.worst == "error" else 0)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _checked(plan: Plan, export: Export, workers: int | None) -> CheckResult:
    from eptura_scim.simulation.directory_check.process_pool import Processes, cores
    from eptura_scim.simulation.directory_check.run import check, one_after_another

    # Starting a process takes longer than looking at a small file.
    small = sum(path.stat().st_size for path in export.files) < _SMALL
    number = workers or (1 if small else cores())
    runner: AbstractContextManager[Run] = Processes(number) if number > 1 else nullcontext(one_after_another)
    total = sum(partition.size for partition in export.partitions)
    with runner as run, _progress() as progress:
        task = progress.add_task("looking at users and groups", total=total)
        return check(plan, export.partitions, run, lambda size: progress.advance(task, size))


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _report(result: CheckResult, export: Export, source: str, mappings: str, now: datetime) -> DirectoryReport:
    from eptura_scim.simulation.directory_check.report import directory_report

    return directory_report(
        result, source=source, mappings=mappings, checked=now.isoformat(), place=export.location
    )  # fmt: skip


def _write_page(report: DirectoryReport, path: Path) -> None:
    from eptura_scim.cli.check_directory_page import page

    try:
        path.write_text(page(report), encoding="utf-8")
    except OSError as error:
        raise _OutputError(f"--html: {path} cannot be written: {error.strerror or error}") from error


def _show(report: DirectoryReport, as_json: bool) -> None:
    from rich.console import Console

    from eptura_scim.simulation.directory_check.report import print_report

    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        print_report(report, Console(highlight=False, markup=False))
