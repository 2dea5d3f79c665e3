"""Names of tests are short sentences in plain words, and their folders are those of the packages (CONTRIBUTING.md)."""

from __future__ import annotations

import re

import pytest

from tests.repository.named_tests import TESTS, names_of_tests

PROJECT = TESTS.parent
PACKAGE = PROJECT / "eptura_scim"
LONGEST = 60  # characters, `test_` included
RIDDLES = re.compile(
    r"nobody|somebody|anybody|everybody|whoever|whatever|anew|taken_for|told_so|is_none|(is|are)_no_|to_be_(seen|looked)"
    r"|all_the_same|left_to_|^test_(it|one|else)_"
)


def test_names_of_tests_are_short() -> None:
    assert [name for name in names_of_tests() if len(name) > LONGEST] == []


def test_names_of_tests_are_plain() -> None:
    assert [name for name in names_of_tests() if RIDDLES.search(name)] == []


@pytest.mark.parametrize("tier", ["unit", "integration"])
def test_folders_of_tests_mirror_packages(tier: str) -> None:
    rooms = {path.parent.relative_to(TESTS / tier) for path in (TESTS / tier).rglob("test_*.py")}
    assert [room for room in sorted(rooms) if not any((base / room).is_dir() for base in (PACKAGE, PROJECT))] == []
