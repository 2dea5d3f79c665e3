"""A work folder for a project: its Pulumi.yaml made to run on a CLI that has no language host."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from eptura_scim.engine.errors import ProjectError

__all__ = ["project_folder", "read_project", "read_stack_settings", "write_work_folder"]


def project_folder(start: Path) -> Path:
    """The nearest folder with a Pulumi.yaml, upwards from `start`, as the `pulumi` CLI looks for it.

    Raises ProjectError where the file or the folder is not found.
    """
    if not start.is_dir():
        raise ProjectError(f"{start} is not a folder: name the project's with --project")
    for folder in (start, *start.resolve().parents):
        if (folder / "Pulumi.yaml").exists():
            return folder
    raise ProjectError(
        f"{start / 'Pulumi.yaml'} does not exist, nor is there one in a folder above: run this in the project's "
        "folder, or name it with --project"
    )


def read_project(folder: Path) -> dict[str, Any]:
    """Pulumi.yaml as plain values. Raises ProjectError where it is not found or not a project."""
    settings = _read_yaml(folder / "Pulumi.yaml")
    if not isinstance(settings.get("name"), str):
        raise ProjectError(f"{folder / 'Pulumi.yaml'} has no name: it is not a Pulumi project")
    return settings


def read_stack_settings(folder: Path, stack: str) -> dict[str, Any]:
    """Pulumi.STACK.yaml as plain values, empty where it is not found."""
    path = folder / f"Pulumi.{stack}.yaml"
    return _read_yaml(path) if path.exists() else {}


def write_work_folder(
    project: Path, stack: str, work: Path, plugins: Mapping[str, Path], values: Mapping[str, str]
) -> dict[str, Any]:
    """Write Pulumi.yaml and Pulumi.STACK.yaml into `work`; returns the project's settings as written.

    Everything in the project's Pulumi.yaml is kept, except that the runtime has no options (the program runs in this
    process, without a virtual environment) and that providers come from the folders in `plugins`, by name.
    The project's own stack file is the base of the stack's configuration; `values` go over it, in plain text.
    """
    settings = read_project(project)
    runtime = settings.get("runtime", "python")
    settings["runtime"] = runtime["name"] if isinstance(runtime, dict) else runtime
    settings.pop("backend", None)
    settings["plugins"] = {
        "providers": [{"name": name, "path": str(folder)} for name, folder in sorted(plugins.items())]
    }
    settings.pop("main", None)
    stack_settings = read_stack_settings(project, stack)
    name = settings["name"]
    own = {key if ":" in key else f"{name}:{key}": value for key, value in values.items()}
    stack_settings["config"] = {**stack_settings.get("config", {}), **own}
    kept = read_stack_settings(work, stack)
    if salt := kept.get("encryptionsalt"):  # of this work folder's own stack: secrets set before stay readable
        stack_settings.setdefault("encryptionsalt", salt)
    work.mkdir(parents=True, exist_ok=True)
    _write_yaml(work / "Pulumi.yaml", settings)
    _write_yaml(work / f"Pulumi.{stack}.yaml", stack_settings)
    return settings


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(f"{path} does not exist: run this in the project's folder, or name it") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ProjectError(f"{path} is not valid YAML: {reason}") from error
    if not isinstance(values, dict):
        raise ProjectError(f"{path} is not a mapping of settings")
    return values


def _write_yaml(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(values), sort_keys=False), encoding="utf-8")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
