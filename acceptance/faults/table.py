"""All cells, on several processes: each has a sandbox of its own and takes one operation with one fault at a time."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path

from acceptance.faults.cells import Runner
from acceptance.faults.checkpoint import Checkpoint
from acceptance.faults.faults import KINDS
from acceptance.faults.operations import OPERATIONS
from acceptance.faults.steps import FaultStep
from acceptance.faults.switches import SETTINGS, Setting, SwitchRow, run_with
from acceptance.sandbox import EngineSandbox
from eptura_scim.engine import Engine, find_engine

__all__ = ["Done", "Runners", "fill", "fill_switches"]


class Runners:
    """A runner for each operation, each in a sandbox of its own, made when it is first asked for."""

    def __init__(self, engine: Engine, known: Path) -> None:
        self._engine = engine
        self._known = known
        self._open = ExitStack()
        self._runners: dict[str, Runner] = {}

    def __enter__(self) -> Runners:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def of(self, operation: str) -> Runner:
        """The runner of an operation."""
        if operation not in self._runners:
            folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="faults-"))
            sandbox = self._open.enter_context(EngineSandbox(Path(folder), self._engine))
            sandbox.keep("fresh")
            self._runners[operation] = Runner(sandbox, OPERATIONS[operation], self._known)
        return self._runners[operation]


@dataclass(frozen=True)
class Done:
    """One operation with one fault, through."""

    operation: str
    fault: str
    steps: list[FaultStep]
    """All steps of the operation."""
    problem: str = ""
    """Why its cells could not all be made."""


def fill(folder: Path, operations: list[str], faults: list[str], workers: int) -> Iterator[Done]:
    """Make the cells that the checkpoint in `folder` does not have yet, and add each to it."""
    # Faults that many steps can meet in one run fill most of the table soonest; then from the end, where the kills are.
    order = [name for name in faults if KINDS[name].together]
    order += [name for name in reversed(faults) if not KINDS[name].together]
    tasks = [(folder, operation, fault) for fault in order for operation in operations]
    with _pool(folder, workers) as pool:
        yield from pool.imap_unordered(_work, tasks)


def fill_switches(folder: Path, workers: int) -> list[SwitchRow]:
    """The runs of every switch in every position."""
    with _pool(folder, workers) as pool:
        return pool.map(_switch_row, [(folder, setting) for setting in SETTINGS], chunksize=1)


def _pool(folder: Path, workers: int) -> Pool:
    return multiprocessing.get_context("spawn").Pool(workers, _begin, (folder / "log",))


_runners: Runners | None = None


def _begin(log: Path) -> None:
    """What the engine's libraries say when a run is cut belongs into no terminal."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())


def _work(task: tuple[Path, str, str]) -> Done:
    global _runners  # noqa: PLW0603 - one for each process of the pool
    folder, operation, fault = task
    checkpoint = Checkpoint(folder)
    if _runners is None:
        _runners = Runners(find_engine(_quiet), checkpoint.known)
    runner = _runners.of(operation)
    has = checkpoint.cells()
    missing = [step for step in runner.steps if (operation, fault, step.label) not in has]
    try:
        for cell in runner.row(KINDS[fault], missing):
            checkpoint.add(cell)
    except Exception as error:  # a fault of the table itself: the other cells are worth having
        return Done(operation, fault, runner.steps, f"{type(error).__name__}: {error}")
    return Done(operation, fault, runner.steps)


def _switch_row(task: tuple[Path, Setting]) -> SwitchRow:
    folder, setting = task
    checkpoint = Checkpoint(folder)
    if row := checkpoint.switch(setting):
        return row
    row = run_with(setting, find_engine(_quiet))
    checkpoint.add_switch(row)
    return row


def _quiet(_: str) -> None:
    return
