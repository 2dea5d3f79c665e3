"""What each test does when nothing is broken, and which test noticed which mutant: it decides who is asked first."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from acceptance.mutation.mutants import Mutant

__all__ = ["Baseline", "digests"]


@dataclass
class Baseline:
    """What the tests did as they are. All paths are relative to the project."""

    digests: dict[str, str] = field(default_factory=dict)
    """For each file of tests, a digest of it, of the code that it ran with, and of which modules' lines were noted."""
    seconds: dict[str, float] = field(default_factory=dict)
    """The processor's seconds of each test, by its id."""
    lines: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    """The lines that a test runs, by its id: file and number."""
    noticed: dict[str, str] = field(default_factory=dict)
    """For each mutant, by module and text, the test that failed."""

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """What an earlier run wrote."""
        found = json.loads(path.read_text(encoding="utf-8"))
        lines = {test: {(name, line) for name, line in run} for test, run in found["lines"].items()}
        return cls(found["digests"], found["seconds"], lines, found["noticed"])

    def write(self, path: Path) -> None:
        """For later runs."""
        lines = {test: sorted(run) for test, run in self.lines.items()}
        path.write_text(json.dumps({**vars(self), "lines": lines}), encoding="utf-8")

    def forget_others(self, current: dict[str, str]) -> None:
        """Forget the tests of files that changed, ran with other code, or are not among those to run."""
        self.digests = {file: digest for file, digest in self.digests.items() if current.get(file) == digest}
        self.seconds = {test: known for test, known in self.seconds.items() if _file(test) in self.digests}
        self.lines = {test: known for test, known in self.lines.items() if _file(test) in self.digests}

    def fastest(self) -> list[str]:
        """The fastest test of each file."""
        found = {_file(test): test for test in sorted(self.seconds, key=self.seconds.__getitem__, reverse=True)}
        return list(found.values())

    def tests_of(self, module: str, mutant: Mutant, bound: float = math.inf) -> list[str]:
        """The tests that run what is broken, as many as take `bound` seconds together.

        The test that noticed the mutant before comes first, then those that noticed another one of the function, then
        those that take different ways through the module, and of several the fastest.
        """
        runs = self._running(module, None if mutant.is_run_on_load else mutant.line)
        before = self.noticed.get(f"{module}: {mutant}")
        function = f"{module}: {mutant.function}: "
        beside = {test for known, test in self.noticed.items() if known.startswith(function)}
        ways: Counter[frozenset[int]] = Counter()
        ranks: dict[str, int] = {}
        for test in sorted(runs, key=self.seconds.__getitem__):
            ranks[test] = ways[runs[test]]
            ways[runs[test]] += 1
        order = sorted(ranks, key=lambda test: (test != before, test not in beside, ranks[test], self.seconds[test]))
        spent = itertools.accumulate(self.seconds[test] for test in order)
        return [test for test, seconds in zip(order, spent, strict=True) if seconds <= bound] or order[:1]

    def _running(self, module: str, line: int | None) -> dict[str, frozenset[int]]:
        """The tests that run a line, or any of the module, with the lines of the module that they run.

        Python tells of a long statement its first line alone.
        """
        runs = {test: frozenset(n for name, n in lines if name == module) for test, lines in self.lines.items()}
        if line is None:
            return {test: numbers for test, numbers in runs.items() if numbers}
        known = max((number for numbers in runs.values() for number in numbers if number <= line), default=line)
        return {test: numbers for test, numbers in runs.items() if known in numbers}


def digests(files: Sequence[Path], root: Path, modules: Sequence[str]) -> dict[str, str]:
    """A digest of each file of tests together with all code that is not a test, and the modules to note lines of."""
    code = hashlib.sha256("\n".join(modules).encode())
    for path in _code(root):
        code.update(path.read_bytes())
    return {
        str(file.relative_to(root)): hashlib.sha256(code.digest() + file.read_bytes()).hexdigest() for file in files
    }


def _code(root: Path) -> Iterator[Path]:
    for folder in ("eptura_scim", "acceptance", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            if not path.name.startswith("test_") and path.parent != root / "acceptance" / "mutation":
                yield path


def _file(test: str) -> str:
    return test.partition("::")[0]
