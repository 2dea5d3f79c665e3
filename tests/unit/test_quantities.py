"""Numbers and lengths of time in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eptura_scim.quantities import counted, duration


@pytest.mark.parametrize(
    ("number", "noun", "plural", "said"),
    [
        (0, "user", "", "0 users"),
        (1, "user", "", "1 user"),
        (1234, "more way", "", "1,234 more ways"),
        (2, "entry", "entries", "2 entries"),
    ],
)
def test_a_number_with_its_noun(number: int, noun: str, plural: str, said: str) -> None:
    assert counted(number, noun, plural) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (-7200, "2 hours"), (86399, "23 hours"), (86400, "1 day")],
)
def test_a_length_of_time_in_its_largest_unit(seconds: int, said: str) -> None:
    assert duration(timedelta(seconds=seconds)) == said
