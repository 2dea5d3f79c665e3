"""Runs tests in forks of one process, which has collected them once: a mutant costs what its tests cost."""

from __future__ import annotations

import gc
import importlib
import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import coverage
import pytest

from acceptance.mutation.mutants import Mutant

__all__ = ["FLAGS", "NOTICED", "SURVIVED", "Collected", "fork", "run_broken", "run_recorded", "warm_up"]

SURVIVED, NOTICED = 0, 1
"""Exit codes of a fork."""

FLAGS = ("-qq", "-s", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "ignore")
_PACKAGES = {"acceptance", "eptura_scim", "tests"}


class Collected:
    """A plugin of pytest that collects tests and has other work done than to run them."""

    def __init__(self, work: Callable[[list[pytest.Item]], None]) -> None:
        self._work = work

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop."""
        self._work(session.items)
        return True


def fork(run: Callable[[], int]) -> int:
    """Start a process that is like this one and ends with what `run` gives; gives its id. It prints nothing, unless
    the variable MUTATION_OUTPUT is set.
    """
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    code = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        if not os.environ.get("MUTATION_OUTPUT"):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
        code = run()
    finally:
        os._exit(code)


def warm_up(items: Sequence[pytest.Item]) -> None:
    """Run tests for what they leave in memory: a fork of this process has loaded and cached it. Raises RuntimeError
    where one fails.
    """
    for item in items:
        _passes(item)
    gc.collect()
    gc.freeze()  # a collection in a fork would copy all of the memory that it shares


def run_broken(mutant: Mutant, path: Path, items: Sequence[pytest.Item], seconds: dict[str, float], told: Path) -> int:
    """Break the code, and run tests until one fails; its id is left in `told`. A test that hangs ends the process."""
    bounds = _Bounds(seconds, told)
    module = ".".join(path.relative_to(path.parents[_depth(path)]).with_suffix("").parts)
    if _is_patched(mutant, module, str(path)):
        items[0].config.pluginmanager.register(bounds)
        return SURVIVED if _all_pass(items) else NOTICED
    # What a module or class decides when it is loaded: all that may hold a copy of it is loaded again.
    for name in [name for name in sys.modules if name.partition(".")[0] in _PACKAGES]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder(module, path, mutant.code(str(path))))
    order = [item.nodeid for item in items]
    files = dict.fromkeys(test.partition("::")[0] for test in order)
    again = Collected(lambda found: os._exit(SURVIVED if _all_pass(_sorted(found, order)) else NOTICED))
    code = pytest.main([*files, *FLAGS], plugins=[again, bounds])
    return NOTICED if code == pytest.ExitCode.INTERRUPTED else int(code)  # a file of tests that cannot be loaded


def run_recorded(
    items: Sequence[pytest.Item], files: Sequence[str]
) -> tuple[dict[str, float], dict[str, set[tuple[str, int]]]]:
    """Run tests as they are: the processor's seconds of each, and the lines of some files that it runs, by its id.

    Raises RuntimeError where one fails.
    """
    recorder = coverage.Coverage(data_file=None, config_file=False, include=files)
    seconds: dict[str, float] = {}
    recorder.start()
    for item in items:
        recorder.switch_context(item.nodeid)
        began = time.process_time()
        _passes(item)
        seconds[item.nodeid] = time.process_time() - began
    recorder.stop()
    lines: dict[str, set[tuple[str, int]]] = {test: set() for test in seconds}
    data = recorder.get_data()
    for file in data.measured_files():
        for line, tests in data.contexts_by_lineno(file).items():
            for test in filter(None, tests):
                lines[test].add((file, line))
    return seconds, lines


def _depth(path: Path) -> int:
    """Which parent of a module is the folder of the package."""
    return next(number for number, folder in enumerate(path.parents) if not (folder / "__init__.py").exists())


def _passes(item: pytest.Item) -> None:
    if not _all_pass([item]):
        raise RuntimeError(f"a test fails although nothing is broken: python -m pytest {item.nodeid!r}")


def _all_pass(items: Sequence[pytest.Item]) -> bool:
    """Run tests until one fails."""
    for number, item in enumerate(items):
        following = items[number + 1] if number + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            return False
    return True


def _sorted(items: Sequence[pytest.Item], order: Sequence[str]) -> list[pytest.Item]:
    found = {item.nodeid: item for item in items}
    return [found[test] for test in order]


def _is_patched(mutant: Mutant, module: str, path: str) -> bool:
    """Put the broken code into the function of a loaded module; False where that does not do."""
    if mutant.is_run_on_load:
        return False
    found: Any = sys.modules[module]
    for name in mutant.function.split("."):
        found = vars(found)[name]
        function = getattr(found, "__func__", found)
        if isinstance(function, FunctionType):
            break
    code = next(one for one in _codes(mutant.code(path)) if one.co_qualname == function.__qualname__)
    if code.co_freevars != function.__code__.co_freevars:  # without its super(), say
        return False
    function.__code__ = code
    return True


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


class _Bounds:
    """Leaves the id of each test that starts, and ends the process if it takes far longer than it should."""

    def __init__(self, seconds: dict[str, float], told: Path) -> None:
        self._seconds, self._told = seconds, told

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Before a test and its fixtures."""
        self._told.write_text(item.nodeid, encoding="utf-8")
        signal.setitimer(signal.ITIMER_REAL, 30 + 20 * self._seconds[item.nodeid])


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
