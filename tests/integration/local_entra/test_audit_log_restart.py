"""The audit log survives a restart."""

from __future__ import annotations

from pathlib import Path

from eptura_scim.local_entra import LocalEntra


async def test_logs_survive_a_restart(tmp_path: Path) -> None:
    with LocalEntra.start(state_dir=tmp_path) as entra:
        entra.portal.create_application("Eptura")
        before = entra.portal.audits()
    with LocalEntra.start(state_dir=tmp_path) as entra:
        assert entra.portal.audits() == before
        assert [entry["activityDisplayName"] for entry in before] == ["Add service principal", "Add application"]
