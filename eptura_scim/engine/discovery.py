"""Finding a Pulumi CLI: on PATH, in the cache, from the official installer, or built from its Go module."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from semver import VersionInfo

from eptura_scim.engine import go_build
from eptura_scim.engine import official_installer as official
from eptura_scim.engine.cache import cache_folder, locked, staged
from eptura_scim.engine.command import EngineCommand
from eptura_scim.engine.errors import EngineNotFoundError, NotObtainedError
from eptura_scim.types import Say

__all__ = ["Engine", "find_engine", "installed_engine"]

Get = Callable[[Path, Say, Mapping[str, str]], None]
Source = Literal["PATH", "cache", "official installer", "Go module"]


@dataclass(frozen=True)
class Engine:
    """A Pulumi CLI that works and is new enough."""

    command: EngineCommand
    source: Source

    @property
    def path(self) -> Path:
        """Its executable."""
        return Path(self.command.command)

    @property
    def version(self) -> str:
        """Its version, as 3.259.0."""
        return str(self.command.version)


def find_engine(say: Say, environment: Mapping[str, str] = os.environ) -> Engine:
    """The first Pulumi CLI that is here, else one that is downloaded or built, and kept in this user's cache.

    `say` gets the progress.

    Raises EngineNotFoundError, which says what to install.
    """
    return installed_engine(say, environment) or _obtain(say, environment)


def installed_engine(say: Say, environment: Mapping[str, str] = os.environ) -> Engine | None:
    """The first Pulumi CLI that is here already: on PATH or in the cache."""
    return _on_path(say, environment) or _cached(environment)


def _on_path(say: Say, environment: Mapping[str, str]) -> Engine | None:
    found = shutil.which("pulumi", path=environment.get("PATH", os.defpath))
    if not found:
        return None
    try:
        command = EngineCommand(Path(found).absolute())
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        say(f"{found} does not answer `pulumi version` ({type(error).__name__}): not used")
        return None
    if command.version is None or command.version < go_build.VERSION:
        say(f"{found} is version {command.version}, older than {go_build.VERSION} which this needs: not used")
        return None
    return Engine(command, "PATH")


def _cached(environment: Mapping[str, str]) -> Engine | None:
    for version in (official.VERSION, go_build.VERSION):
        if engine := _working(_folder(environment, version), "cache"):
            return engine
    return None


def _working(folder: Path, source: Source) -> Engine | None:
    try:
        return Engine(EngineCommand(folder / "bin" / "pulumi"), source)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _folder(environment: Mapping[str, str], version: VersionInfo) -> Path:
    return cache_folder(environment) / "engine" / f"v{version}"


def _obtain(say: Say, environment: Mapping[str, str]) -> Engine:
    lock = cache_folder(environment) / "engine" / "lock"
    with locked(lock, on_wait=lambda: say("another process is downloading the Pulumi CLI: waiting for it")):
        if engine := _cached(environment):
            return engine
        ways: dict[Source, tuple[VersionInfo, Get]] = {
            "official installer": (official.VERSION, official.install),
            "Go module": (go_build.VERSION, go_build.build),
        }
        reasons = []
        for source, (version, get) in ways.items():
            folder = _folder(environment, version)
            try:
                with staged(folder) as new:
                    get(new, say, environment)
            except NotObtainedError as error:
                reasons.append(f"{source}: {error}")
            else:
                if engine := _working(folder, source):
                    return engine
                reasons.append(f"{source}: the built binary does not start")
            say(reasons[-1])
    raise EngineNotFoundError(
        f"no Pulumi engine of version {go_build.VERSION} or later ({'; '.join(reasons)}). "
        "Install the Pulumi CLI (https://www.pulumi.com/docs/install/) or Go (https://go.dev/doc/install), "
        "see that it is on PATH, and run this again"
    )
