"""`eptura-scim fleet` over stacks that a real engine made: one as declared, one with drift, one paused by hand."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from eptura_scim.engine import AzureadPlugin, Engine
from tests.engine.shell import Shell
from tests.unit.cli.html_page import HtmlPage

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

pytestmark = pytest.mark.slow

STACKS = ("healthy", "drifted", "paused")


@pytest.fixture
def shell(tmp_path: Path, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra) -> Shell:
    """A project with the three stacks up, each with its application, after one cycle."""
    shell = Shell(tmp_path, engine, azuread, entra)
    for name in STACKS:
        shutil.copy(shell.folder / "Pulumi.dev.yaml", shell.folder / f"Pulumi.{name}.yaml")
        shell.pulumi("stack", "init", name)
        shell.pulumi("config", "set", "tenantUrl", entra.scim.url, "--stack", name)
        shell.pulumi("config", "set", "applicationName", f"Eptura {name}", "--stack", name)
        assert "9 created" in shell.pulumi("up", "--yes", "--skip-preview", "--stack", name)
    for name in STACKS:
        principal = entra.portal.of(f"Eptura {name}").service_principal()["id"]
        asyncio.run(entra.provisioning.run_cycle(str(principal)))
    return shell


def test_each_stack_is_listed_and_the_worst_gives_the_exit_code(
    shell: Shell, entra: LocalEntra, tmp_path: Path
) -> None:
    entra.portal.of("Eptura drifted").set_user_source("externalId", "[mailNickname]")
    entra.portal.of("Eptura paused").stop()
    page = tmp_path / "fleet.html"

    def fleet(*arguments: str) -> Result:
        environment = {**shell.environment, "NO_COLOR": "1", "COLUMNS": "80"}
        return CliRunner().invoke(
            app, ["fleet", *arguments, "--project", str(shell.folder)], env=environment, catch_exceptions=False
        )

    done = fleet("--all", "--json", "--html", str(page))
    found = {stack["stack"]: stack for stack in json.loads(done.stdout)["stacks"]}
    assert {name: found[name]["drift"]["drift"] for name in STACKS} == {
        "healthy": False,
        "drifted": True,
        "paused": True,  # provisioning is declared on
    }
    assert {name: found[name]["status"]["health"] for name in STACKS} == {
        "healthy": "healthy",
        "drifted": "healthy",
        "paused": "stopped",
    }
    assert [found[name]["exitCode"] for name in STACKS] == [0, 2, 2]
    assert (done.exit_code, json.loads(done.stdout)["exitCode"]) == (2, 2)
    assert entra.scim.token not in done.stdout

    shown = "".join(HtmlPage(page.read_text(encoding="utf-8")).text)
    assert all(name in shown for name in STACKS)
    assert fleet("healthy").exit_code == 0

    entra.portal.of("Eptura healthy").quarantine()
    screen = fleet("--all")
    assert screen.exit_code == 3
    assert max(map(len, screen.stdout.splitlines())) <= 80
    assert all(word in screen.stdout for word in (*STACKS, "quarantine"))
