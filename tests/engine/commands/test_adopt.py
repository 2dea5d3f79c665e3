"""An application made by hand becomes code: `eptura-scim adopt` on the plain `pulumi` command."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from eptura_scim.engine import AzureadPlugin, Engine
from tests.engine.shell import Shell

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

pytestmark = pytest.mark.slow

COMPONENT = "eptura-scim:index:EpturaScimProvisioning"


def adopt(shell: Shell, token: str) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from eptura_scim.cli import main; main()",
            "adopt",
            "Made by hand",
            "--yes",
            "--token-stdin",
        ],
        cwd=shell.folder,
        env=shell.environment,
        input=token,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def shell(tmp_path: Path, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra) -> Shell:
    shell = Shell(tmp_path, engine, azuread, entra)
    shell.pulumi("stack", "init", "prod")
    return shell


def test_an_adopted_application_shows_only_real_differences(shell: Shell, entra: LocalEntra) -> None:
    portal = entra.portal
    portal.create_application("Made by hand")
    portal.create_job()
    portal.set_tenant_url(entra.scim.url)
    portal.set_secret_token(entra.scim.token)
    portal.set_deletion_threshold(9)
    portal.start()
    asyncio.run(entra.provisioning.run_cycle())
    entra.calls.clear()

    said = adopt(shell, entra.scim.token)
    assert "Taken over; nothing was changed in Entra." in said
    assert entra.calls.writes() == []

    seen = previewed(shell)
    differing = {
        step["urn"].split("::")[2].rsplit(":", 1)[-1]: step for step in seen["steps"] if step["op"] == "update"
    }
    assert set(differing) == {
        "ServicePrincipal", "SynchronizationJob", "SynchronizationSecrets", "SynchronizationSchema",
        "SynchronizationJobState",
    }  # fmt: skip
    # It is paused before scope and mappings change, which is said; nothing of it differs in Entra.
    assert {path.partition(".")[0] for path in differing["SynchronizationJob"]["detailedDiff"]} == {"configuration"}
    assert set(differing["ServicePrincipal"]["detailedDiff"]) == {"useExisting"}
    assert set(differing["SynchronizationSecrets"]["detailedDiff"]) == {"scope"}
    lines = "".join(message["message"] for message in seen["diagnostics"]).splitlines()
    ours = [line for line in lines if line.startswith(("~", "-", "+", "warning: changed", "warning: this app"))]
    assert len(ours) > 20
    assert any("has already run a cycle; the externalId of existing users cannot be corrected" in line for line in ours)
    only_in_preview = {line for line in ours if f"    {line}\n" not in said}
    # azuread prints no line for useExisting, its stand-in does.
    assert only_in_preview - {"+ useExisting: true"} == {"~ configuration: changed"}

    # Undo one of them, and adopt again: a rerun imports what is missing, below the component that is there.
    urn = f"urn:pulumi:prod::eptura::{COMPONENT}$eptura-scim:index:SynchronizationJobState::eptura"
    shell.pulumi("state", "delete", urn, "--yes")
    assert "Importing SynchronizationJobState\n" in adopt(shell, entra.scim.token)
    assert urn in shell.pulumi("stack", "export")
    assert entra.calls.writes() == []


def previewed(shell: Shell) -> dict[str, Any]:
    text = shell.pulumi("preview", "--json")
    document: dict[str, Any] = json.loads(text[text.index("{") :])
    return document
