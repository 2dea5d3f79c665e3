"""The project as it lies here, on the plain `pulumi` command: what a user types against `eptura-scim local env`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from eptura_scim.cli.app import app
from eptura_scim.engine import AzureadPlugin, Engine
from tests.engine.conftest import PROJECT
from tests.engine.shell import Shell

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

pytestmark = pytest.mark.slow

DRIFT, NO_STACK = 7, 6
"""Pulumi's own exit codes, as docs/exit-codes.md and the README name them."""
_THROUGH_THE_HOST = "/plugin' via runtime 'python'"
"""What the engine logs of a plugin that it starts through a language host."""


@pytest.fixture
def shell(tmp_path: Path, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra) -> Shell:
    return Shell(tmp_path, engine, azuread, entra)


def test_the_plain_command_converges_and_shows_drift(shell: Shell, entra: LocalEntra) -> None:
    shell.pulumi("stack", "init", "dev")
    shell.pulumi("config", "set", "tenantUrl", entra.scim.url)
    assert "9 created" in shell.pulumi("up", "--yes")
    assert "9 unchanged" in shell.pulumi("refresh", "--preview-only", "--expect-no-changes")
    assert "9 unchanged" in shell.pulumi("preview", "--expect-no-changes")
    assert "no stack named 'nope' found" in shell.pulumi("preview", "--stack", "nope", exits=NO_STACK)

    entra.portal.set_user_source("externalId", "[mailNickname]")
    assert '~ users.externalId.source: "[mailNickname]" => "[objectId]"' in shell.pulumi(
        "preview", "--expect-no-changes", exits=DRIFT
    )

    _, _, document = shell.pulumi("preview", "--json").partition("\n")  # the first line tells of the language host
    reviewed = json.loads(document)
    said = {(message.get("severity"), message["message"].strip()) for message in reviewed["diagnostics"]}
    assert ("warning", "warning: changed mappings start a new initial cycle over all users and groups") in said

    drift = CliRunner().invoke(
        app, ["drift", "--format", "json", "--project", str(shell.folder)], env=shell.environment
    )
    assert drift.exit_code == 2, drift.output
    [found] = json.loads(drift.stdout)["settings"]
    assert (found["path"], found["live"], found["declared"]) == (
        "users.externalId.source", "[mailNickname]", "[objectId]",
    )  # fmt: skip
    assert found["changed"]["who"] == [f"admin@{entra.tenant.domain}"]
    assert "changed mappings start a new initial cycle over all users and groups" in found["costs"]

    # The selected stack's outputs name the job; no passphrase is needed for that.
    environment = {**shell.environment, "PULUMI_CONFIG_PASSPHRASE": ""}
    status = CliRunner().invoke(app, ["status", "--json", "--project", str(shell.folder)], env=environment)
    assert json.loads(status.stdout)["jobId"] == entra.portal.job()["id"]

    noisy = shell.pulumi("preview", "-v=11", "--logtostderr", "--logflow", "--debug")
    assert len(noisy) > 100_000
    assert _THROUGH_THE_HOST not in noisy
    assert entra.scim.token not in noisy
    assert entra.scim.token not in shell.pulumi("stack", "export", "--show-secrets")


def test_lists_numbers_and_booleans_of_yaml_are_settings(shell: Shell, entra: LocalEntra) -> None:
    people = entra.portal.people
    groups = [people.add_group("Munich"), people.add_group("Hamburg")]
    owner = people.add_user("adele@contoso.example")
    shell.pulumi("stack", "init", "dev")
    shell.pulumi("config", "set", "tenantUrl", entra.scim.url)
    settings = shell.folder / "Pulumi.dev.yaml"
    lists = f"  eptura:scope: assigned\n  eptura:assignedGroups:\n    - {groups[0]}\n    - {groups[1]}\n"
    text = settings.read_text(encoding="utf-8")
    scalars = f"  eptura:owners: [{owner}]\n  eptura:tokenWarningDays: 30\n  eptura:testSavedToken: true\n"
    settings.write_text(text.replace("config:\n", f"config:\n{lists}{scalars}"), encoding="utf-8")
    shell.pulumi("up", "--yes")
    assert {made["principalId"] for made in people.assigned()} == set(groups)
    assert "unchanged" in shell.pulumi("preview", "--expect-no-changes")
    doctor = CliRunner().invoke(app, ["doctor", "--json", "--project", str(shell.folder)], env=shell.environment)
    [found] = [item for item in json.loads(doctor.stdout)["findings"] if item["check"] == "settings"]
    assert (found["status"], found["said"]) == ("green", "those of the stack dev are complete and valid")

    settings.write_text(
        settings.read_text(encoding="utf-8").replace(f"    - {groups[1]}\n", "    - Hamburg\n"), encoding="utf-8"
    )
    assert "assignedGroups: must be an object id; it is 'Hamburg'" in shell.pulumi("preview", exits=1)


def test_a_plugin_without_executable_starts_by_the_language_host(shell: Shell, entra: LocalEntra) -> None:
    (shell.folder / "plugin").unlink()
    (shell.folder / "plugin").mkdir()
    for name in ("PulumiPlugin.yaml", "__main__.py"):  # what a checkout without the executable's mode comes down to
        shutil.copy(PROJECT / "plugin" / name, shell.folder / "plugin" / name)
    shell.pulumi("stack", "init", "dev")
    shell.pulumi("config", "set", "tenantUrl", entra.scim.url)
    told = shell.pulumi("preview", "-v=9", "--logtostderr")
    assert "9 to create" in told.replace("+ ", "")
    assert _THROUGH_THE_HOST in told
