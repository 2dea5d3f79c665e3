"""The ways in which code is broken."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from acceptance.mutation.mutants import mutants
from acceptance.mutation.targets import EQUIVALENT, MODULES, TESTS

PACKAGE = Path(__file__).resolve().parents[4] / "eptura_scim"

SOURCE = """
class Job:
    def start(self, job):
        if not job.on and job.known:
            self.call(job)
        self.started = job
        self.jobs[job] = job
        job = job
        raise ValueError("text")
"""


def test_conditions_are_forced_and_acts_and_errors_left_out() -> None:
    assert [str(mutant) for mutant in mutants(SOURCE)] == [
        "Job.start: job.on -> True",
        "Job.start: job.on -> False",
        "Job.start: job.known -> True",
        "Job.start: job.known -> False",
        "Job.start: self.call(job) -> pass",
        "Job.start: self.started = job -> pass",
        "Job.start: self.jobs[job] = job -> pass",
        "Job.start: raise ValueError('text') -> pass",
    ]


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        ("[a, b]", ["return [b]", "return [a]"]),
        ("a == b", ["return a != b"]),
        ("a - b", ["return a"]),
        ("a or b", ["return b", "return a"]),
        ("REEVALUATE", ["return RELINK"]),
        ("'On'", ["return 'Off'"]),
        ("api.wait_until(lambda: 1, problem)", ["return (lambda: 1)()"]),
        ("f(depends_on=[x])", ["return f()", "return f(depends_on=[])"]),
    ],
)
def test_a_value_is_broken_in_each_way_and_every_mutant_is_code(value: str, broken: list[str]) -> None:
    found = []
    for mutant in mutants(f"def f():\n    return {value}\n"):
        scope: dict[str, object] = {}
        exec(mutant.code("broken.py"), scope)
        found.append(ast.unparse(mutant.tree).splitlines()[1].strip().replace("a or a", "a").replace("b or b", "b"))
    assert sorted(found) == sorted(broken)


def test_the_tests_that_have_to_notice_exist() -> None:
    assert [path for path in TESTS if not (PACKAGE.parent / path.removeprefix("--ignore=")).exists()] == []


def test_every_listed_equivalent_mutant_exists() -> None:
    made = {(module, str(mutant)) for module in MODULES for mutant in mutants((PACKAGE / module).read_text())}
    assert EQUIVALENT.keys() <= made
