"""Which local Entra a command is about: the state folder of the project, or the one that is named."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eptura_scim.engine.errors import ProjectError
from eptura_scim.engine.project import project_folder

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalStatus

__all__ = ["StateDir", "chosen", "option_for", "running"]

StateDir = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        help="Folder of the state, which survives a restart. Default: .eptura-scim in the project, also from a folder "
        "below it.",
        file_okay=False,
        show_default=False,
    ),
]
_NAME = Path(".eptura-scim")


def chosen(state_dir: Path | None) -> Path:
    """The state folder: the one that is named, else that of the project, else that of this folder."""
    if state_dir is not None:
        return state_dir
    try:
        return project_folder(Path()) / _NAME
    except ProjectError:
        return _NAME


def option_for(state_dir: Path | None) -> str:
    """The option that has another command of ours look at the same state; empty where none is needed."""
    return "" if state_dir is None or state_dir == _NAME else f" --state-dir {shlex.quote(str(state_dir))}"


def running(state_dir: Path | None) -> LocalStatus:
    """The local Entra that runs, its folder absolute. Raises NotRunningError, which says how to start one."""
    from eptura_scim import local_entra

    folder = chosen(state_dir)
    try:
        return local_entra.status(folder.resolve())
    except local_entra.NotRunningError:
        start = f"`eptura-scim local start --detach{option_for(state_dir)}`"
        raise local_entra.NotRunningError(f"no local Entra runs on {folder}; start one with {start}") from None
