"""Journals: lines of JSON that are appended, so that a write costs the same however much is kept already."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from eptura_scim.local_entra.errors import StateCorruptError, StateError
from eptura_scim.local_entra.state_files import write_atomically
from eptura_scim.types import Json

__all__ = ["Journal", "RecentEntries"]

_log = logging.getLogger(__name__)
_BUFFER = 1 << 20  # bytes: many entries are written in few pieces
_RECENT = 10_000


class Journal:
    """The entries of a file, or, without a path, of nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def replay(self, apply: Callable[[Json], None]) -> int:
        """Give every entry to `apply`, oldest first; returns how many there are. Raises StateCorruptError, StateError.

        A last line that a crash cut off is dropped, with a warning: the write was never answered.
        """
        if self._path is None or not self._path.exists():
            return 0
        number = whole = 0
        try:
            with self._path.open("rb") as file:
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    number += 1
                    whole += len(line)
                    self._give(line, number, apply)
            if whole < self._path.stat().st_size:
                os.truncate(self._path, whole)
                _log.warning(
                    "%s ended in a line that was not written to its end; it was dropped, the %d before it are used",
                    self._path,
                    number,
                )
        except OSError as error:
            raise StateError(f"{self._path} cannot be read: {error.strerror or error}") from error
        return number

    def append(self, entries: Iterable[Json]) -> None:
        """Add entries: all of them, or none where the disk is full. Raises StateError."""
        if self._path is None:
            return
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            before = os.fstat(descriptor).st_size
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            with os.fdopen(descriptor, "ab", buffering=_BUFFER) as file:
                for entry in entries:
                    file.write(_line(entry))
        except OSError as error:
            with contextlib.suppress(OSError):
                os.truncate(self._path, before)
            raise self._unwritable(error) from error

    def rewrite(self, entries: Iterable[Json]) -> None:
        """Replace all entries. Raises StateError."""
        if self._path is not None:
            write_atomically(self._path, b"".join(_line(entry) for entry in entries).decode())

    def _unwritable(self, error: OSError) -> StateError:
        return StateError(f"{self._path} cannot be written: {error.strerror or error}")

    def _give(self, line: bytes, number: int, apply: Callable[[Json], None]) -> None:
        try:
            apply(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = "not JSON" if isinstance(error, json.JSONDecodeError) else "not an entry of this journal"
            raise StateCorruptError(
                f"the journal {self._path} cannot be read (line {number}: {why}); nothing was "
                "changed. Restore it, move it away to forget what it holds, or choose another folder with --state-dir"
            ) from error


class RecentEntries:
    """The last 10,000 entries of a log, in a journal."""

    def __init__(self, path: Path | None) -> None:
        """Read the journal; without a path nothing is kept. Raises StateCorruptError, StateError."""
        self._lock = threading.Lock()
        self._entries: deque[Json] = deque(maxlen=_RECENT)
        self._journal = Journal(path)
        if self._journal.replay(self._entries.append) > 2 * _RECENT:
            self._journal.rewrite(self._entries)

    def newest_first(self) -> list[Json]:
        """The entries, newest first."""
        with self._lock:
            return list(reversed(self._entries))

    def add(self, entry: Json) -> None:
        """Add the newest entry. Raises StateError."""
        with self._lock:
            self._journal.append([entry])
            self._entries.append(entry)


def _line(entry: Json) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
