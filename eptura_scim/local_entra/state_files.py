"""Files of the state folder: read, and replaced as a whole."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from eptura_scim.local_entra.errors import StateCorruptError, StateError

__all__ = ["corrupt", "read_json", "write_atomically"]


def write_atomically(path: Path, text: str) -> None:
    """Replace a file, mode 0600, so that a reader and a crash find the old or the new one, whole. Raises StateError."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error.strerror or error}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise StateError(f"{path} cannot be written: {error.strerror or error}") from error


def read_json(path: Path) -> Any:
    """A file's JSON. Raises StateCorruptError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StateError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise corrupt(path, str(error)) from error


def corrupt(path: Path, why: str) -> StateCorruptError:
    """The error for a state file that cannot be read, with what to do about it."""
    return StateCorruptError(
        f"the state file {path} cannot be read ({why}); nothing was changed. "
        "Restore it, move it away to forget what it holds, or choose another folder with --state-dir"
    )
