"""The recycle bin survives a restart."""

from __future__ import annotations

from pathlib import Path

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import GraphClient
from tests.unit.local_entra.fixed_clock import FixedClock


async def test_the_bin_survives_a_restart(tmp_path: Path) -> None:
    clock = FixedClock()
    with LocalEntra.start(state_dir=tmp_path, clock=clock) as entra:
        entra.portal.create_application("Eptura")
        entra.portal.create_job()
        entra.portal.delete_application()
    with LocalEntra.start(state_dir=tmp_path, clock=clock) as entra:
        assert entra.portal.applications() == []
        async with (client := GraphClient.in_process(entra)).http:
            [application] = await client.deleted("application")
            [principal] = await client.deleted("servicePrincipal")
            await client.restore(application)
            await client.restore(principal)
        assert entra.portal.job()["status"]["code"] == "Paused"
