"""The environment that `make lean` leaves: what the Pulumi CLI finds there, and what alerts say."""

from __future__ import annotations

import shutil
import sys
import venv
from pathlib import Path

import pytest

from tests.packaging.conftest import PROJECT, run, succeed

pytestmark = pytest.mark.slow

PROGRAM = """
import pulumi, sys
from eptura_scim.alerts import declare_alerts
from eptura_scim.component import EpturaScimProvisioning
pulumi.runtime.set_all_config(dict.fromkeys(sys.argv[1:], "on"))
try:
    print(declare_alerts("eptura", service_principal_object_id="", client_id=""))
except pulumi.RunError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def lean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment with what requirements.txt names after `make lean`."""
    folder = tmp_path_factory.mktemp("lean")
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(PROJECT / name, folder / name)
    succeed("make", "lean", folder=folder)
    venv.create(folder / ".venv", symlinks=True)
    python, lock = folder / ".venv" / "bin" / "python", folder / "requirements.txt"
    by_uv = run(Path(sys.executable).with_name("uv"), "pip", "sync", "--python", python, "--require-hashes", lock,
                folder=folder)  # fmt: skip
    if by_uv.returncode:
        succeed(sys.executable, "-m", "pip", "--python", python, "install", "--require-hashes", "-r", lock,
                folder=folder)  # fmt: skip
    return folder


def test_the_pulumi_cli_finds_no_plugin_but_azuread_s(lean: Path) -> None:
    """The language host asks for the plugin of every package that holds a pulumi-plugin.json with a resource."""
    found = {path.parent.name for path in (lean / ".venv").rglob("pulumi-plugin.json")}
    assert found == {"pulumi_azuread"}


def test_the_program_runs_and_alerts_name_the_missing_package(lean: Path) -> None:
    def said(*settings: str) -> str:
        return succeed(
            "env", f"PYTHONPATH={PROJECT}", lean / ".venv" / "bin" / "python", "-c", PROGRAM, *settings,
            folder=lean,
        )  # fmt: skip

    assert said() == "None\n"
    needed = ("alerts:enabled", "alerts:resourceGroup", "alerts:location", "alerts:actionGroups")
    assert "pulumi_azure_native, which is not installed" in said(*needed)
