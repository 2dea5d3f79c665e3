"""Newline-delimited JSON: one user or group of Microsoft Graph a line, in partitions of some megabytes."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eptura_scim.mapping.flow import GraphObject
from eptura_scim.simulation.directory_check.partition import Found, SourceError, Unreadable, offset
from eptura_scim.simulation.directory_check.scan import kind_of
from eptura_scim.types import Kind

__all__ = ["PARTITION_BYTES", "JsonLinesPartition", "json_lines_partitions", "json_lines_properties"]

PARTITION_BYTES = 8 << 20
_LONGEST_LINE = 64 << 20
_BEGINNING = 1 << 20
_LOOKED_AT = 2_000


@dataclass(frozen=True)
class JsonLinesPartition:
    """Whole lines of a file."""

    path: Path
    file: int
    number: int
    start: int
    size: int
    first_line: int
    kind: Kind | None = None

    def objects(self) -> Iterator[Found]:
        """All of them. Raises SourceError."""
        for line, text in self._lines():
            if text and not text.isspace():
                yield offset(self.file, line), _read(text)

    def reread(self, offsets: Collection[int]) -> Iterator[tuple[int, GraphObject]]:
        """The objects at these offsets."""
        for line, text in self._lines():
            if (at := offset(self.file, line)) in offsets:
                found = _read(text)
                if not isinstance(found, Unreadable):
                    yield at, found

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                lines = file.read(self.size).split(b"\n")
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror or error}") from error
        return enumerate(lines, self.first_line)


def json_lines_partitions(path: Path, file: int, first: int) -> list[JsonLinesPartition]:
    """The file in partitions, numbered from `first` on. Raises SourceError where it is something else."""
    partitions: list[JsonLinesPartition] = []
    try:
        with path.open("rb") as opened:
            start, line = _beginning(path, opened.read(4)), 1
            opened.seek(start)
            while block := opened.read(PARTITION_BYTES):
                while not block.endswith(b"\n") and (rest := opened.readline(_LONGEST_LINE)):
                    block += rest
                    if len(block) > PARTITION_BYTES + _LONGEST_LINE:
                        endless = line + block.count(b"\n")
                        raise SourceError(f"{path}: line {endless} has no end; one user or group a line is expected")
                partitions.append(JsonLinesPartition(path, file, first + len(partitions), start, len(block), line))
                start, line = start + len(block), line + block.count(b"\n")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error
    return partitions


def json_lines_properties(path: Path) -> dict[Kind, frozenset[str]]:
    """The properties that the first users and groups of a file have."""
    found: dict[Kind, set[str]] = {}
    with path.open("rb") as file:
        lines = file.read(_BEGINNING).removeprefix(codecs.BOM_UTF8).split(b"\n")[:_LOOKED_AT]
    for text in lines:
        item = _read(text)
        if not isinstance(item, Unreadable):
            found.setdefault(kind_of(item), set()).update(item)
    return {kind: frozenset(names) for kind, names in found.items()}


def _beginning(path: Path, first: bytes) -> int:
    """Where the first line begins."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceError(f"{path} is UTF-16 text: save it as UTF-8")
    if first.lstrip().startswith(b"["):
        raise SourceError(
            f"{path} is one JSON list; one user or group a line is expected: jq -c '.[]' {path.name} > users.ndjson"
        )
    return len(codecs.BOM_UTF8) if first.startswith(codecs.BOM_UTF8) else 0


def _read(text: bytes) -> GraphObject | Unreadable:
    try:
        found: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Unreadable(f"not JSON: {error.msg}")
    if not isinstance(found, dict):
        return Unreadable("not a JSON object")
    if "value" in found and "userPrincipalName" not in found and isinstance(found["value"], list):
        return Unreadable("a page of Graph's list: write its `value`, one user or group a line (jq -c '.value[]')")
    if not found.keys() & {"id", "userPrincipalName", "displayName"}:
        return Unreadable("neither a user nor a group: id, userPrincipalName or displayName is expected")
    return found
