"""CSV (RFC 4180): a header and a user or group a row, in partitions of some megabytes.

What stands before the header is passed over: PowerShell's `#TYPE` line, Excel's `sep=;`, the portal's `version:v1.0`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from eptura_scim.mapping.flow import GraphObject
from eptura_scim.quantities import counted
from eptura_scim.simulation.directory_check.partition import (
    FoundObject,
    NotAnExportError,
    SourceError,
    Unreadable,
    offset,
)
from eptura_scim.simulation.directory_check.sources.cells import table_object
from eptura_scim.simulation.directory_check.sources.columns import is_known, kind_by_columns, property_of
from eptura_scim.simulation.directory_check.sources.limits import ReadLimits
from eptura_scim.simulation.directory_check.sources.text_layout import HEAD_BYTES, TextLayout
from eptura_scim.types import Kind

__all__ = ["CsvHeader", "CsvPartition", "csv_header", "csv_partitions"]

_MOST_BEFORE = 10
_MOST_COLUMNS = 2_000
_BEFORE = re.compile(r'"?(?:#TYPE |version:|sep=(?P<delimiter>.))', re.IGNORECASE)
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class CsvHeader:
    """The columns of a table, and how it is written."""

    layout: TextLayout
    names: tuple[str, ...]
    delimiter: str
    start: int
    """Where the first row begins, in bytes."""
    first_line: int

    @property
    def properties(self) -> tuple[str, ...]:
        """Graph's names for the columns."""
        return tuple(map(property_of, self.names))


@dataclass(frozen=True)
class CsvPartition:
    """Whole rows of a file."""

    path: Path
    file: int
    number: int
    start: int
    size: int
    first_line: int
    header: CsvHeader
    kind: Kind | None

    def objects(self) -> Iterator[FoundObject]:
        """All of them. Raises SourceError."""
        names = self.header.properties
        for line, row in self._rows():
            yield offset(self.file, line), row if isinstance(row, Unreadable) else table_object(names, row)

    def reread(self, offsets: Collection[int]) -> Iterator[tuple[int, GraphObject]]:
        """The objects at these offsets."""
        names = self.header.properties
        for line, row in self._rows():
            if (at := offset(self.file, line)) in offsets and not isinstance(row, Unreadable):
                yield at, table_object(names, row)

    def _rows(self) -> Iterator[tuple[int, list[str] | Unreadable]]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                text = self.header.layout.decode(file.read(self.size))
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror or error}") from error
        is_text = text.isascii() or not _has_other_bytes(text)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self.header.delimiter, strict=True)
        while True:
            line = self.first_line + rows.line_num
            try:
                row = next(rows, None)
            except csv.Error as error:
                yield line, Unreadable(f"not CSV: {error}")
                continue
            if row is None:
                return
            if any(row) and (checked := self._checked(row, is_text)) is not None:
                yield line, checked

    def _checked(self, row: list[str], is_text: bool) -> list[str] | Unreadable | None:
        """The row with as many cells as the header; None for the header itself, as in files that were joined."""
        columns = len(self.header.names)
        if len(row) < columns or any(row[columns:]):
            return Unreadable(f"{counted(len(row), 'value')}, the header has {columns:,}")
        if not is_text and any(map(_has_other_bytes, row)):
            return Unreadable("not UTF-8 text")
        return None if tuple(row) == self.header.names else row[:columns]


def _has_other_bytes(text: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in text)


def csv_header(path: Path, layout: TextLayout) -> CsvHeader:
    """The columns, what stands between them, and where the first row begins. Raises NotAnExportError."""
    delimiter = None
    line = 0
    with path.open("rb") as file:
        file.seek(layout.start)
        while line < _MOST_BEFORE:
            text = layout.decode(layout.read_line(file, HEAD_BYTES)).rstrip("\r\n")
            line += 1
            before = _BEFORE.match(text)
            if before is not None:
                delimiter = before["delimiter"] or delimiter
            elif text.strip(_DELIMITERS + " "):
                break
        names, delimiter = _columns(text, line, delimiter)
        return CsvHeader(layout, names, delimiter, file.tell(), line + 1)


def _columns(text: str, line: int, delimiter: str | None) -> tuple[tuple[str, ...], str]:
    """The columns of a header, by the delimiter that gives the most columns whose names are known."""
    read: list[tuple[int, int, tuple[str, ...], str]] = []
    reason = ""
    for one in delimiter or _DELIMITERS:
        try:
            names = tuple(name.strip() for name in next(csv.reader([text], delimiter=one), []))
        except (csv.Error, ValueError, TypeError) as error:
            reason = f": {error}"
            continue
        if len(names) > _MOST_COLUMNS:
            reason = f": {counted(len(names), 'column')}"
        else:
            read.append((sum(is_known(property_of(name)) for name in names), len(names), names, one))
    if not read:
        raise NotAnExportError(f"line {line}: not CSV{reason}")
    _, _, names, delimiter = max(read, key=lambda found: found[:2])
    return names, delimiter


def csv_partitions(path: Path, file: int, first: int, header: CsvHeader, limits: ReadLimits) -> list[CsvPartition]:
    """The rows below a header in partitions, numbered from `first` on. Raises NotAnExportError, SourceError."""
    kind = kind_by_columns(header.properties)
    partitions: list[CsvPartition] = []
    with path.open("rb") as opened:
        start, line = header.start, header.first_line
        opened.seek(start)
        while block := _whole_rows(opened, header.layout, limits):
            partitions.append(CsvPartition(path, file, first + len(partitions), start, len(block), line, header, kind))
            start, line = start + len(block), line + _count(block, header.layout, header.layout.newline)
    return partitions


def _whole_rows(file: BinaryIO, layout: TextLayout, limits: ReadLimits) -> bytes:
    """The next megabytes up to the end of a row: where all quotes that were opened are closed.

    A quote that is never closed ends with its partition; its row is unreadable then.
    """
    block = file.read(limits.csv_bytes)
    if len(block) < limits.csv_bytes:
        return block
    longest = len(block) + limits.longest_row
    parts = [block, layout.read_line(file, limits.longest_row)]
    size = sum(map(len, parts))
    quotes = _count(b"".join(parts), layout, '"')
    while quotes % 2 and size < longest and (rest := layout.read_line(file, limits.longest_row)):
        parts.append(rest)
        size += len(rest)
        quotes += _count(rest, layout, '"')
    return b"".join(parts)


def _count(data: bytes, layout: TextLayout, character: str) -> int:
    if layout.encoding == "utf-8":
        return data.count(character.encode())
    return layout.decode(data).count(character)
