"""Many applications in one stack: `python -m benchmarks.scale [--sizes 1,10,100] [--checkpoints both] [--write]`.

A first `up` and a preview without changes on the real engine, for each number of applications and with and without
PULUMI_SKIP_CHECKPOINTS. The azuread stand-in and the local Entra answer at once: what is measured is the engine, the
plugins and their calls. `--write` puts the rows into the table of docs/scale.md, where rows of other sizes stay.
"""

from __future__ import annotations

import re
import resource
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmarks.calls import traffic
from benchmarks.processes import NotMeasuredError
from benchmarks.structure import with_parts
from eptura_scim.engine import ConfigValue, Deployment, Outcome, azuread_plugin, find_engine, plugin_folders
from eptura_scim.local_entra import LocalEntra
from eptura_scim.local_entra.api.call_log import LIMIT

__all__ = ["Row", "Run", "line", "measure", "rows_of", "table"]

Checkpoints = Literal["both", "skipped", "written"]

_PROGRAM = Path(__file__).parent / "many_applications"
_PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
_BLOCK = 512  # bytes; the unit of ru_oublock, getrusage(2)
_MIB = 1024 * 1024
_HEAD = """\
| applications | checkpoints | first `up` | processor | written | Graph: reads, writes | no-change preview | processor | Graph: reads | state |
|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|"""  # noqa: E501 (a table's head is one line)


@dataclass(frozen=True)
class Run:
    """What one run of the engine took."""

    seconds: float
    processor: float
    """Seconds of the engine and its plugins; the program and the local Entra run in this process and are left out."""
    written: float
    """MiB that the engine and its plugins wrote to files: almost all of it is the state."""
    reads: int | None
    """Calls of Graph; None where there were more of both than the log of the local Entra holds."""
    writes: int | None


@dataclass(frozen=True)
class Row:
    """One number of applications."""

    applications: int
    skips_checkpoints: bool
    up: Run
    preview: Run
    state: float
    """MiB of the state at the end."""


def measure(applications: int, *, skips_checkpoints: bool) -> Row:
    """A first up and a preview without changes. Raises NotMeasuredError where the runs do something else."""
    engine = find_engine(lambda _: None)
    azuread = azuread_plugin(engine, lambda _: None, {"EPTURA_SCIM_AZUREAD": "stand-in"})
    # On a disk: what is written to a file system in memory is not counted.
    temporary = tempfile.TemporaryDirectory(prefix="eptura-scim-scale-", dir="/var/tmp")
    with temporary as folder, LocalEntra.start() as entra:
        home = Path(folder)
        environment = {**entra.environment, "BENCHMARK_APPLICATIONS": str(applications)}
        if skips_checkpoints:
            environment["PULUMI_SKIP_CHECKPOINTS"] = "true"
        deployment = Deployment.open(
            _PROGRAM,
            "dev",
            home,
            engine=engine,
            plugins=plugin_folders(home, azuread),
            environment=environment,
            config={"tenantUrl": entra.scim.url, "secretToken": ConfigValue(entra.scim.token, secret=True)},
        )
        up = _run(entra, deployment.up, changes=True)
        preview = _run(entra, deployment.preview, changes=False)
        [state] = (home / "state" / ".pulumi" / "stacks").rglob("dev.json")
        return Row(applications, skips_checkpoints, up, preview, state.stat().st_size / _MIB)


def _run(entra: LocalEntra, operation: Callable[[], Outcome], *, changes: bool) -> Run:
    entra.calls.clear()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    outcome = operation()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if bool(outcome.changed) is not changes:
        raise NotMeasuredError(f"the run changed {dict(outcome.changed)}")
    calls = list(entra.calls)
    is_counted = len(calls) < LIMIT
    counts = traffic(calls)
    return Run(
        seconds=outcome.seconds,
        processor=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        written=(after.ru_oublock - before.ru_oublock) * _BLOCK / _MIB,
        reads=counts.reads if is_counted else None,
        writes=counts.writes if is_counted else None,
    )


def table(lines: Iterable[str]) -> str:
    """Lines of rows as a table of Markdown, by size; of two lines about the same the later one stays."""
    known = {_key(line): line for line in lines}
    return "\n".join([_HEAD, *(known[key] for key in sorted(known))])


def line(row: Row) -> str:
    """A row of the table."""
    up, preview = row.up, row.preview
    return (
        f"| {row.applications} | {'skipped' if row.skips_checkpoints else 'written'} | {up.seconds:.0f} s "
        f"| {up.processor:.0f} s | {up.written:,.1f} MiB | {_counts(up.reads, up.writes)} "
        f"| {preview.seconds:.0f} s | {preview.processor:.0f} s | {_counts(preview.reads)} | {row.state:.2f} MiB |"
    )


def _counts(*calls: int | None) -> str:
    return "not counted" if None in calls else ", ".join(f"{count:,}" for count in calls)


def rows_of(page: str) -> list[str]:
    """The rows that a page's table has."""
    return [found for found in page.splitlines() if re.match(r"\| [0-9]+ \| (skipped|written) \|", found)]


def _key(row: str) -> tuple[int, str]:
    _, applications, checkpoints, *_ = row.split("|")
    return int(applications), checkpoints


def main(
    sizes: Annotated[str, typer.Option(help="Applications in one stack.")] = "1,10,100",
    checkpoints: Annotated[Checkpoints, typer.Option(help="With, without, or both.")] = "both",
    write: Annotated[bool, typer.Option("--write", help="Put the rows into docs/scale.md.")] = False,
) -> None:
    """Measure many applications in one stack."""
    page = _PAGE.read_text(encoding="utf-8")
    for size in map(int, sizes.split(",")):
        for skips in [skips for skips in (True, False) if checkpoints in ("both", "skipped" if skips else "written")]:
            measured = line(measure(size, skips_checkpoints=skips))
            typer.echo(measured)
            page = with_parts(page, {"scale": table([*rows_of(page), measured])})
    if write:
        _PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
