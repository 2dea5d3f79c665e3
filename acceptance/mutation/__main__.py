"""`python -m acceptance.mutation`: break the code line by line and name what no test notices."""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from acceptance.mutation.mutants import Mutant, mutants
from acceptance.mutation.runs import NOTICED, Baseline, MutantResult, learn, preload, start
from acceptance.mutation.targets import EQUIVALENT, MODULES, OTHERS, TESTS, TOO_SLOW

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "eptura_scim"

_TOLD_EVERY = 25
"""Mutants after which the command says how far it is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all mutants; 1 if one survives."""
    parser = argparse.ArgumentParser(prog="python -m acceptance.mutation", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="only modules or functions with these words")
    parser.add_argument("--workers", type=int, default=2, help="how many mutants are tried at a time (default: 2)")
    parser.add_argument("--list", action="store_true", help="list the mutants and run nothing")
    parser.add_argument("--known", type=Path, metavar="FILE", help="keep there which test runs which line, and use it")
    parser.add_argument("--tests", nargs="+", default=TESTS, metavar="PATH", help="tests that have to notice")
    parser.add_argument(
        "--seconds", type=float, default=math.inf, help="for a mutant, tests of at most this duration (default: all)"
    )
    given = parser.parse_args(arguments)
    chosen = list(_chosen(given.only))
    if given.list:
        print("\n".join(f"{module}:{mutant.line}: {mutant}" for module, mutant in chosen))
        return 0
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    preload()
    survivors = _survivors(chosen, _known(given.known, given.tests), given.workers, given.seconds)
    print(f"{len(chosen)} mutants, {len(survivors)} survive")
    return 1 if survivors else 0


def _known(kept: Path | None, tests: Sequence[str]) -> Baseline:
    """What is kept, and what it lacks: a run that was cut goes on with the next file of tests.

    What is older than a module says nothing of its lines.
    """
    changed = max((PACKAGE / module).stat().st_mtime for module in MODULES)
    known = Baseline.read(kept) if kept and kept.exists() and kept.stat().st_mtime > changed else Baseline()
    files = {test.partition("::")[0] for test in known.lines}
    for file in _files(tests):
        if str(file) not in files:
            print(f"{file} runs once as it is", flush=True)
            known.add(learn([str(file)], [PACKAGE / module for module in MODULES]))
            if kept:
                known.write(kept)
    return known


def _files(tests: Sequence[str]) -> Iterator[Path]:
    for test in map(Path, tests):
        for file in sorted(test.rglob("test_*.py")) if test.is_dir() else [test]:
            if str(file) not in TOO_SLOW:
                yield file


def _chosen(words: str) -> Iterator[tuple[str, Mutant]]:
    """Those that are to be run: equivalent ones and other functions are left out."""
    for module in MODULES:
        for mutant in mutants((PACKAGE / module).read_text(encoding="utf-8")):
            if OTHERS.search(mutant.function) or (module, str(mutant)) in EQUIVALENT:
                continue
            if words in f"{module}:{mutant.line}: {mutant}":
                yield module, mutant


def _survivors(
    chosen: Sequence[tuple[str, Mutant]], known: Baseline, workers: int, seconds: float
) -> list[MutantResult]:
    waiting = list(reversed(chosen))
    running: dict[int, MutantResult] = {}
    survivors: list[MutantResult] = []
    while waiting or running:
        while waiting and len(running) < workers:
            module, mutant = waiting.pop()
            outcome = start(mutant, PACKAGE / module, ROOT, known, seconds)
            if outcome.pid:
                running[outcome.pid] = outcome
            else:
                survivors.append(_told(outcome))
        for pid, outcome in list(running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended and time.monotonic() > outcome.deadline:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)  # what never ends is noticed
                os.waitpid(pid, 0)
                del running[pid]
            elif ended:
                del running[pid]
                code = os.waitstatus_to_exitcode(status)
                if code == pytest.ExitCode.OK:
                    survivors.append(_told(outcome))
                elif code not in NOTICED:
                    raise RuntimeError(f"pytest ended with {code} for {outcome.mutant}")
            if pid not in running and (done := len(chosen) - len(waiting) - len(running)) % _TOLD_EVERY == 0:
                print(f"{done} of {len(chosen)} mutants tried, {len(survivors)} survive", flush=True)
        time.sleep(0.02)
    return survivors


def _told(outcome: MutantResult) -> MutantResult:
    where = f"{outcome.path.relative_to(ROOT)}:{outcome.mutant.line}"
    print(f"SURVIVES {outcome.tests} tests: {where}: {outcome.mutant}", flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
