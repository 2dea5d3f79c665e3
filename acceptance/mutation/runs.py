"""Runs tests in forks of one process, which has loaded what takes long and nothing of what is broken."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import inspect
import itertools
import json
import math
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from acceptance.mutation.mutants import Mutant

NOTICED = {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}
"""Exit codes of tests that notice: one failed, or could not be loaded."""

__all__ = ["NOTICED", "Baseline", "MutantResult", "learn", "preload", "start"]

_SLOW = (
    "pulumi", "pulumi_azuread", "hypothesis", "azure.identity", "aiohttp", "httpx", "starlette", "uvicorn", "trustme",
    "scim2_server", "scim2_models", "pydantic", "a2wsgi", "regex", "phonenumbers", "pulumi.provider.experimental",
)  # fmt: skip
_FLAGS = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "ignore")


@dataclass
class Baseline:
    """What each test does when nothing is broken."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    """The lines that a test runs, by its id: file and number."""

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """What an earlier run wrote."""
        seconds, lines = json.loads(path.read_text(encoding="utf-8"))
        return cls(seconds, {test: {(name, line) for name, line in found} for test, found in lines.items()})

    def write(self, path: Path) -> None:
        """For later runs."""
        found = {test: sorted(lines) for test, lines in self.lines.items()}
        path.write_text(json.dumps([self.seconds, found]), encoding="utf-8")

    def add(self, other: Baseline) -> None:
        """Take over what another run found."""
        self.seconds |= other.seconds
        self.lines |= other.lines

    def tests_of(self, path: Path, line: int, bound: float = math.inf) -> list[str]:
        """The tests that run a line, the fastest first, as many as take `bound` seconds together; those of the module
        where none runs the line.
        """
        found = [test for test, lines in self.lines.items() if (str(path), line) in lines]
        found = found or [test for test, lines in self.lines.items() if any(name == str(path) for name, _ in lines)]
        found.sort(key=lambda test: self.seconds[test])
        spent = itertools.accumulate(self.seconds[test] for test in found)
        return [test for test, seconds in zip(found, spent, strict=True) if seconds <= bound] or found[:1]


@dataclass(frozen=True)
class MutantResult:
    """What came of a mutant."""

    mutant: Mutant
    path: Path
    tests: int
    pid: int
    deadline: float


def preload() -> None:
    """Load what every fork needs and what is not broken."""
    for name in _SLOW:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)


def learn(tests: Sequence[str], files: Sequence[Path]) -> Baseline:
    """Run all tests as they are. Raises RuntimeError where one fails."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "known.json"

        def run() -> int:
            recorder = _Recorder({str(path) for path in files})
            code = int(pytest.main([*tests, *_FLAGS], plugins=[recorder]))
            recorder.known.write(told)
            return code

        _, status = os.waitpid(_fork(run), 0)
        if status:
            raise RuntimeError(f"the tests fail although nothing is broken: python -m pytest {' '.join(tests)}")
        return Baseline.read(told)


def start(mutant: Mutant, path: Path, root: Path, known: Baseline, seconds: float = math.inf) -> MutantResult:
    """Run the tests that concern a mutant, in a process of their own; its exit code is pytest's."""
    tests = known.tests_of(path, mutant.line, seconds)
    files = sorted({test.partition("::")[0] for test in tests})

    def run() -> int:
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        sys.meta_path.insert(0, _Finder(name, path, mutant.code(str(path))))
        return int(pytest.main([*files, *_FLAGS], plugins=[_Chosen(tests)]))

    bound = 120 + 10 * sum(known.seconds[test] for test in tests)
    return MutantResult(mutant, path, len(tests), _fork(run) if tests else 0, time.monotonic() + bound)


def _fork(run: Callable[[], int]) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        os.setpgid(0, 0)
        if not os.environ.get("MUTATION_OUTPUT"):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        code = run()
    finally:
        os._exit(code)


class _Chosen:
    """Runs these tests alone, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._order = {test: number for number, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Choose and sort."""
        items[:] = sorted((one for one in items if one.nodeid in self._order), key=lambda one: self._order[one.nodeid])


class _Recorder:
    """Notes the lines of some files that each test runs, and how long it takes."""

    def __init__(self, files: set[str]) -> None:
        self._files = files
        self._now: set[tuple[str, int]] = set()
        self.known = Baseline()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        """Around a test and its fixtures."""
        self._now = self.known.lines[item.nodeid] = set()
        began = time.process_time()
        threading.settrace(self._trace)
        sys.settrace(self._trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.known.seconds[item.nodeid] = time.process_time() - began

    def _trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        # What modules and classes run when they are loaded concerns all tests, not the one that loads them first.
        is_function = frame.f_code.co_flags & inspect.CO_OPTIMIZED
        return self._line if is_function and frame.f_code.co_filename in self._files else None

    def _line(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self._now.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


class _Finder(importlib.abc.MetaPathFinder):
    """Gives one module as it was broken."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self._name, self._path, self._code = name, path, code

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """The broken module, and no other."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=_Loader(fullname, str(self._path), self._code)
        )


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        """The broken module's."""
        return self._code
