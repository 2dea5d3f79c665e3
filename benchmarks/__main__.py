"""The command line: `python -m benchmarks [--runs N] [--directory SIZES] [--json FILE]`.

Ends with 1 where something could not be measured, never because of what was measured.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import changes, converge, directory, expressions, plain_cli, runs, starts
from benchmarks.report import BenchmarkReport
from benchmarks.stacks import stacks
from eptura_scim.errors import ReadableError


def _in_a_folder(path: Path | None) -> Path | None:
    if path and not path.parent.is_dir():
        raise typer.BadParameter(f"{path.parent} is not a folder")
    return path


def main(
    number: Annotated[int, typer.Option("--runs", min=1, help="How often each duration is measured.")] = 7,
    sizes: Annotated[
        str, typer.Option("--directory", metavar="SIZES", help="Users in the directories that are checked.")
    ] = ",".join(map(str, directory.SIZES)),
    json: Annotated[
        Path | None, typer.Option(help="Write the figures to this file.", dir_okay=False, callback=_in_a_folder)
    ] = None,
) -> None:
    """Measure what is claimed about performance."""
    console = Console(highlight=False)
    report = BenchmarkReport(number)
    with _section(report, console, "start of the plugin"):
        report.figures["start of the plugin"] = starts.measure(number)
    with _section(report, console, "creating our five resources"):
        report.figures["creating our five resources"], report.creates = converge.measure(number)
    with _section(report, console, "evaluation of mappings"):
        report.figures["evaluation of mappings"] = expressions.measure(number)
    with _section(report, console, "check of a directory"):
        report.figures["check of a directory"] = directory.measure([int(size) for size in sizes.split(",") if size])
    with _section(report, console, "runs of the engine"), stacks(console.print) as opened:
        report.engine = opened.engine
        report.figures["calls to Graph"], report.calls = runs.measure_calls(opened)
        report.figures["preview"] = runs.measure_previews(opened, number)
        report.figures["changes of a running stack"], report.changes = changes.measure(opened, number)
    with _section(report, console, "the plain pulumi command"):
        report.figures["the plain pulumi command"] = plain_cli.measure(number)
    report.show(console)
    if json:
        report.write(json)
    sys.exit(1 if report.not_measured else 0)


@contextmanager
def _section(report: BenchmarkReport, console: Console, name: str) -> Iterator[None]:
    """Measure a section; one that fails does not keep the others from being measured."""
    console.print(f"measuring: {name}", style="dim")
    try:
        yield
    except Exception as error:  # whatever it is, it belongs into the report
        report.not_measured[name] = str(error) if isinstance(error, ReadableError) else repr(error)


if __name__ == "__main__":
    typer.run(main)
