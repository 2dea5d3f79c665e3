"""The folder of this user outside every checkout, where what is costly to get is kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

__all__ = ["cache_folder", "locked", "staged"]


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`EPTURA_SCIM_CACHE`, else `eptura-scim` in the user's cache folder."""
    if chosen := environment.get("EPTURA_SCIM_CACHE"):
        return Path(chosen).expanduser()
    base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME") or Path.home()) / ".cache"
    return Path(base) / "eptura-scim"


@contextmanager
def locked(path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of this name; the system lets go of it when the process ends, however it ends.

    `on_wait` is called once if another process holds it.
    """
    import fcntl  # not on Windows, where no one builds and nothing needs the lock

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A new folder that becomes `target` in one step if the block ends well, and vanishes if it does not.

    Call it under a lock: folders that a killed process left behind are removed first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}-"
    for leftover in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield folder
        shutil.rmtree(target, ignore_errors=True)
        folder.chmod(0o755)
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
