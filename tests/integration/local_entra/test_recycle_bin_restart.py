"""The recycle bin survives a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import GraphClient
from tests.unit.local_entra.fixed_clock import FixedClock

BIN = "/directory/deletedItems"


async def deleted(graph: GraphClient, kind: str) -> list[str]:
    return [item["id"] for item in (await graph.get(f"{BIN}/microsoft.graph.{kind}"))["value"]]


async def restore(graph: GraphClient, identifier: str) -> Any:
    answer = await graph.ask("POST", f"{BIN}/{identifier}/restore")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_bin_survives_a_restart(tmp_path: Path) -> None:
    clock = FixedClock()
    with LocalEntra.start(state_dir=tmp_path, clock=clock) as entra:
        entra.portal.create_application("Eptura")
        entra.portal.create_job()
        entra.portal.delete_application()
    with LocalEntra.start(state_dir=tmp_path, clock=clock) as entra:
        assert entra.portal.applications() == []
        async with (client := GraphClient.in_process(entra)).http:
            [application] = await deleted(client, "application")
            [principal] = await deleted(client, "servicePrincipal")
            await restore(client, application)
            await restore(client, principal)
        assert entra.portal.job()["status"]["code"] == "Paused"
