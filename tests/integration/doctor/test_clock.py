"""A clock that is off is told by how much and in which direction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eptura_scim.doctor.clock import clock
from eptura_scim.graph.client import connect
from eptura_scim.local_entra import Fault, LocalEntra


@pytest.mark.parametrize(
    ("off", "status", "said"),
    [(0, "green", " s "), (200, "yellow", "s ahead of"), (-200, "yellow", "s behind"), (900, "red", "s ahead of")],
)
async def test_a_clock_is_compared_to_graphs(off: int, status: str, said: str) -> None:
    with LocalEntra.start() as entra:
        client = await connect(entra.environment)
        finding = await clock(client, datetime.now(UTC) + timedelta(seconds=off))
        await client.close()
    assert finding.status == status
    assert said in finding.said


async def test_the_time_is_asked_without_a_login() -> None:
    with LocalEntra.start() as entra:
        client = await connect({**entra.environment, "ARM_CLIENT_SECRET": "wrong"})
        assert (await clock(client, datetime.now(UTC))).status == "green"
        entra.faults.add(Fault(kind="reset", times=9))
        assert (await clock(client, datetime.now(UTC))).said.startswith("not compared: ")
        await client.close()
