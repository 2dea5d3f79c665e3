"""The command line: `python -m acceptance.faults [--only FAULT] [--step STEP] [--operation OPERATION]`.

Without options it fills the whole table and writes docs/faults.md; a stopped run continues where it was. It ends with 1
where a cell does not converge.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from acceptance.faults.checkpoint import Checkpoint
from acceptance.faults.document import NOT_CONVERGED, parse_page, render
from acceptance.faults.faults import KINDS
from acceptance.faults.operations import OPERATIONS
from acceptance.faults.steps import FaultStep
from acceptance.faults.table import Runners, fill, fill_switches
from eptura_scim.engine import find_engine

_ROOT = Path(__file__).parents[2]
_FOLDER = _ROOT / "build" / "faults"
_PAGE = _ROOT / "docs" / "faults.md"
_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
_INSIDE = "FAULTRUNS_NAMESPACE"


def main(
    only: Annotated[str | None, typer.Option(metavar="FAULT", help="This fault alone.")] = None,
    step: Annotated[str | None, typer.Option(metavar="STEP", help="Steps whose label holds this.")] = None,
    operation: Annotated[str | None, typer.Option(help=f"One of {', '.join(OPERATIONS)}.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many runs at a time.")] = (os.cpu_count() or 1) + 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the cells of earlier runs of the same code.")] = False,
) -> None:
    """Make the table of faults, or show some of its cells."""
    for name, value, known in (("--only", only, KINDS), ("--operation", operation, OPERATIONS)):
        if value is not None and value not in known:
            raise typer.BadParameter(f"{name} is {value!r}; it is one of {', '.join(known)}")
    _with_mounts_of_its_own()
    operations = [operation] if operation else list(OPERATIONS)
    if only or step or operation:
        _show(operations, [only] if only else list(KINDS), step or "")
        return
    sys.exit(_table(workers, fresh=fresh))


def _show(operations: list[str], faults: list[str], part: str) -> None:
    """Run single cells and tell all about them."""
    checkpoint = Checkpoint(_FOLDER)
    with Runners(find_engine(print), checkpoint.known) as runners:
        for operation in operations:
            runner = runners.of(operation)
            for fault in faults:
                for step in runner.steps:
                    if part not in step.label or not runner.applies(KINDS[fault], step):
                        continue
                    cell, run = runner.cell_and_run(KINDS[fault], step)
                    print(f"\n=== {operation}: {fault} at {step.label}\n\n{run.text}\n")
                    print("ends as one without it" if cell.carried_on else "stops: " + " | ".join(cell.says))
                    if not cell.carried_on:
                        print("the rerun", "converges" if cell.rerun.converged else "does NOT converge", end="")
                        print("".join(f"; needs {needed}" for needed in cell.rerun.needed))
                    print("\n".join([*cell.wrong, *cell.rerun.differs]), flush=True)


def _table(workers: int, *, fresh: bool) -> int:
    """Fill the table and write the page; gives the exit code."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    checkpoint, began = Checkpoint(_FOLDER, fresh=fresh), time.monotonic()
    total = len(OPERATIONS) * len(KINDS)
    steps: dict[str, list[FaultStep]] = {}
    for number, done in enumerate(fill(_FOLDER, list(OPERATIONS), list(KINDS), workers), 1):
        steps[done.operation] = done.steps
        said = f"{done.operation}: {done.fault}" + (f" could not be made: {done.problem}" if done.problem else "")
        print(f"{time.monotonic() - began:5.0f} s  {number}/{total}  {said}", flush=True)
    switches = fill_switches(_FOLDER, workers)
    page = render(checkpoint.cells().values(), steps, switches)
    _PAGE.write_text(page, encoding="utf-8")
    failed, missing = page.count(f"**{NOT_CONVERGED}**"), parse_page(page).not_run
    said = f"{len(checkpoint.cells())} cells, {failed} of them wrong, {missing} missing"
    print(f"{time.monotonic() - began:5.0f} s  {_PAGE.relative_to(_ROOT)}: {said}")
    return 1 if failed or missing else 0


def _with_mounts_of_its_own() -> None:
    """Continue in a mount namespace: the full disk is a small file system that only this run sees."""
    if os.environ.get(_INSIDE):
        return
    if subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False).returncode:  # noqa: S603
        sys.exit("`unshare --user --mount` does not work here: a full disk cannot be made. Allow user namespaces")
    os.environ[_INSIDE] = "1"
    os.execvp(_NAMESPACE[0], [*_NAMESPACE, sys.executable, "-m", "acceptance.faults", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    typer.run(main)
