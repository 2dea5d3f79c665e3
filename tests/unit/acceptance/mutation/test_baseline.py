"""What an earlier run of the tests told, and which tests are asked first."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from acceptance.mutation.baseline import Baseline, digests
from acceptance.mutation.mutants import Mutant

MODULE = "provider/job.py"
FAST, SLOW, BESIDE = "tests/test_a.py::fast", "tests/test_a.py::slow", "tests/test_b.py::beside"


def baseline(**noticed: str) -> Baseline:
    """Two tests run line 3, another one a line beside."""
    return Baseline(
        digests={"tests/test_a.py": "a", "tests/test_b.py": "b"},
        seconds={FAST: 1, SLOW: 9, BESIDE: 2},
        lines={FAST: {(MODULE, 3)}, SLOW: {(MODULE, 3)}, BESIDE: {(MODULE, 7), ("other.py", 3)}},
        noticed=noticed,
    )


def mutant(line: int, *, is_run_on_load: bool = False) -> Mutant:
    return Mutant("start", line, "a", "b", "", 0, is_run_on_load)


@pytest.mark.parametrize(
    ("broken", "seconds", "tests"),
    [
        (mutant(3), math.inf, [FAST, SLOW]),
        (mutant(3), 1, [FAST]),
        (mutant(3), 0.5, [FAST]),
        (mutant(5), math.inf, [FAST, SLOW]),
        (mutant(7), math.inf, [BESIDE]),
        (mutant(1), math.inf, []),
        (mutant(1, is_run_on_load=True), math.inf, [FAST, BESIDE, SLOW]),
    ],
    ids=["fastest first", "bounded", "at least a test", "long statement", "another line", "no test", "on load"],
)
def test_a_mutant_is_tried_with_the_tests_of_its_line(broken: Mutant, seconds: float, tests: list[str]) -> None:
    assert baseline().tests_of(MODULE, broken, seconds) == tests


def test_the_test_that_noticed_a_mutant_is_asked_first() -> None:
    known = baseline(**{f"{MODULE}: {mutant(3)}": SLOW})
    assert known.tests_of(MODULE, mutant(3)) == [SLOW, FAST]


def test_what_a_run_learned_is_read_again_as_it_was(tmp_path: Path) -> None:
    known = baseline(**{f"{MODULE}: {mutant(3)}": SLOW})
    known.write(tmp_path / "known.json")
    assert Baseline.read(tmp_path / "known.json") == known


def test_tests_of_a_changed_file_run_again() -> None:
    known = baseline()
    known.forget_others({"tests/test_a.py": "a", "tests/test_b.py": "changed"})
    assert {*known.seconds} == {*known.lines} == {FAST, SLOW}


def test_other_code_or_modules_make_tests_run_again(tmp_path: Path) -> None:
    test, code = tmp_path / "tests/test_a.py", tmp_path / "eptura_scim/provider/job.py"
    for path in (test, code):
        path.parent.mkdir(parents=True)
        path.write_text("")
    first = digests([test], tmp_path, [MODULE])
    assert digests([test], tmp_path, [MODULE]) == first
    assert digests([test], tmp_path, [MODULE, "provider/other.py"]) != first
    code.write_text("changed = True")
    assert digests([test], tmp_path, [MODULE]) != first
