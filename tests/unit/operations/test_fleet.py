"""A fleet's exit code is that of the worst stack."""

from __future__ import annotations

import pytest

from eptura_scim.operations.fleet import worst


@pytest.mark.parametrize(("codes", "expected"), [
    ([], 0), ([0, 0], 0), ([0, 2], 2), ([2, 4], 4), ([4, 3], 3), ([3, 1], 1), ([5, 2], 2), ([6, 5], 5), ([2, 7], 7),
    ([0, 99], 1),
])  # fmt: skip
def test_the_worst_code_counts(codes: list[int], expected: int) -> None:
    assert worst(codes) == expected
