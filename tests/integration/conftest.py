"""A served local Entra, and a client that is logged in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.local_entra import LocalEntra


@pytest.fixture
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        yield started


@pytest.fixture
async def client(entra: LocalEntra) -> AsyncIterator[GraphClient]:
    opened = await connect(entra.environment)
    yield opened
    await opened.close()
