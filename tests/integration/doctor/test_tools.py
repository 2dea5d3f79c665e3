"""What runs here: each tool's version, and what to do where one is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eptura_scim.doctor import tools
from eptura_scim.engine import installed_engine
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.engine.official_installer import VERSION

PROJECT = Path(__file__).parents[3]


def pulumi(folder: Path, version: str) -> dict[str, str]:
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\necho v{version}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "EPTURA_SCIM_CACHE": str(folder / "cache"), "HOME": str(folder)}


@pytest.mark.parametrize(
    ("version", "status", "said"),
    [
        (str(VERSION), "green", f"Pulumi {VERSION}"),
        ("3.259.0", "yellow", "older than the SDK; it works"),
        ("3.100.0", "red", "older than 3.259.0"),
        ("nonsense", "red", "does not answer"),
    ],
)
def test_the_engine_is_compared_to_the_sdk(tmp_path: Path, version: str, status: str, said: str) -> None:
    environment, remarks = pulumi(tmp_path, version), list[str]()
    finding = tools.engine(installed_engine(remarks.append, environment), remarks)
    assert finding.status == status
    assert said in finding.said


def test_an_engine_that_only_this_program_finds_is_yellow(tmp_path: Path) -> None:
    got = tmp_path / "engine" / f"v{VERSION}" / "bin"
    got.mkdir(parents=True)
    pulumi(got, str(VERSION))
    finding = tools.engine(installed_engine(print, {"PATH": "/nowhere", "EPTURA_SCIM_CACHE": str(tmp_path)}), [])
    assert finding.status == "yellow"
    assert "not on PATH: eptura-scim finds it, your shell does not" in finding.said


def test_no_engine_is_red() -> None:
    assert tools.engine(None, []).said == "no Pulumi CLI is on PATH"


def test_a_language_host_is_needed_beside_the_engine_or_on_path(tmp_path: Path) -> None:
    environment = pulumi(tmp_path, str(VERSION))
    engine = installed_engine(print, environment)
    assert tools.language_host(engine, {"PATH": "/nowhere"}).status == "red"
    host = tmp_path / "pulumi-language-python"
    host.touch(0o755)
    assert tools.language_host(engine, {"PATH": "/nowhere"}).said == str(host)


def test_the_azuread_plugin_is_compared_to_what_the_sdk_asks_for(tmp_path: Path) -> None:
    def installed(version: str) -> None:
        folder = tmp_path / "plugins" / f"resource-azuread-v{version}"
        folder.mkdir(parents=True)
        (folder / "pulumi-resource-azuread").touch()

    environment, wanted = {"PULUMI_HOME": str(tmp_path)}, wanted_version()
    missing = tools.azuread(environment)
    assert (missing.status, missing.todo) == ("yellow", f"pulumi plugin install resource azuread {wanted}")
    installed("6.0.1")
    assert tools.azuread(environment).said == f"6.0.1, the SDK asks for {wanted}"
    installed(wanted)
    assert tools.azuread(environment) == ("azuread plugin", "green", wanted, "")


def project(folder: Path, main: str | None, *, virtualenv: bool = False) -> Path:
    (folder / "Pulumi.yaml").write_text(
        "name: eptura\nruntime: python\nplugins:\n  providers:\n    - {name: eptura-scim, path: plugin}\n"
    )
    if main is not None:
        plugin = folder / "plugin"
        plugin.mkdir()
        options = "  options: {virtualenv: ../.venv}\n" if virtualenv else ""
        (plugin / "PulumiPlugin.yaml").write_text(f"runtime:\n  name: python\n{options}")
        (plugin / "__main__.py").write_text(main)
    return folder


async def test_our_plugin_starts_and_tells_its_version() -> None:
    finding = await tools.own_plugin(PROJECT, os.environ)
    assert finding.status == "green", finding
    assert finding.said.startswith("0.1.0 starts")


@pytest.mark.parametrize(
    ("main", "virtualenv", "said"),
    [
        ("raise SystemExit('no module named pydantic')", False, "does not start: no module named pydantic"),
        ("print('not a port')", False, "does not start: the plugin printed no port"),
        ("print(1, flush=True); import time; time.sleep(60)", False, "starts but does not answer"),
        ("", True, "No such file or directory"),
        (None, False, "PulumiPlugin.yaml cannot be read"),
    ],
    ids=["fails", "says nothing", "does not answer", "not set up", "no plugin"],
)
async def test_a_plugin_that_does_not_run_says_why(
    tmp_path: Path, main: str | None, virtualenv: bool, said: str
) -> None:
    finding = await tools.own_plugin(project(tmp_path, main, virtualenv=virtualenv), os.environ)
    assert finding.status == "red"
    assert said in finding.said
    assert finding.todo


async def test_a_project_without_the_plugins_folder_is_red(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    finding = await tools.own_plugin(tmp_path, os.environ)
    assert (finding.status, finding.said) == (
        "red",
        f"{tmp_path / 'Pulumi.yaml'} names no folder for the plugin eptura-scim",
    )


async def test_the_plugin_is_found_from_a_folder_below_the_project(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    project(tmp_path, "raise SystemExit('found')")
    finding = await tools.own_plugin(tmp_path / "docs", os.environ)
    assert finding.said == "does not start: found"


async def test_a_folder_without_a_project_is_named(tmp_path: Path) -> None:
    finding = await tools.own_plugin(tmp_path, os.environ)
    assert "Pulumi.yaml does not exist" in finding.said


def test_an_unknown_choice_of_azureads_plugin_is_named() -> None:
    finding = tools.azuread({"EPTURA_SCIM_AZUREAD": "foo", "PATH": ""})
    assert (finding.status, "EPTURA_SCIM_AZUREAD is 'foo': set it to stand-in or real" in finding.said) == ("red", True)
