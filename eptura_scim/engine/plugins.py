"""The provider plugins of a run, as folders that hold an executable: ours, and azuread's or its stand-in."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from semver import VersionInfo

import eptura_scim
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.engine.cache import cache_folder, locked
from eptura_scim.engine.command import clean_environment
from eptura_scim.engine.discovery import Engine
from eptura_scim.engine.errors import EngineNotFoundError
from eptura_scim.types import Say

__all__ = [
    "AzureadPlugin",
    "azuread_choice",
    "azuread_plugin",
    "installed_azuread",
    "plugin_folders",
    "write_executable",
]


_INSTALL_SECONDS = 120.0
_FORGET_FAILURE_SECONDS = 24 * 60 * 60.0


@dataclass(frozen=True)
class AzureadPlugin:
    """Where the azuread plugin comes from; without a folder it is the stand-in."""

    folder: Path | None
    version: str


def plugin_folders(home: Path, azuread: AzureadPlugin) -> dict[str, Path]:
    """A folder for each provider, by name; generated executables go under `home`."""
    return {
        "eptura-scim": write_executable(home, "eptura-scim", "eptura_scim.provider"),
        "azuread": azuread.folder or write_executable(home, "azuread", "eptura_scim.azuread_stand_in"),
    }


def write_executable(home: Path, name: str, module: str) -> Path:
    """A folder with `pulumi-resource-NAME`, which runs a module of this package with this Python."""
    folder = home.resolve() / "plugins" / name
    folder.mkdir(parents=True, exist_ok=True)
    executable = folder / f"pulumi-resource-{name}"
    root = Path(eptura_scim.__file__).parents[1]
    executable.write_text(
        "#!/bin/sh\n"
        f'PYTHONPATH={shlex.quote(str(root))}"${{PYTHONPATH:+:$PYTHONPATH}}"\n'
        "export PYTHONPATH\n"
        f'exec {shlex.quote(sys.executable)} -P -m {module} "$@"\n',
        encoding="utf-8",
    )
    executable.chmod(0o755)
    return folder


def azuread_choice(environment: Mapping[str, str]) -> str | None:
    """What EPTURA_SCIM_AZUREAD says: stand-in, real, or nothing. Raises EngineNotFoundError for another word."""
    choice = environment.get("EPTURA_SCIM_AZUREAD") or None
    if choice not in {None, "stand-in", "real"}:
        raise EngineNotFoundError(f"EPTURA_SCIM_AZUREAD is {choice!r}: set it to stand-in or real, or unset it")
    return choice


def azuread_plugin(engine: Engine, say: Say, environment: Mapping[str, str] = os.environ) -> AzureadPlugin:
    """The real azuread plugin: one that is installed, else downloaded; else the stand-in, said in one line.

    `EPTURA_SCIM_AZUREAD` may choose: `stand-in` does not look for the real one, `real` takes nothing else.
    Raises EngineNotFoundError where the real one is required and cannot be had, or the choice is neither of these.
    """
    wanted = wanted_version()
    choice = azuread_choice(environment)
    if choice == "stand-in":
        say("azuread plugin: the stand-in of this project, as EPTURA_SCIM_AZUREAD asks")
        return AzureadPlugin(None, wanted)
    own_home = cache_folder(environment) / "pulumi"
    for found in (installed_azuread(environment), _installed(own_home / "plugins", wanted)):
        if found:
            return found
    if _install(engine, own_home, wanted, environment) and (found := _installed(own_home / "plugins", wanted)):
        say(f"azuread plugin {wanted}: downloaded")
        return found
    if choice == "real":
        raise EngineNotFoundError(
            f"azuread plugin {wanted} cannot be had: run `pulumi plugin install resource azuread {wanted}`, "
            "or unset EPTURA_SCIM_AZUREAD"
        )
    say(f"azuread plugin {wanted} cannot be had here: its stand-in (eptura_scim.azuread_stand_in) takes its place")
    return AzureadPlugin(None, wanted)


def installed_azuread(environment: Mapping[str, str] = os.environ) -> AzureadPlugin | None:
    """The azuread plugin that the plain CLI finds: the wanted version, else the newest of the same major version."""
    home = environment.get("PULUMI_HOME") or Path(environment.get("HOME") or Path.home()) / ".pulumi"
    return _installed(Path(home) / "plugins", wanted_version())


def _installed(plugins: Path, wanted: str) -> AzureadPlugin | None:
    found: dict[VersionInfo, Path] = {}
    for executable in plugins.glob("resource-azuread-v*/pulumi-resource-azuread"):
        try:
            version = VersionInfo.parse(executable.parent.name.removeprefix("resource-azuread-v"))
        except ValueError:
            continue
        if version.major == VersionInfo.parse(wanted).major:
            found[version] = executable.parent
    if not found:
        return None
    best = VersionInfo.parse(wanted) if VersionInfo.parse(wanted) in found else max(found)
    return AzureadPlugin(found[best], str(best))


def _install(engine: Engine, home: Path, version: str, environment: Mapping[str, str]) -> bool:
    """Try a download; a failure is remembered for a day, so that not every run waits for it."""
    failed = home / f"azuread-{version}.unavailable"
    with locked(home / "lock", on_wait=lambda: None):
        if failed.exists() and 0 <= time.time() - failed.stat().st_mtime < _FORGET_FAILURE_SECONDS:
            return False
        try:
            subprocess.run(  # noqa: S603
                [str(engine.path), "--non-interactive", "plugin", "install", "resource", "azuread", version],
                env={**clean_environment(environment), "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_INSTALL_SECONDS,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            failed.touch()
            return False
        failed.unlink(missing_ok=True)
        return True
