"""`python -m acceptance.mutation`: break the code line by line and name what no test notices."""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from acceptance.mutation.baseline import Baseline, digests
from acceptance.mutation.mutants import Mutant, mutants
from acceptance.mutation.runs import FLAGS, NOTICED, SURVIVED, Collected, fork, run_broken, run_recorded, warm_up
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
    parser.add_argument(
        "--known", type=Path, metavar="FILE", help="keep there which test runs which line and notices what, and use it"
    )
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
    files = list(_files(given.tests))
    run = _Run(chosen, files, given.known, given.workers, given.seconds)
    code = pytest.main([*map(str, files), *FLAGS], plugins=[Collected(run.do)])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"pytest ends with {code!r}: python -m pytest {' '.join(map(str, files))}")
    print(f"{len(chosen)} mutants, {len(run.survivors)} survive")
    return 1 if run.survivors else 0


def _files(tests: Sequence[str]) -> Iterator[Path]:
    for test in (ROOT / name for name in tests):
        for file in sorted(test.rglob("test_*.py")) if test.is_dir() else [test]:
            if str(file.relative_to(ROOT)) not in TOO_SLOW:
                yield file


def _chosen(words: str) -> Iterator[tuple[str, Mutant]]:
    """Those that are to be run: equivalent ones and other functions are left out."""
    for module in MODULES:
        for mutant in mutants((PACKAGE / module).read_text(encoding="utf-8")):
            if OTHERS.search(mutant.function) or (module, str(mutant)) in EQUIVALENT:
                continue
            if words in f"{module}:{mutant.line}: {mutant}":
                yield module, mutant


@dataclass(frozen=True)
class _Try:
    """A mutant whose tests run in a process of their own."""

    module: str
    mutant: Mutant
    tests: int
    told: Path
    """The file with the id of the test that runs."""


class _Run:
    """All mutants, with tests that are collected."""

    def __init__(
        self,
        chosen: Sequence[tuple[str, Mutant]],
        files: Sequence[Path],
        kept: Path | None,
        workers: int,
        seconds: float,
    ) -> None:
        self._chosen, self._files, self._kept, self._workers, self._seconds = chosen, files, kept, workers, seconds
        self._known = Baseline.read(kept) if kept and kept.exists() else Baseline()
        self.survivors: list[_Try] = []

    def do(self, items: list[pytest.Item]) -> None:
        """Learn what is not known, and try the mutants."""
        with tempfile.TemporaryDirectory() as folder:
            self._learn(items, Path(folder))
            found = {item.nodeid: item for item in items}
            warm_up([found[test] for test in self._known.fastest()])
            self._try(found, Path(folder))

    def _learn(self, items: Sequence[pytest.Item], folder: Path) -> None:
        """Run each test once as it is, unless an earlier run did with the same code."""
        current = digests(self._files, ROOT, MODULES)
        self._known.forget_others(current)
        new = [item for item in items if item.nodeid.partition("::")[0] not in self._known.digests]
        if new:
            print(f"{len(new)} tests run once as they are", flush=True)
        modules = {str(PACKAGE / module): module for module in MODULES}

        def learn(share: Sequence[pytest.Item], told: Path) -> int:
            seconds, lines = run_recorded(share, list(modules))
            named = {test: [(modules[path], line) for path, line in run] for test, run in lines.items()}
            told.write_text(json.dumps([seconds, named]), encoding="utf-8")
            return 0

        told = [folder / str(number) for number in range(self._workers)]
        for number, path in enumerate(told):
            fork(partial(learn, new[number :: self._workers], path))
        for _ in told:
            if os.wait()[1]:
                raise RuntimeError("a test fails although nothing is broken; MUTATION_OUTPUT=1 shows which")
        for path in told:
            seconds, lines = json.loads(path.read_text(encoding="utf-8"))
            self._known.seconds |= seconds
            self._known.lines |= {test: {(module, line) for module, line in run} for test, run in lines.items()}
        self._known.digests = current
        self._keep()

    def _try(self, found: dict[str, pytest.Item], folder: Path) -> None:
        waiting = list(reversed(self._chosen))
        running: dict[int, _Try] = {}
        while waiting or running:
            while waiting and len(running) < self._workers:
                module, mutant = waiting.pop()
                tests = [found[test] for test in self._known.tests_of(module, mutant, self._seconds)]
                one = _Try(module, mutant, len(tests), folder / str(len(waiting)))
                if tests:
                    running[self._start(one, tests)] = one
                else:
                    self._survives(one)
            if running:
                pid, status = os.wait()
                self._ended(running.pop(pid), os.waitstatus_to_exitcode(status))
                if (done := len(self._chosen) - len(waiting) - len(running)) % _TOLD_EVERY == 0:
                    print(f"{done} of {len(self._chosen)} mutants tried, {len(self.survivors)} survive", flush=True)
                    self._keep()
        self._keep()

    def _keep(self) -> None:
        if self._kept:
            self._known.write(self._kept)

    def _start(self, one: _Try, tests: Sequence[pytest.Item]) -> int:
        path = PACKAGE / one.module
        return fork(partial(run_broken, one.mutant, path, tests, self._known.seconds, one.told))

    def _ended(self, one: _Try, code: int) -> None:
        if code in {NOTICED, -signal.SIGALRM}:
            test = one.told.read_text(encoding="utf-8")
            self._known.noticed[f"{one.module}: {one.mutant}"] = test
            if code != NOTICED:
                print(f"HANGS {test}: {_place(one)}", flush=True)
        elif code == SURVIVED:
            self._survives(one)
        else:
            raise RuntimeError(f"the tests end with {code} for {one.mutant}; MUTATION_OUTPUT=1 shows why")

    def _survives(self, one: _Try) -> None:
        print(f"SURVIVES {one.tests} tests: {_place(one)}", flush=True)
        self.survivors.append(one)


def _place(one: _Try) -> str:
    return f"eptura_scim/{one.module}:{one.mutant.line}: {one.mutant}"


if __name__ == "__main__":
    sys.exit(main())
