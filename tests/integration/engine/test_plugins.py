"""The azuread plugin: an installed one, else a download, else the stand-in, said in one line."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine.command import EngineCommand
from eptura_scim.engine.discovery import Engine
from eptura_scim.engine.errors import EngineNotFoundError
from eptura_scim.engine.plugins import AzureadPlugin, azuread_plugin, plugin_folders, write_executable

if TYPE_CHECKING:
    from tests.integration.engine.conftest import Machine

WANTED = "6.11.1"

DOWNLOADING = """#!/bin/sh
[ "$1" = version ] && echo v3.259.0 && exit
echo "$@" >> {log}
{then}
"""
PLACE = """
mkdir -p "$PULUMI_HOME/plugins/resource-azuread-v6.11.1"
touch "$PULUMI_HOME/plugins/resource-azuread-v6.11.1/pulumi-resource-azuread"
"""


def engine(machine: Machine, then: str = "exit 1") -> Engine:
    path = machine.executable("pulumi", DOWNLOADING.format(log=machine.go_log, then=then))
    return Engine(EngineCommand(path), "PATH")


def install(machine: Machine, version: str) -> Path:
    folder = Path(machine.environment["HOME"]) / ".pulumi" / "plugins" / f"resource-azuread-v{version}"
    machine.executable("pulumi-resource-azuread", "", folder)
    return folder


def test_an_installed_plugin_of_the_wanted_version_is_preferred(machine: Machine) -> None:
    install(machine, "6.12.0")
    folder = install(machine, WANTED)
    assert azuread_plugin(engine(machine), machine.say, machine.environment) == AzureadPlugin(folder, WANTED)
    assert machine.said == []


def test_the_newest_of_the_same_major_version_is_second_choice(machine: Machine) -> None:
    install(machine, "5.53.0")
    install(machine, "none-of-ours")
    install(machine, "6.9.1")
    folder = install(machine, "6.10.0")
    assert azuread_plugin(engine(machine), machine.say, machine.environment) == AzureadPlugin(folder, "6.10.0")


def test_a_missing_plugin_is_downloaded_into_the_cache(machine: Machine) -> None:
    found = azuread_plugin(engine(machine, PLACE), machine.say, machine.environment)
    assert found.version == WANTED
    assert found.folder is not None
    assert found.folder.is_relative_to(machine.cache)


def test_the_stand_in_replaces_a_missing_plugin_with_a_message(machine: Machine) -> None:
    found = azuread_plugin(engine(machine), machine.say, machine.environment)
    assert found.folder is None
    assert len(machine.said) == 1
    assert "stand-in" in machine.said[0]


def test_a_failed_download_is_not_tried_again_at_once(machine: Machine) -> None:
    for _ in range(3):
        azuread_plugin(engine(machine), machine.say, machine.environment)
    assert machine.go_log.read_text().count("plugin install resource azuread 6.11.1") == 1


def test_a_required_real_plugin_is_used_or_an_error(machine: Machine) -> None:
    machine.environment["EPTURA_SCIM_AZUREAD"] = "real"
    with pytest.raises(EngineNotFoundError, match=r"pulumi plugin install resource azuread 6\.11\.1"):
        azuread_plugin(engine(machine), machine.say, machine.environment)


def test_the_executable_runs_the_module_from_any_folder(tmp_path: Path) -> None:
    home = tmp_path / "a folder's name"
    folder = write_executable(home, "json", "json.tool")
    done = subprocess.run(
        [folder / "pulumi-resource-json"], input="{}", capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stdout.strip() == "{}"


def test_a_folder_for_each_provider(tmp_path: Path) -> None:
    real = tmp_path / "real"
    assert plugin_folders(tmp_path, AzureadPlugin(real, WANTED))["azuread"] == real
    stand_in = plugin_folders(tmp_path, AzureadPlugin(None, WANTED))
    assert "eptura_scim.azuread_stand_in" in (stand_in["azuread"] / "pulumi-resource-azuread").read_text()
    assert "eptura_scim.provider" in (stand_in["eptura-scim"] / "pulumi-resource-eptura-scim").read_text()


def test_a_choice_that_is_neither_is_refused(machine: Machine) -> None:
    machine.environment["EPTURA_SCIM_AZUREAD"] = "foo"
    with pytest.raises(EngineNotFoundError, match="EPTURA_SCIM_AZUREAD is 'foo': set it to stand-in or real"):
        azuread_plugin(engine(machine), machine.say, machine.environment)
