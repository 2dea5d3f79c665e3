"""A user's terminal: the plain `pulumi` command in a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eptura_scim.engine import AzureadPlugin, Engine, plugin_folders
from eptura_scim.environment import LOCAL_PASSPHRASE
from tests.engine.conftest import PROJECT

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

LANGUAGE_HOST = Path(__file__).parent / "language_host"


class Shell:
    """A terminal in a copy of the project."""

    def __init__(self, folder: Path, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py"):
            shutil.copy(PROJECT / name, self.folder / name)
        (self.folder / "plugin").symlink_to(PROJECT / "plugin")
        home = folder / "pulumi-home"
        installed = home / "plugins" / f"resource-azuread-v{azuread.version}"
        shutil.copytree(plugin_folders(folder, azuread)["azuread"], installed)
        self.engine = engine
        self.environment = {
            **entra.environment,
            "HOME": os.environ.get("HOME", ""),
            "PATH": os.pathsep.join([str(LANGUAGE_HOST), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(PROJECT),
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": folder.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": LOCAL_PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def pulumi(self, *arguments: str, exits: int = 0) -> str:
        done = subprocess.run(
            [str(self.engine.path), *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == exits, done.stdout
        return done.stdout
