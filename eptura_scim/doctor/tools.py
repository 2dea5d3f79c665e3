"""What runs here: the Pulumi CLI, its Python language host, the azuread plugin, our own plugin."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import grpc.aio
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc
from semver import VersionInfo

from eptura_scim import __version__
from eptura_scim.doctor.finding import Finding
from eptura_scim.engine import Engine, EngineNotFoundError, ProjectError
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.engine.official_installer import VERSION as SDK_VERSION
from eptura_scim.engine.plugins import azuread_choice, installed_azuread
from eptura_scim.engine.project import project_folder, read_project
from eptura_scim.provider import NAME

__all__ = ["azuread", "engine", "language_host", "own_plugin"]

_SECONDS = 60.0
_INSTALL = "install the Pulumi CLI: https://www.pulumi.com/docs/install/"


def engine(found: Engine | None, remarks: list[str]) -> Finding:
    """The Pulumi CLI beside the SDK that requirements.txt pins; `remarks` say why one on PATH was not used."""
    if found is None:
        return Finding("engine", "red", "; ".join(remarks) or "no Pulumi CLI is on PATH", _INSTALL)
    said = f"Pulumi {found.version} ({found.path}), SDK {SDK_VERSION}"
    if found.source != "PATH":
        return Finding("engine", "yellow", f"{said}; not on PATH: eptura-scim finds it, your shell does not", _INSTALL)
    if VersionInfo.parse(found.version) < SDK_VERSION:
        return Finding("engine", "yellow", f"{said}: older than the SDK; it works", "update the Pulumi CLI")
    return Finding("engine", "green", said)


def language_host(found: Engine | None, environment: Mapping[str, str]) -> Finding:
    """`pulumi up` runs the program and our plugin with it; a CLI that was built from its Go module brings none."""
    folders = [*([str(found.path.parent)] if found else []), environment.get("PATH", os.defpath)]
    place = shutil.which("pulumi-language-python", path=os.pathsep.join(folders))
    if place is None:
        said = "the Pulumi CLI has no Python language host: `pulumi up` cannot run the program"
        return Finding("language host", "red", said, _INSTALL)
    return Finding("language host", "green", place)


def azuread(environment: Mapping[str, str]) -> Finding:
    """The azuread plugin beside the version that the pinned SDK asks for."""
    try:
        azuread_choice(environment)
    except EngineNotFoundError as error:
        return Finding("azuread plugin", "red", str(error))
    found, wanted = installed_azuread(environment), wanted_version()
    install = f"pulumi plugin install resource azuread {wanted}"
    if found is None:
        return Finding("azuread plugin", "yellow", "not installed: the first `pulumi up` downloads it", install)
    if found.version != wanted:
        return Finding("azuread plugin", "yellow", f"{found.version}, the SDK asks for {wanted}", install)
    return Finding("azuread plugin", "green", found.version)


async def own_plugin(project: Path, environment: Mapping[str, str]) -> Finding:
    """Start the plugin that Pulumi.yaml names, as the language host does, ask for its version, and end it."""
    try:
        command = _command(project)
    except ProjectError as error:
        return Finding(f"{NAME} plugin", "red", str(error), "run this in the project's folder, or use --project")
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            "127.0.0.1:1",  # the engine's address; no engine listens there, and nothing is sent
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        said = f"its Python cannot be started: {command[0]}: {error.strerror}"
        return Finding(f"{NAME} plugin", "red", said, "run `make setup`")
    try:
        version = await asyncio.wait_for(_version(process), _SECONDS)
    except (TimeoutError, grpc.aio.AioRpcError) as error:
        return Finding(
            f"{NAME} plugin", "red", f"starts but does not answer ({type(error).__name__})", "report this as a bug"
        )
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    if not version:
        lines = process.stderr and (await process.stderr.read()).decode(errors="replace").strip().splitlines()
        said = lines[-1] if lines else "the plugin printed no port"
        return Finding(f"{NAME} plugin", "red", f"does not start: {said}", "run `make setup`")
    return Finding(f"{NAME} plugin", "green", f"{version} starts ({command[0]})")


async def _version(process: asyncio.subprocess.Process) -> str:
    """The plugin's version; empty where the process has ended, or printed something else than a port."""
    line = await process.stdout.readline() if process.stdout else b""
    if not line.strip().isdigit():
        if not line:
            await process.wait()  # then its standard error is complete, and says why
        return ""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{int(line)}") as channel:
        info = await provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty())
        return str(info.version) or __version__


def _command(project: Path) -> list[str]:
    """Source: Pulumi, PulumiPlugin.yaml: `virtualenv` is relative to the plugin's folder."""
    project = project_folder(project)
    providers = (read_project(project).get("plugins") or {}).get("providers") or []
    path = next((str(one.get("path")) for one in providers if one.get("name") == NAME), None)
    if path is None:
        raise ProjectError(f"{project / 'Pulumi.yaml'} names no folder for the plugin {NAME}")
    folder = (project / path).resolve()
    try:
        runtime = yaml.safe_load((folder / "PulumiPlugin.yaml").read_text(encoding="utf-8"))["runtime"]
        virtualenv = (runtime.get("options") or {}).get("virtualenv")
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ProjectError(f"{folder / 'PulumiPlugin.yaml'} cannot be read: {why}") from error
    # The symbolic link is not resolved: Python finds its virtual environment by the path that it is started with.
    python = os.path.normpath(folder / virtualenv / "bin" / "python") if virtualenv else sys.executable
    return [python, "-u", str(folder)]
