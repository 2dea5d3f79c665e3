"""The names of the project's tests."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

__all__ = ["TESTS", "names_of_tests"]

TESTS = Path(__file__).parents[1]


@cache
def names_of_tests() -> tuple[str, ...]:
    """All names, in the order of the files; read once, it takes seconds."""
    return tuple(
        node.name
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )
