"""A sandbox with a company in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from acceptance.company import Company
from tests.outcomes.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.fixture
def company(sandbox: Sandbox) -> Company:
    return Company(sandbox.entra.people)
