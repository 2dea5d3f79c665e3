"""The state folder: what survives a restart and a kill.

    lock            held while a local Entra runs on the folder, holds its process id
    server.json     where it listens; kept, so that a restart uses the same port
    tenant.json     the tenant, without its secrets
    apps/<id>.json  one application each: application, service principal, jobs, schemas
    secrets.json    every secret: the tenant's client secret, saved synchronization secrets, accepted SCIM tokens
    administrative-units.json, claims-mapping-policies.json  those of the tenant
    people.jsonl    the journal of users, groups, members and assignments
    cycles-<job>.jsonl  what provisioning remembers of a job: links to the target, failures, the watermark
    audit-log.jsonl, provisioning-log.jsonl  the last entries of Entra's logs
    scim.jsonl      the journal of the SCIM server
    ca.pem ca.key server.pem bundle.pem   certificates
    log             output of a detached server

Folder 0700, files 0600. A file is written beside its place, synced and moved over it, so that it is always whole; the
journal is appended to, and a line that a crash cut off is dropped.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from pydantic import ValidationError

from eptura_scim.local_entra.errors import StateError, StateInUseError
from eptura_scim.local_entra.state_files import corrupt, read_json, write_atomically
from eptura_scim.local_entra.storage.app_records import AppRecord

__all__ = ["FolderStore", "MemoryStore", "Store", "lock_holder"]


# `lock_holder` holds the lock for an instant to see whether it is free; a starter must not take that for a server.
_LOCK_ATTEMPTS = 5
_LOCK_PAUSE = 0.02


class Store(Protocol):
    """Where records and secrets are kept."""

    def load_apps(self) -> list[AppRecord]:
        """All records."""

    def save_app(self, record: AppRecord) -> None:
        """Keep a record."""

    def delete_app(self, object_id: str) -> None:
        """Forget a record."""

    def load_secrets(self) -> dict[str, dict[str, str]]:
        """The synchronization secrets by service principal."""

    def save_secrets(self, secrets: dict[str, dict[str, str]]) -> None:
        """Keep them."""

    def load_private(self, name: str) -> Any:
        """Another value of the secrets file."""

    def save_private(self, name: str, value: Any) -> None:
        """Keep it."""

    def file(self, name: str) -> Path | None:
        """The path of another file; None where nothing is kept."""


class MemoryStore:
    """Keeps nothing beyond the process."""

    def load_apps(self) -> list[AppRecord]:
        """No records."""
        return []

    def save_app(self, record: AppRecord) -> None:
        """Nothing to do: the directory holds the record."""

    def delete_app(self, object_id: str) -> None:
        """Nothing to do."""

    def load_secrets(self) -> dict[str, dict[str, str]]:
        """No secrets."""
        return {}

    def save_secrets(self, secrets: dict[str, dict[str, str]]) -> None:
        """Nothing to do."""

    def load_private(self, name: str) -> Any:
        """Nothing is kept."""

    def save_private(self, name: str, value: Any) -> None:
        """Nothing to do."""

    def file(self, name: str) -> Path | None:
        """Nothing is kept."""


class FolderStore:
    """Keeps everything in a folder that one process at a time may use.

    Raises StateInUseError, StateCorruptError and StateError.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writing = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            (folder / "apps").mkdir(mode=0o700, exist_ok=True)
            self._lock = _acquire(folder)
        except OSError as error:
            raise StateError(f"the state folder {folder} cannot be used: {error.strerror or error}") from error
        try:
            self._secrets: dict[str, Any] = _object(folder / "secrets.json") if self._has("secrets.json") else {}
            self.load_apps()
            self.load_secrets()
        except StateError:
            self.close()
            raise

    def close(self) -> None:
        """Let others use the folder."""
        # Emptied before it is released: the next holder of the lock finds no old process id.
        with contextlib.suppress(OSError, ValueError):
            self._lock.truncate(0)
        self._lock.close()

    def load_apps(self) -> list[AppRecord]:
        """All records of the folder. Raises StateError."""
        records: list[AppRecord] = []
        for path in sorted((self.folder / "apps").glob("*.json")):
            try:
                records.append(AppRecord.model_validate(_object(path)))
            except ValidationError as error:
                raise corrupt(path, f"{error.error_count()} values are not as expected") from None
        return records

    def save_app(self, record: AppRecord) -> None:
        """Write a record's file."""
        write_atomically(self.folder / "apps" / f"{record.id}.json", record.model_dump_json())

    def delete_app(self, object_id: str) -> None:
        """Remove a record's file."""
        (self.folder / "apps" / f"{object_id}.json").unlink(missing_ok=True)

    def load_secrets(self) -> dict[str, dict[str, str]]:
        """The synchronization secrets of the folder. Raises StateError."""
        found = self._secrets.get("synchronization", {})
        if not isinstance(found, dict) or not all(isinstance(value, dict) for value in found.values()):
            raise corrupt(self.folder / "secrets.json", "`synchronization` is not an object of objects")
        return {key: dict(value) for key, value in found.items()}

    def save_secrets(self, secrets: dict[str, dict[str, str]]) -> None:
        """Write them into the secrets file."""
        self.save_private("synchronization", secrets)

    def load_private(self, name: str) -> Any:
        """Another value of the secrets file; None when it has none."""
        return self._secrets.get(name)

    def save_private(self, name: str, value: Any) -> None:
        """Write another value into the secrets file."""
        with self._writing:
            self._secrets[name] = value
            write_atomically(self.folder / "secrets.json", json.dumps(self._secrets, indent=1))

    def file(self, name: str) -> Path:
        """The path of another file of the folder."""
        return self.folder / name

    def _has(self, name: str) -> bool:
        return (self.folder / name).exists()


def lock_holder(folder: Path) -> int | None:
    """Process id of the local Entra that runs on a folder; None when none does.

    The lock is the proof: the system releases it when its holder ends, however it ends, so a number left over from
    an earlier run is never mistaken for a running process.
    """
    try:
        file = (folder / "lock").open("r+", encoding="ascii")
    except OSError:
        return None
    with file, _unlocked_again(file) as free:
        if free:
            return None
        text = file.read().strip()
        return int(text) if text.isdigit() else None


@contextlib.contextmanager
def _unlocked_again(file: IO[str]) -> Iterator[bool]:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _acquire(folder: Path) -> IO[str]:
    file = os.fdopen(os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii")
    for attempt in range(_LOCK_ATTEMPTS):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if attempt + 1 < _LOCK_ATTEMPTS:
                time.sleep(_LOCK_PAUSE)
    else:
        holder = file.read().strip() or "unknown"
        file.close()
        raise StateInUseError(
            f"a local Entra already runs on the state folder {folder} (process {holder}); "
            "stop it, or choose another folder with --state-dir"
        )
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _object(path: Path) -> dict[str, Any]:
    found = read_json(path)
    if not isinstance(found, dict):
        raise corrupt(path, "it holds no object")
    return found
