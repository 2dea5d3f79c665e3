"""The wheel, built once, and empty virtual environments that it is installed into."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A process that sees nothing of this checkout: another folder, no PYTHONPATH."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def succeed(*command: str | Path, folder: Path) -> str:
    """What a process prints that must end well."""
    done = run(*command, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel in it."""

    environment: Path
    folder: Path
    """Where commands run: an empty folder."""

    @property
    def scripts(self) -> Path:
        return self.environment / "bin"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`eptura-scim` with arguments."""
        return run(self.scripts / "eptura-scim", *arguments, folder=self.folder)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by `python -m build` from the files that belong to the package."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "eptura_scim"):
        (source / name).symlink_to(PROJECT / name)
    succeed(
        sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder / "dist", source, folder=folder
    )
    [built] = (folder / "dist").glob("*.whl")
    return built


def install(wheel: Path, extra: str, folder: Path) -> Installed:
    """The wheel in an empty environment, its dependencies at the locked versions, from the registry of uv or pip."""
    environment, work = folder / "venv", folder / "work"
    work.mkdir()
    venv.create(environment, symlinks=True)
    wanted = (f"{wheel}{extra}", "--constraint", PROJECT / "requirements.txt")
    target = environment / "bin" / "python"
    by_uv = run(Path(sys.executable).with_name("uv"), "pip", "install", "--python", target, *wanted, folder=work)
    if by_uv.returncode:
        succeed(sys.executable, "-m", "pip", "--python", target, "install", *wanted, folder=work)
    return Installed(environment, work)


@pytest.fixture(scope="session")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`pip install eptura-scim`."""
    return install(wheel, "", tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def with_local(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`pip install eptura-scim[local]`."""
    return install(wheel, "[local]", tmp_path_factory.mktemp("local"))
