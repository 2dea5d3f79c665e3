"""The processes of a run. They are known by their environment, which names the certificates of its local Entra."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

__all__ = ["ENGINE", "PLUGINS", "kill", "left_running"]

ENGINE = r"/pulumi( |$)"
"""Command line of the engine."""

PLUGINS = {"eptura-scim": r"acceptance\.quick\.eptura_scim", "azuread": r"acceptance\.quick\.azuread"}
"""Command lines of the plugins."""

_ANY = "|".join([ENGINE, *PLUGINS.values()])
_LEAVE_SECONDS = 10.0


def kill(command: str, certificates: str) -> None:
    """kill -9 of the processes of a run whose command line matches."""
    for process in _found(command, certificates):
        os.kill(process, signal.SIGKILL)


def left_running(certificates: str) -> list[str]:
    """The processes of a run that are still there some seconds after it."""
    deadline = time.monotonic() + _LEAVE_SECONDS
    while (found := _found(_ANY, certificates)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return list(found.values())


def _found(command: str, certificates: str) -> dict[int, str]:
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if re.search(command, line) and certificates.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = line.strip()
        except OSError:  # it has ended, or belongs to another user
            continue
    return found
