"""What can go wrong at a step, or all along."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from acceptance.faults.operations import Operation
from acceptance.faults.steps import FaultStep
from acceptance.processes import ENGINE, PLUGINS, kill
from acceptance.sandbox import EngineSandbox
from eptura_scim.local_entra import Fault

__all__ = ["KINDS", "FaultKind"]

_RETRY_SECONDS = 2
_SLOW_SECONDS = 0.3
_HANGING_SECONDS = 12.0  # longer than any plugin waits in its quick time: 100 s / SPEED
_READS = 3  # how many a replica is behind
_HOURS = 5
_DISK = "2m"
_ALWAYS = 1000

Meeting = Callable[[EngineSandbox, Sequence[FaultStep]], AbstractContextManager[None]]


def _any(_: FaultStep) -> bool:
    return True


@dataclass(frozen=True)
class FaultKind:
    """A column of the table."""

    name: str
    what: str
    meeting: Meeting
    """Meanwhile the steps meet the fault."""
    at: Callable[[FaultStep], bool] = _any
    """The steps at which it can happen."""
    together: bool = False
    """Whether a run may meet it at every step: where each retries, one run is enough."""
    seen: bool = True
    """Whether the log of calls shows who met it."""
    changes_state: bool = False
    """Whether it can happen to those operations alone that write the stack's state."""
    shown_by: str | None = None
    """The one operation that shows it, where others show the same."""

    def can_happen(self, operation: Operation, step: FaultStep) -> bool:
        """Whether it belongs to a step of an operation."""
        if self.shown_by not in {None, operation.name}:
            return False
        return self.at(step) and (operation.writes_state or not self.changes_state)


def _answers(**fault: Any) -> Meeting:
    @contextmanager
    def meeting(sandbox: EngineSandbox, steps: Sequence[FaultStep]) -> Iterator[None]:
        with sandbox.faults([Fault(**step.where, **fault) for step in steps]):
            yield

    return meeting


def _replicas(**fault: Any) -> Meeting:
    """Replicas that are behind, for every client."""

    @contextmanager
    def meeting(sandbox: EngineSandbox, steps: Sequence[FaultStep]) -> Iterator[None]:
        with sandbox.faults([Fault(method=step.method, path=step.pattern, **fault) for step in steps]):
            yield

    return meeting


@contextmanager
def _throttled_until(sandbox: EngineSandbox, steps: Sequence[FaultStep]) -> Iterator[None]:
    date = datetime.now(UTC) + timedelta(seconds=_RETRY_SECONDS)
    with sandbox.faults([Fault(**step.where, status=429, retry_after=date) for step in steps]):
        yield


def _held(act: Callable[[EngineSandbox, FaultStep], None], **fault: Any) -> Meeting:
    """Something happens while a request is under way."""

    @contextmanager
    def meeting(sandbox: EngineSandbox, steps: Sequence[FaultStep]) -> Iterator[None]:
        (step,) = steps
        with sandbox.faults([Fault(**step.where, delay=0.01, **fault)], lambda: act(sandbox, step)):
            yield

    return meeting


def _kill_plugin(sandbox: EngineSandbox, step: FaultStep) -> None:
    kill(PLUGINS[step.plugin], sandbox.certificates)


def _kill_engine(sandbox: EngineSandbox, _: FaultStep) -> None:
    kill(ENGINE, sandbox.certificates)


@contextmanager
def _entra_killed(sandbox: EngineSandbox, steps: Sequence[FaultStep]) -> Iterator[None]:
    """The local Entra is a process of its own meanwhile, which kills itself after it has done what was asked."""
    (step,) = steps
    fault = Fault(**step.where, kind="reset", applied=True, delay=1)
    with sandbox.without_entra():
        command = [sys.executable, "-P", "-m", "acceptance.faults.killed_entra", str(sandbox.entra_folder)]
        with subprocess.Popen(  # noqa: S603 - this Python, our module
            [*command, fault.model_dump_json()],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                if process.stdout is not None:
                    process.stdout.readline()
                yield
            finally:
                process.kill()


@contextmanager
def _disk_fills(sandbox: EngineSandbox, steps: Sequence[FaultStep]) -> Iterator[None]:
    """The stack's state lies on a small file system of its own, which is full from the step on."""
    state, spare = sandbox.home / "state", sandbox.folder / "spare"
    filler = state / "filler"

    def fill(_: EngineSandbox, __: FaultStep) -> None:
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 10, 1):
                try:
                    while True:
                        file.write(b"0" * size)
                except OSError:
                    continue

    shutil.copytree(state, spare, symlinks=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "none", str(state)], check=True)  # noqa: S603, S607
    try:
        shutil.copytree(spare, state, symlinks=True, dirs_exist_ok=True)
        with _held(fill, kind="slow")(sandbox, steps):
            yield
        filler.unlink(missing_ok=True)
        shutil.rmtree(spare)
        shutil.copytree(state, spare, symlinks=True)
    finally:
        subprocess.run(["umount", str(state)], check=True)  # noqa: S603, S607
        shutil.rmtree(state)
        spare.rename(state)


def _clock_is_off(hours: int) -> Meeting:
    @contextmanager
    def meeting(sandbox: EngineSandbox, _: Sequence[FaultStep]) -> Iterator[None]:
        sandbox.clock_offset = timedelta(hours=hours)
        try:
            yield
        finally:
            sandbox.clock_offset = timedelta()

    return meeting


def _expire(sandbox: EngineSandbox, _: FaultStep) -> None:
    sandbox.clock_offset = timedelta(hours=_HOURS)


@contextmanager
def _token_expires(sandbox: EngineSandbox, steps: Sequence[FaultStep]) -> Iterator[None]:
    with _held(_expire, kind="slow")(sandbox, steps), _clock_is_off(0)(sandbox, steps):
        yield


def _graph(step: FaultStep) -> bool:
    return step.is_graph


def _write(step: FaultStep) -> bool:
    return step.is_write


def _saving(step: FaultStep) -> bool:
    # The engine saves before and after each write, and at the end. It tries for half a minute.
    return step.is_write or step.area == "login"


def _creation(step: FaultStep) -> bool:
    return step.creates


_RETRY_LATER = {"status": 429, "retry_after": _RETRY_SECONDS}
_DONE_AND_CUT = {"kind": "reset", "applied": True}

_KINDS = (
    FaultKind("429 s", "throttled once, `Retry-After` in seconds", _answers(**_RETRY_LATER), together=True),
    FaultKind("429 date", "throttled once, `Retry-After` as a date", _throttled_until, together=True),
    FaultKind("500", "internal error, once", _answers(status=500), together=True),
    FaultKind("502", "bad gateway, once", _answers(status=502), together=True),
    FaultKind("503", "unavailable, once", _answers(status=503), together=True),
    FaultKind("504", "gateway time-out, once", _answers(status=504), together=True),
    FaultKind(
        "503 stays",
        "unavailable whenever this is asked; shown for `up`",
        _answers(status=503, times=_ALWAYS),
        shown_by="up",
    ),
    FaultKind("reset", "the connection is cut before anything was done, once", _answers(kind="reset"), together=True),
    FaultKind("lost", "done, and the connection cut before the answer", _answers(**_DONE_AND_CUT), together=True),
    FaultKind("time-out", "no answer at all, once", _answers(kind="reset", delay=_HANGING_SECONDS), together=True),
    FaultKind("truncated", "done, and the answer cut in its middle", _answers(kind="truncate"), together=True),
    FaultKind("no JSON", "done, and answered with a page of HTML", _answers(kind="garble")),
    FaultKind("expired", "the access token expires (401)", _token_expires, _graph),
    FaultKind("403", "a permission was removed", _answers(status=403, times=_ALWAYS), _graph),
    FaultKind("404", "not found, once", _answers(status=404), _graph),
    FaultKind(
        "404 new",
        f"what is created here is not found {_READS} times",
        _replicas(kind="lag", times=_READS),
        _creation,
        seen=False,
    ),
    FaultKind(
        "stale",
        f"what is written here is not seen {_READS} times",
        _replicas(kind="stale", times=_READS),
        _write,
        seen=False,
    ),
    FaultKind("409", "something else is changing it, once", _answers(status=409), _write),
    FaultKind("slow", "a slow answer", _answers(kind="slow", delay=_SLOW_SECONDS), together=True),
    FaultKind("kill plugin", "kill -9 of the plugin that asks, once it is done", _held(_kill_plugin, **_DONE_AND_CUT)),
    FaultKind("kill engine", "kill -9 of the engine, once it is done", _held(_kill_engine, **_DONE_AND_CUT)),
    FaultKind(
        "kill Entra",
        "kill -9 of the local Entra, once it is done; it is started again on its folder after the run",
        _entra_killed,
        seen=False,
    ),
    FaultKind(
        "disk full",
        "the disk that holds the stack's state is full from here on; what reads alone saves nothing",
        _disk_fills,
        _saving,
        changes_state=True,
    ),
    FaultKind(
        "clock ahead",
        f"Entra's clock is {_HOURS} hours ahead, all along",
        _clock_is_off(_HOURS),
        together=True,
        seen=False,
    ),
    FaultKind(
        "clock behind",
        f"Entra's clock is {_HOURS} hours behind, all along",
        _clock_is_off(-_HOURS),
        together=True,
        seen=False,
    ),
)

KINDS = {kind.name: kind for kind in _KINDS}
"""By name."""
