"""The plain `pulumi` command: what a preview without changes takes that a user types.

The CLI that is built from its Go module has no Python language host, so a stand-in in Python
(tests/engine/language_host) takes the place of the official one. It runs the program in its own process and checks the
environment of a plugin as the official one does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from benchmarks.figures import Figure, ratios, take_turns
from benchmarks.processes import NotMeasuredError
from eptura_scim.engine import Engine, azuread_plugin, find_engine, plugin_folders
from eptura_scim.environment import LOCAL_PASSPHRASE
from eptura_scim.local_entra import LocalEntra

__all__ = ["measure"]

_ROOT = Path(__file__).parents[1]
_HOST = _ROOT / "tests" / "engine" / "language_host"
_EXECUTABLE = "pulumi-resource-eptura-scim"


class _Checkout:
    """A copy of a project, up, with the plugin of this project."""

    def __init__(self, folder: Path, project: Path, engine: Engine, environment: dict[str, str]) -> None:
        self.folder, self._engine, self._environment = folder, engine, environment
        folder.mkdir()
        settings = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        shutil.copy(project / "__main__.py", folder)

    def pulumi(self, *arguments: str) -> float:
        """Run a command; gives its seconds. Raises NotMeasuredError where it fails."""
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603
            [str(self._engine.path), *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotMeasuredError(f"pulumi {arguments[0]}: {done.stdout}{done.stderr}")
        return time.perf_counter() - began

    def preview(self) -> float:
        """A preview that must find no changes."""
        return self.pulumi("preview", "--expect-no-changes")


def measure(runs: int) -> list[Figure]:
    """A preview without changes, with the plugin's executable, without it, and of a program without resources."""
    with _checkouts() as (ours, through_the_host, empty):
        direct, hosted, nothing = take_turns(runs, ours.preview, through_the_host.preview, empty.preview)
    return [
        Figure("one application, no changes", "s", direct),
        Figure("the same, plugin through the language host", "s", hosted),
        Figure("an empty program", "s", nothing),
        Figure("one application to an empty program", "times", ratios(direct, nothing)),
        Figure("through the language host to direct", "times", ratios(hosted, direct)),
    ]


@contextmanager
def _checkouts() -> Iterator[tuple[_Checkout, _Checkout, _Checkout]]:
    engine = find_engine(lambda _: None)
    azuread = azuread_plugin(engine, lambda _: None, {"EPTURA_SCIM_AZUREAD": "stand-in"})
    with tempfile.TemporaryDirectory(prefix="eptura-scim-bench-") as name, LocalEntra.start() as entra:
        folder = Path(name)
        home = folder / "pulumi-home"
        shutil.copytree(
            plugin_folders(folder, azuread)["azuread"], home / "plugins" / f"resource-azuread-v{azuread.version}"
        )
        environment = {
            **entra.environment,
            "HOME": os.environ.get("HOME", ""),
            "PATH": os.pathsep.join([str(_HOST), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(_ROOT),
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": folder.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": LOCAL_PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        ours = _Checkout(folder / "ours", _ROOT, engine, environment)
        (ours.folder / "plugin").symlink_to(_ROOT / "plugin")
        hosted = _Checkout(folder / "hosted", _ROOT, engine, environment)
        shutil.copytree(_ROOT / "plugin", hosted.folder / "plugin", ignore=shutil.ignore_patterns(_EXECUTABLE))
        empty = _Checkout(folder / "empty", Path(__file__).parent / "empty_program", engine, environment)
        for number, project in enumerate((ours, hosted, empty)):
            stack = f"dev{number}"
            shutil.copy(_ROOT / "Pulumi.dev.yaml", project.folder / f"Pulumi.{stack}.yaml")
            project.pulumi("stack", "init", stack)
            if project is not empty:
                project.pulumi("config", "set", "tenantUrl", entra.scim.url)
                project.pulumi("config", "set", "applicationName", f"Eptura {stack}")
            project.pulumi("up", "--yes", "--skip-preview")
        yield ours, hosted, empty
