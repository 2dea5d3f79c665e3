"""Names of tests: short sentences about the subject, in plain words (CONTRIBUTING.md)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
LONGEST = 65  # characters, `test_` included
RIDDLES = re.compile(
    r"nobody|somebody|anybody|everybody|whoever|whatever|anew|taken_for|told_so|is_none|(is|are)_no_|to_be_(seen|looked)"
    r"|all_the_same|left_to_|^test_(it|one|else)_"
)


def names() -> list[str]:
    """The names of all tests."""
    return [
        node.name
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]


def test_names_of_tests_are_short() -> None:
    assert [name for name in names() if len(name) > LONGEST] == []


def test_names_of_tests_are_plain() -> None:
    assert [name for name in names() if RIDDLES.search(name)] == []
