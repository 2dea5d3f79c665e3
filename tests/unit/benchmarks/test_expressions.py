"""The benchmark of expressions compares two sides that do the same."""

from __future__ import annotations

import pytest

from benchmarks import expressions
from benchmarks.processes import NotMeasuredError


def test_rates_and_ratios_are_measured_in_one_run() -> None:
    figures = expressions.measure(2, users=200)
    assert [figure.unit for figure in figures] == ["/s", "times", "/s", "times", "/s"]
    assert all(len(figure.values) == 2 for figure in figures)


def test_a_plain_version_with_other_results_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(expressions._BY_HAND, "active", lambda person: "True")
    with pytest.raises(NotMeasuredError, match="something else"):
        expressions.measure(1, users=5)
