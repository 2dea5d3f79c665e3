"""A local Entra in a process of its own: start, stop, ask.

The process is known by the lock that it holds on its state folder, never by a number alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eptura_scim.environment import without_credentials
from eptura_scim.local_entra.errors import NotRunningError, StartFailedError, StateInUseError
from eptura_scim.local_entra.state_files import read_json
from eptura_scim.local_entra.storage.store import lock_holder
from eptura_scim.local_entra.tenant import Tenant

__all__ = [
    "LocalStatus",
    "has_provisioned",
    "has_served",
    "start_detached",
    "start_warnings",
    "status",
    "stop",
]

_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class LocalStatus:
    """A local Entra that runs on a state folder."""

    state_dir: Path
    pid: int
    port: int
    url: str
    scim_url: str
    environment: dict[str, str]
    """As `LocalEntra.environment`."""


def start_detached(
    state_dir: Path,
    port: int = 0,
    *,
    cycles: bool = False,
    users: int = 0,
    sample: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> LocalStatus:
    """Start a local Entra that outlives this process, and wait until it answers; with `cycles` one that provisions.

    `users` and `sample` as in `serve`.

    Raises StateInUseError when one runs there already, StartFailedError with its reason when it does not come up.
    """
    if (pid := lock_holder(state_dir)) is not None:
        raise StateInUseError(f"a local Entra already runs on the state folder {state_dir} (process {pid})")
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = state_dir / "log"
    command = [sys.executable, "-m", "eptura_scim.local_entra", "--state-dir", str(state_dir), "--port", str(port)]
    command += ["--cycles"] if cycles else []
    command += ["--users", str(users)] if users else []
    command += ["--sample"] if sample else []
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600), "wb") as output:
        process = subprocess.Popen(  # noqa: S603 - this Python, our module
            command,
            env=without_credentials(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # It outlives this function: its holder must wait for its end, or it stays a zombie of a long-lived caller.
    threading.Thread(target=process.wait, name="local-entra-end", daemon=True).start()
    waited = 0.0
    while waited < _START_SECONDS:
        if process.poll() is not None:
            raise StartFailedError(_last_line(log) or f"the local Entra ended with {process.returncode}; see {log}")
        # Its own line in the log, written once it answers; server.json may be of an earlier run.
        if any(line.startswith("ready ") for line in _lines(log)):
            return status(state_dir)
        sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS
    process.terminate()
    raise StartFailedError(
        f"the local Entra did not answer within {_START_SECONDS:.0f} s and was stopped: "
        f"start it again when this machine is less busy, and see {log}"
    )


def start_warnings(state_dir: Path) -> list[str]:
    """What the local Entra of a state folder warned of when it started, one line each."""
    found = (line.partition(" ") for line in _lines(state_dir / "log"))
    return [rest.partition(" ")[2] for level, _, rest in found if level == "WARNING"]


def has_served(state_dir: Path) -> bool:
    """Whether a local Entra ever listened on a state folder: the folder names a port then."""
    return (state_dir / "server.json").exists()


def has_provisioned(state_dir: Path) -> bool:
    """Whether cycles of a job that still exists are remembered in a state folder."""
    # A job that was deleted leaves an empty file.
    return any(file.stat().st_size for file in state_dir.glob("cycles-*.jsonl"))


def stop(state_dir: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Stop the local Entra of a state folder and wait until it has ended. Raises NotRunningError, StartFailedError."""
    pid = lock_holder(state_dir)
    if pid is None:
        raise NotRunningError(f"no local Entra runs on {state_dir}")
    if pid == os.getpid():
        raise NotRunningError(f"the local Entra on {state_dir} runs in this process; close it there")
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise StartFailedError(f"the local Entra on {state_dir} (process {pid}) belongs to another user") from error
    waited = 0.0
    while lock_holder(state_dir) == pid:
        if waited >= _STOP_SECONDS:
            raise StartFailedError(f"the local Entra on {state_dir} (process {pid}) did not end")
        sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS


def status(state_dir: Path) -> LocalStatus:
    """The local Entra that runs on a state folder. Raises NotRunningError."""
    from eptura_scim.local_entra.server import environment_for

    pid = lock_holder(state_dir)
    path = state_dir / "server.json"
    server = read_json(path) if pid is not None and path.exists() else {}
    if pid is None or server.get("pid") != pid:  # the file of an earlier run: this one is still starting
        raise NotRunningError(f"no local Entra runs on {state_dir}")
    secret = read_json(state_dir / "secrets.json").get("clientSecret")
    tenant = Tenant.kept(read_json(state_dir / "tenant.json"), secret)
    return LocalStatus(
        state_dir,
        pid=pid,
        port=server["port"],
        url=server["url"],
        scim_url=server["scim"],
        environment=environment_for(tenant, server["url"], state_dir / "bundle.pem"),
    )


def _last_line(log: Path) -> str:
    return next(reversed(_lines(log)), "")


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
