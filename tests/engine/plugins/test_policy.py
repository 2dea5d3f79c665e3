"""The policy pack on the engine: what it sees, what it stops, and how a violation is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import AzureadPlugin, ConfigValue, Deployment, Engine, plugin_folders
from eptura_scim.engine.errors import DeploymentError
from tests.engine.conftest import PROJECT

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the pack with its own environment, as an executable: the engine here has no language host."""
    folder = tmp_path_factory.mktemp("policy") / "policy"
    shutil.copytree(PROJECT / "policy", folder, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    venv.create(folder / ".venv", symlinks=True)
    python, lock = folder / ".venv" / "bin" / "python", folder / "requirements.txt"
    by_uv: list[str | Path] = [
        Path(sys.executable).with_name("uv"),
        "pip",
        "sync",
        "--python",
        python,
        "--require-hashes",
        lock,
    ]
    by_pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--require-hashes",
        "-r",
        lock,
    ]
    if subprocess.run(by_uv, capture_output=True, check=False).returncode:
        subprocess.run(by_pip, capture_output=True, check=True)
    return str(folder / "eptura-scim-policy")


def open_stack(
    name: str, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra, folder: Path, **config: str
) -> Deployment:
    return Deployment.open(
        PROJECT,
        name,
        folder,
        engine=engine,
        plugins=plugin_folders(folder, azuread),
        environment=entra.environment,
        config={
            "tenantUrl": entra.scim.url,
            "secretToken": ConfigValue(entra.scim.token, secret=True),
            **config,
        },
    )


def test_a_violation_stops_a_preview_and_is_told_by_its_name(
    pack: str, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra, tmp_path: Path
) -> None:
    stack = open_stack("prod", engine, azuread, entra, tmp_path, protect="off")
    with pytest.raises(DeploymentError) as raised:
        stack.preview(policy_packs=[pack])
    told = str(raised.value).splitlines()
    assert [line.split(": ")[0] for line in told if "real-tenant-url" in line] == [
        "policy real-tenant-url (eptura-scim)"
    ]
    assert any("this host is a placeholder or this machine" in line for line in told)
    assert sum("policy protected" in line for line in told) == 6
    assert entra.scim.token not in raised.value.outcome.text
    advice = {found.policy for found in raised.value.outcome.violations if not found.mandatory}
    assert advice == {"deletion-threshold", "notification-email"}


def test_the_development_stack_keeps_all_rules_also_after_up(
    pack: str, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra, tmp_path: Path
) -> None:
    stack = open_stack("dev", engine, azuread, entra, tmp_path)
    assert stack.preview(policy_packs=[pack]).violations == ()
    assert stack.up(policy_packs=[pack]).violations == ()
    assert stack.preview(policy_packs=[pack], expect_no_changes=True).violations == ()
    assert analyze(engine, stack, pack, tmp_path) == 0


def analyze(engine: Engine, stack: Deployment, pack: str, folder: Path) -> int:
    """The exit code of `pulumi policy analyze` on the exported state: no stack, no program and no login is needed."""
    state = folder / "state.json"
    state.write_text(json.dumps({"version": 3, "deployment": stack.export_stack()}), encoding="utf-8")
    done = subprocess.run(
        [engine.path, "policy", "analyze", "--file", state, "--policy-pack", pack],
        env={"PATH": os.environ["PATH"], "PULUMI_HOME": str(folder / "home"), "PULUMI_SKIP_UPDATE_CHECK": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "error" not in done.stderr, done.stderr
    return done.returncode
