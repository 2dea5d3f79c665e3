"""The commands of the README that need no tenant, run as they stand there, in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from eptura_scim.cli.local.command import DEFAULT_PORT
from eptura_scim.engine import AzureadPlugin, Engine, plugin_folders
from tests.engine.conftest import PROJECT
from tests.engine.shell import LANGUAGE_HOST
from tests.repository.pages import MarkdownPage

pytestmark = pytest.mark.slow


def block(heading: str) -> str:
    """The shell commands under a heading of the README."""
    _, _, rest = MarkdownPage(PROJECT / "README.md").text.partition(f"## {heading}\n")
    found = re.search(r"^```sh\n(.*?)^```$", rest, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The project after `make setup`; its stack `dev` and the commands use a free port in place of the usual one."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py"):
        shutil.copy(PROJECT / name, folder)
    (folder / "plugin").symlink_to(PROJECT / "plugin")
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    (folder / "Makefile").write_text("setup:\n", encoding="utf-8")
    return folder


def test_commands_of_the_readme_make_a_stack_on_a_local_entra(
    checkout: Path, engine: Engine, azuread: AzureadPlugin, tmp_path: Path
) -> None:
    port, stack = free_port(), checkout / "Pulumi.dev.yaml"
    stack.write_text(stack.read_text("utf-8").replace(str(DEFAULT_PORT), str(port)), encoding="utf-8")
    home = tmp_path / "pulumi-home"
    shutil.copytree(
        plugin_folders(tmp_path, azuread)["azuread"], home / "plugins" / f"resource-azuread-v{azuread.version}"
    )
    commands = block("Try it with the official CLI, without a tenant")
    script = commands.replace("local start --detach", f"local start --detach --port {port}")
    assert script != commands
    # Where the stack is up, before the block leaves the try-out.
    script = script.replace("pulumi up\n", "pulumi up && pulumi preview --expect-no-changes\n")
    assert "--expect-no-changes" in script
    environment = {
        "HOME": os.environ.get("HOME", ""),
        "PATH": os.pathsep.join(
            [str(LANGUAGE_HOST), str(engine.path.parent), str(Path(sys.executable).parent), os.environ["PATH"]]
        ),
        "PYTHONPATH": str(PROJECT),
        "PULUMI_HOME": str(home),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_SKIP_CONFIRMATIONS": "true",
    }
    try:
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    finally:
        stop = [str(checkout / ".venv" / "bin" / "eptura-scim"), "local", "stop"]
        subprocess.run(stop, cwd=checkout, check=False, capture_output=True)
