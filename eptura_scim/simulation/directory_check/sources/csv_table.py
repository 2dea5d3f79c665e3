"""CSV (RFC 4180): a header and a user or group a row, in partitions of some megabytes."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from eptura_scim.mapping.flow import GraphObject
from eptura_scim.simulation.directory_check.partition import Found, SourceError, Unreadable, offset
from eptura_scim.simulation.directory_check.sources.columns import kind_by_columns, property_of, row_reader
from eptura_scim.types import Kind

__all__ = ["PARTITION_BYTES", "CsvPartition", "csv_headers", "csv_partitions"]

PARTITION_BYTES = 4 << 20
_LONGEST_HEADER = 1 << 20
_SPREADSHEETS = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True)
class CsvPartition:
    """Whole rows of a file."""

    path: Path
    file: int
    number: int
    start: int
    size: int
    first_line: int
    headers: tuple[str, ...]
    delimiter: str
    kind: Kind | None

    def objects(self) -> Iterator[Found]:
        """All of them. Raises SourceError."""
        read = row_reader(self.headers)
        for line, row in self._rows():
            yield offset(self.file, line), row if isinstance(row, Unreadable) else read(row)

    def reread(self, offsets: Collection[int]) -> Iterator[tuple[int, GraphObject]]:
        """The objects at these offsets."""
        read = row_reader(self.headers)
        for line, row in self._rows():
            if (at := offset(self.file, line)) in offsets and not isinstance(row, Unreadable):
                yield at, read(row)

    def _rows(self) -> Iterator[tuple[int, list[str] | Unreadable]]:
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                text = file.read(self.size).decode("utf-8", "surrogateescape")
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror or error}") from error
        is_utf8 = text.isascii() or not any("\udc80" <= character <= "\udcff" for character in text)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter)
        while True:
            line = self.first_line + rows.line_num
            try:
                row = next(rows, None)
            except csv.Error as error:
                yield line, Unreadable(f"not CSV: {error}")
                continue
            if row is None:
                return
            if row:
                yield line, self._checked(row, is_utf8)

    def _checked(self, row: list[str], is_utf8: bool) -> list[str] | Unreadable:
        if len(row) != len(self.headers):
            return Unreadable(f"{len(row)} values, the header has {len(self.headers)}")
        if not is_utf8 and any("\udc80" <= character <= "\udcff" for cell in row for character in cell):
            return Unreadable("not UTF-8 text")
        return row


def csv_headers(path: Path) -> tuple[tuple[str, ...], str, int]:
    """The columns, what stands between them, and where the first row begins. Raises SourceError."""
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST_HEADER)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise SourceError(f"{path} is UTF-16 text: save it as CSV UTF-8")
    text = first.decode("utf-8", "replace").removeprefix(_SPREADSHEETS).rstrip("\r\n")
    delimiter = max(",;\t", key=text.count)
    try:
        headers = next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error as error:
        raise SourceError(f"{path}, line 1: not CSV: {error}") from error
    return tuple(headers), delimiter, len(first)


def csv_partitions(path: Path, file: int, first: int) -> list[CsvPartition]:
    """The file in partitions, numbered from `first` on. Raises SourceError where it is something else."""
    headers, delimiter, start = csv_headers(path)
    kind = kind_by_columns([property_of(header) for header in headers], path)
    partitions: list[CsvPartition] = []
    line = 2
    with path.open("rb") as opened:
        opened.seek(start)
        while block := _whole_rows(opened):
            partitions.append(
                CsvPartition(path, file, first + len(partitions), start, len(block), line, headers, delimiter, kind)
            )
            start, line = start + len(block), line + block.count(b"\n")
    return partitions


def _whole_rows(file: BinaryIO) -> bytes:
    """The next megabytes up to the end of a row: where all quotes that were opened are closed."""
    block = file.read(PARTITION_BYTES)
    while block and not (block.endswith(b"\n") and block.count(b'"') % 2 == 0):
        rest = file.readline()
        if not rest:
            break
        block += rest
    return block
