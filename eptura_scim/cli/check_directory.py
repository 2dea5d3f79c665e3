"""`eptura-scim check-directory`: what a whole directory would meet at go-live."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eptura_scim.cli.options import (
    HtmlOption,
    JobOption,
    JsonOption,
    MappingsChoice,
    PhoneOption,
    ProjectOption,
    ServicePrincipalOption,
    StackOption,
)
from eptura_scim.errors import ReadableError

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

    from eptura_scim.simulation.directory_check.open_directory import DirectoryOptions, OpenSource
    from eptura_scim.simulation.directory_check.report import DirectoryReport
    from eptura_scim.simulation.directory_check.result import CheckResult
    from eptura_scim.simulation.directory_check.run import TaskRunner
    from eptura_scim.simulation.directory_check.scan import ScanPlan
    from eptura_scim.simulation.directory_check.sources.files import Export
    from eptura_scim.types import Kind

__all__ = ["check_directory"]

_SMALL = 16 << 20
FINDINGS_OF_ERROR = 3
"""The exit code where a finding is an error."""


class _OutputError(ReadableError):
    """A file cannot be written."""


_Source = Annotated[
    str,
    typer.Argument(
        metavar="tenant|FILE|FOLDER",
        help="`tenant` reads the tenant; else a file or a folder of files: JSON, CSV, Parquet (docs/go-live.md).",
    ),
]
_FindingsList = Annotated[
    Path | None,
    typer.Option("--list", metavar="FILE", help="Write all findings, object by object, as CSV.", dir_okay=False),
]
_Examples = Annotated[int, typer.Option(metavar="N", help="Examples of each finding.", min=0, max=1000)]
_Assigned = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Object ids of assigned users and groups, one per line; the others count as left out.",
        exists=True,
        dir_okay=False,
    ),
]
_Keep = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Keep the downloaded directory here, to check again.", file_okay=False),
]
_Workers = Annotated[int | None, typer.Option(metavar="N", help="Processes. Default: one for each core.", min=1)]


def check_directory(
    *,
    source: _Source,
    html: HtmlOption = None,
    findings_list: _FindingsList = None,
    as_json: JsonOption = False,
    examples: _Examples = 5,
    mappings: MappingsChoice = None,
    phone_work: PhoneOption = None,
    phone_mobile: PhoneOption = None,
    assigned: _Assigned = None,
    keep: _Keep = None,
    workers: _Workers = None,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Check users and groups before go-live: who would fail, collide or be left out, and why. Nothing is written.

    Exit codes: 0 ready (no finding is an error), 1 cannot be read, 3 not ready (a finding is an error), 64
    wrong usage.
    """
    from eptura_scim.graph.portal import named_portal
    from eptura_scim.simulation.directory_check.open_directory import DirectoryOptions

    options = DirectoryOptions(
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
    opened = _opened(source, options)
    portal = named_portal(os.environ)
    with tempfile.TemporaryDirectory(prefix="eptura-scim-list-") as folder:
        plan = replace(opened.plan, worklist=Path(folder)) if findings_list else opened.plan
        try:
            result = _checked(plan, opened.export, workers)
        finally:
            opened.close()
        if findings_list is not None:
            _write_list(findings_list, result, Path(folder), opened, portal)
    report = _report(result, opened, source, portal)
    if html is not None:
        _write_page(report, html)
    _show(report, as_json)
    raise typer.Exit(FINDINGS_OF_ERROR if report.worst == "error" else 0)


class _Progress:
    """Shows progress while a directory is opened."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("reading", total=None)

    def note(self, line: str) -> None:
        typer.echo(line, err=True)

    def read(self, kind: Kind, count: int) -> None:
        self._progress.update(self._task, description=f"reading {kind.lower()}s: {count:,}")


def _opened(source: str, options: DirectoryOptions) -> OpenSource:
    from rich.progress import SpinnerColumn, TextColumn

    from eptura_scim.simulation.directory_check.open_directory import opened_source

    now = datetime.now(UTC).replace(microsecond=0)
    with _progress(SpinnerColumn(), TextColumn("{task.description}")) as progress:
        return asyncio.run(opened_source(source, options, now, _Progress(progress)))


def _checked(plan: ScanPlan, export: Export, workers: int | None) -> CheckResult:
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from eptura_scim.simulation.directory_check.process_pool import Processes, cores
    from eptura_scim.simulation.directory_check.run import check, one_after_another

    # Starting a process takes longer than checking a small file.
    small = sum(path.stat().st_size for path in export.files) < _SMALL
    number = workers or (1 if small else cores())
    runner: AbstractContextManager[TaskRunner] = Processes(number) if number > 1 else nullcontext(one_after_another)
    total = sum(partition.size for partition in export.partitions)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with runner as run, _progress(*columns) as progress:
        task = progress.add_task("checking users and groups", total=total)
        return check(plan, export.partitions, run, lambda size: progress.advance(task, size))


def _progress(*columns: ProgressColumn) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _report(result: CheckResult, opened: OpenSource, source: str, portal: str) -> DirectoryReport:
    from eptura_scim.simulation.directory_check.report import directory_report

    return directory_report(
        result,
        source=source,
        mappings=opened.mappings,
        stack=opened.stack,
        checked=opened.plan.now.isoformat(),
        place=opened.place,
        portal=portal,
        commands=opened.export.commands,
    )


def _write_page(report: DirectoryReport, path: Path) -> None:
    from eptura_scim.cli.pages.check_directory import page
    from eptura_scim.page import write_page

    write_page(path, page(report))


def _write_list(path: Path, result: CheckResult, folder: Path, opened: OpenSource, portal: str) -> None:
    from eptura_scim.cli.check_directory_list import write_list

    try:
        write_list(path, result, folder, opened.place, portal)
    except OSError as error:
        raise _OutputError(f"--list: {path} cannot be written: {error.strerror or error}") from error


def _show(report: DirectoryReport, as_json: bool) -> None:
    from rich.console import Console

    from eptura_scim.cli.check_directory_text import print_report

    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        print_report(report, Console(highlight=False, markup=False))
