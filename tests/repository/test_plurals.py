"""Singular and plural are decided in one place, `quantities.counted`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import eptura_scim

PACKAGE = Path(eptura_scim.__file__).parent
PLURAL = re.compile(r" (?!was\b|is\b|has\b|this\b)[a-z]+s\b")


def test_no_message_writes_a_plural_by_hand() -> None:
    assert list(by_hand("eptura_scim", ast.parse('f"{len(users)} users"'))) == ["eptura_scim:1 {len(users)} users"]
    assert list(by_hand("eptura_scim", ast.parse("f\"way{'s' if n != 1 else ''}\""))) == [
        "eptura_scim:1 {'s' if n != 1 else ''}"
    ]
    found = [
        line
        for file in sorted(PACKAGE.rglob("*.py"))
        if file.name != "quantities.py"
        for line in by_hand(str(file.relative_to(PACKAGE)), ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert found == []


def by_hand(name: str, tree: ast.AST) -> Iterator[str]:
    """Texts that count with `len` before a plural, or that choose an s themselves."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, rest in zip(node.values, [*node.values[1:], None], strict=True):
            if not isinstance(value, ast.FormattedValue):
                continue
            inside = value.value
            ends = (inside.body, inside.orelse) if isinstance(inside, ast.IfExp) else ()
            if "s" in {getattr(end, "value", "") for end in ends}:
                yield f"{name}:{node.lineno} {{{ast.unparse(inside)}}}"
            counts = isinstance(inside, ast.Call) and ast.unparse(inside.func) == "len"
            if counts and isinstance(rest, ast.Constant) and (noun := PLURAL.match(str(rest.value))):
                yield f"{name}:{node.lineno} {{{ast.unparse(inside)}}}{noun[0]}"
