"""A program in another folder uses the plugin that the wheel installs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import AzureadPlugin, ConfigValue, Deployment, Engine, plugin_folders
from tests.engine.conftest import PROJECT
from tests.packaging.conftest import Installed, install, wheel

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

__all__ = ["wheel"]  # a fixture

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel without any extra."""
    return install(wheel, "", tmp_path_factory.mktemp("installed"))


@pytest.mark.parametrize("found", ["in the folder that Pulumi.yaml names", "on PATH"])
def test_a_program_in_another_folder_uses_the_installed_plugin(
    found: str,
    installed: Installed,
    engine: Engine,
    azuread: AzureadPlugin,
    entra: LocalEntra,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = tmp_path / "program"
    program.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(PROJECT / name, program)
    plugins = {"azuread": plugin_folders(tmp_path, azuread)["azuread"]}
    if found == "on PATH":
        monkeypatch.setenv("PATH", os.pathsep.join([str(installed.scripts), os.environ["PATH"]]))
    else:
        plugins["eptura-scim"] = installed.scripts
    deployment = Deployment.open(
        program,
        "elsewhere",
        tmp_path / "home",
        engine=engine,
        plugins=plugins,
        environment=entra.environment,
        config={"tenantUrl": entra.scim.url, "secretToken": ConfigValue(entra.scim.token, secret=True)},
    )
    deployment.up()
    assert entra.portal.job()["schedule"]["state"] == "Active"
    deployment.preview(expect_no_changes=True)
