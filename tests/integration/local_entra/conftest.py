from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import App, GraphClient


@pytest.fixture
def entra() -> LocalEntra:
    """A local Entra without a socket."""
    return LocalEntra.in_process()


@pytest.fixture
async def graph(entra: LocalEntra) -> AsyncIterator[GraphClient]:
    client = GraphClient.in_process(entra)
    async with client.http:
        yield client


@pytest.fixture
async def app(graph: GraphClient) -> App:
    """An application with a job, nothing else configured."""
    return await graph.new_app()
