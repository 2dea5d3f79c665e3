"""Newline-delimited JSON: one user or group a line, in partitions of some megabytes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eptura_scim.mapping.flow import GraphObject
from eptura_scim.simulation.directory_check.partition import FoundObject, PageEnd, SourceError, Unreadable, offset
from eptura_scim.simulation.directory_check.sources.graph_json import graph_object, is_page
from eptura_scim.simulation.directory_check.sources.limits import ReadLimits
from eptura_scim.simulation.directory_check.sources.text_layout import TextLayout
from eptura_scim.types import Kind

__all__ = ["JsonLinesPartition", "are_json_lines", "json_lines_partitions"]


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

    def objects(self) -> Iterator[FoundObject]:
        """All of them. Raises SourceError."""
        for line, text in self._lines():
            if text and not text.isspace():
                yield offset(self.file, line), _read(text)

    def reread(self, offsets: Collection[int]) -> Iterator[tuple[int, GraphObject]]:
        """The objects at these offsets."""
        for line, text in self._lines():
            if (at := offset(self.file, line)) in offsets:
                found = _read(text)
                if not isinstance(found, Unreadable | PageEnd):
                    yield at, found

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                lines = file.read(self.size).split(b"\n")
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror or error}") from error
        return enumerate(lines, self.first_line)


def are_json_lines(head: bytes, layout: TextLayout) -> bool:
    """Whether a file of JSON that begins so has an object a line; else it is read as a document.

    Documents begin with a list or a page, or with a line that holds a part of an object only.
    """
    first = next((line for line in head[layout.start :].split(b"\n") if line and not line.isspace()), b"").strip()
    is_plain = layout.encoding == "utf-8" and layout.newline == "\n"
    if not is_plain or first.startswith(b"[") or first.endswith((b"{", b",", b"[")):
        return False
    try:
        return not is_page(orjson.loads(first))
    except orjson.JSONDecodeError:
        return b"\n" in head and len(first) < len(head) // 2


def json_lines_partitions(
    path: Path, file: int, first: int, layout: TextLayout, limits: ReadLimits
) -> list[JsonLinesPartition]:
    """The file in partitions, numbered from `first` on. Raises SourceError for a line without an end."""
    partitions: list[JsonLinesPartition] = []
    with path.open("rb") as opened:
        start, line = layout.start, 1
        opened.seek(start)
        while block := opened.read(limits.json_lines_bytes):
            if not block.endswith(b"\n"):
                rest = opened.readline(limits.longest_line)
                if len(rest) == limits.longest_line:
                    endless = line + block.count(b"\n")
                    raise SourceError(f"{path}: line {endless} has no end; one user or group a line is expected")
                block += rest
            partitions.append(JsonLinesPartition(path, file, first + len(partitions), start, len(block), line))
            start, line = start + len(block), line + block.count(b"\n")
    return partitions


def _read(text: bytes) -> GraphObject | Unreadable:
    try:
        found: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Unreadable(f"not JSON: {error.msg}")
    if is_page(found):
        return Unreadable("a page of a Graph list among lines of users or groups: keep pages in a file of their own")
    return graph_object(found, may_be_lost=b"System." in text or b"Microsoft." in text)
