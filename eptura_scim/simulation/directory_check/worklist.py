"""The list of all findings, object by object: noted partition by partition, then put together as one CSV file.

Memory does not grow with the list: partitions note in files of a folder what they find, and the candidates for
collisions with hashes of their values; only these hashes are held.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import TextIO

from eptura_scim.simulation.directory_check.summary import Example, FindingKey

__all__ = ["WorklistPart", "listed"]

_FINDINGS, _VALUES = "findings", "values"


class WorklistPart:
    """What one partition notes. Only its owner may read the file: it names people."""

    def __init__(self, folder: Path, partition: int, name: str = _FINDINGS) -> None:
        self._file = _private(folder / f"{name}-{partition:08}.csv")
        self._rows = csv.writer(self._file)

    def add(self, key: FindingKey, example: Example, compared: str = "") -> None:
        """Note that a finding was made at an object; `compared` is the value that others may share."""
        hashed = blake2b(compared.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self._rows.writerow((hashed, *key, example.offset, example.who, example.detail, *example.object_ids[:1]))

    def close(self) -> None:
        """Nothing is added any more."""
        self._file.close()

    @classmethod
    def of_candidates(cls, folder: Path, partition: int) -> WorklistPart:
        """For the candidates of a partition, with the values that others may share."""
        return cls(folder, partition, _VALUES)


def listed(folder: Path) -> Iterator[tuple[FindingKey, Example]]:
    """What was found at each object: first by itself, then for a value that it shares; in the order of the source."""
    for row in _rows(folder, _FINDINGS):
        yield _entry(row)
    counts = Counter(tuple(row[:4]) for row in _rows(folder, _VALUES))
    for row in _rows(folder, _VALUES):
        if counts[tuple(row[:4])] > 1:
            yield _entry(row)


def _rows(folder: Path, name: str) -> Iterator[list[str]]:
    for path in sorted(folder.glob(f"{name}-*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.reader(file)


def _entry(row: list[str]) -> tuple[FindingKey, Example]:
    _, code, kind, attribute, offset, who, detail, *object_ids = row
    return FindingKey(code, kind, attribute), Example(int(offset), who, detail, tuple(object_ids))  # type: ignore[arg-type]


def _private(path: Path) -> TextIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline="")
