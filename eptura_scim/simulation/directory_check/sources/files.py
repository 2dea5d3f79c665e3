"""Exports of a directory: a file of users or groups, or a folder of them, told by what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from eptura_scim.mapping import Mappings
from eptura_scim.mapping.flow import object_flow
from eptura_scim.simulation.directory_check.partition import (
    NotAnExportError,
    PageEnd,
    Partition,
    SourceError,
    Unreadable,
    kind_of,
    location,
    offset,
)
from eptura_scim.simulation.directory_check.sources.columns import kind_by_columns, present_properties, property_of
from eptura_scim.simulation.directory_check.sources.csv_table import csv_header, csv_partitions
from eptura_scim.simulation.directory_check.sources.good_export import good_export
from eptura_scim.simulation.directory_check.sources.json_documents import JsonDocumentPartition
from eptura_scim.simulation.directory_check.sources.json_lines import are_json_lines, json_lines_partitions
from eptura_scim.simulation.directory_check.sources.limits import USUAL, ReadLimits
from eptura_scim.simulation.directory_check.sources.parquet_table import parquet_columns, parquet_partitions
from eptura_scim.simulation.directory_check.sources.text_layout import HEAD_BYTES, text_layout
from eptura_scim.simulation.directory_check.summary import Example, SourceGaps
from eptura_scim.types import KINDS, Kind

__all__ = ["Export", "open_export"]

_SAMPLE = 2_000
_OTHERS = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive: save it as CSV UTF-8 (Excel: Save As), or unpack it"),
    (b"\xd0\xcf\x11\xe0", "a workbook of an older Excel: save it as CSV UTF-8 (Excel: Save As)"),
    (b"\x1f\x8b", "compressed by gzip: unpack it (gunzip)"),
    (b"%PDF", "a PDF document"),
    (b"<", "a page of HTML or XML (Export-Clixml writes such)"),
)
_PARQUET = b"PAR1"
_JSON_LINES = frozenset({".ndjson", ".jsonl"})
_CHECKPOINT = "checkpoint.json"


@dataclass(frozen=True)
class Export:
    """Files that were opened: their partitions, and what they lack."""

    files: tuple[Path, ...]
    partitions: tuple[Partition, ...]
    gaps: SourceGaps
    units: tuple[str, ...]
    """What is counted in each file: lines, rows or objects."""
    commands: Mapping[Kind, str]
    """The commands that make a good export for the mappings."""

    def location(self, at: int) -> str:
        """Where an offset is: `users.csv, line 12`."""
        file, number = location(at)
        path = self.files[file]
        return f"{path.name}, {self.units[file]} {number:,}" if number else path.name


@dataclass
class _Opening:
    """What is known of the files that were opened so far."""

    needed: frozenset[str]
    limits: ReadLimits
    partitions: list[Partition] = field(default_factory=list)
    present: dict[Kind, frozenset[str]] = field(default_factory=dict)
    doubled: list[tuple[Kind, str, Example]] = field(default_factory=list)

    def add(self, path: Path, file: int) -> str:
        """Open one file. Gives what is counted in it. Raises SourceError, OSError."""
        if path.name == _CHECKPOINT:
            raise NotAnExportError("left by a download of the tenant that did not end: run that command again")
        if not path.is_file():
            raise NotAnExportError("a folder" if path.is_dir() else "not a regular file: write it to a file first")
        first = len(self.partitions)
        with path.open("rb") as opened:
            head = opened.read(HEAD_BYTES)
        if head.startswith(_PARQUET):
            self.partitions += parquet_partitions(path, file, first, self.needed, self.limits)
            self._table(file, parquet_columns(path))
            return "row"
        layout = text_layout(head)
        begins = layout.decode(head[layout.start :]).lstrip()
        if not begins:
            return "line"  # as a tenant without groups leaves it
        for mark, what in _OTHERS:
            if head.startswith(mark) or begins.startswith(mark.decode("latin-1")):
                raise NotAnExportError(what)
        if begins.startswith(("{", "[")) or path.suffix.lower() in _JSON_LINES:
            are_lines = are_json_lines(head, layout)
            if are_lines:
                self.partitions += json_lines_partitions(path, file, first, layout, self.limits)
            else:
                self.partitions.append(
                    JsonDocumentPartition(path, file, first, path.stat().st_size, layout, self.limits)
                )
            self._objects(self.partitions[first:])
            return "line" if are_lines else "object"
        header = csv_header(path, layout)
        self.partitions += csv_partitions(path, file, first, header, self.limits)
        self._table(file, header.names)
        return "line"

    def _table(self, file: int, headers: tuple[str, ...] | list[str]) -> None:
        names = [property_of(header) for header in headers]
        kind = kind_by_columns(names)
        self._see(kind, present_properties(names))
        for name in dict.fromkeys(names):
            same = [header for header, one in zip(headers, names, strict=True) if one == name]
            if len(same) > 1 and name in self.needed:
                self.doubled.append((kind, name, Example(offset(file, 0), "", ", ".join(same))))

    def _objects(self, partitions: list[Partition]) -> None:
        """What the first objects of JSON have."""
        for partition in partitions[:1]:
            for _, found in islice(partition.objects(), _SAMPLE):
                if not isinstance(found, Unreadable | PageEnd):
                    self._see(kind_of(found), frozenset(found))

    def _see(self, kind: Kind, names: frozenset[str]) -> None:
        self.present[kind] = self.present.get(kind, frozenset()) | names


def open_export(source: Path, mappings: Mappings, limits: ReadLimits = USUAL) -> Export:
    """Open a file, or all files of a folder. Raises SourceError."""
    files = _files(source)
    needed: dict[Kind, frozenset[str]] = {kind: frozenset(object_flow(mappings, kind).properties) for kind in KINDS}
    commands = {kind: good_export(kind, needed[kind]) for kind in KINDS if object_flow(mappings, kind).enabled}
    opening = _Opening(frozenset().union(*needed.values()), limits)
    passed_over: list[Example] = []
    units: list[str] = []
    for number, path in enumerate(files):
        try:
            units.append(opening.add(path, number))
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error
        except NotAnExportError as error:
            units.append("")
            passed_over.append(Example(offset(number, 0), "", str(error)))
    if len(passed_over) == len(files):
        raise NotAnExportError(_refusal(source, files, passed_over, commands.values()))
    absent = {kind: needed[kind] - names - {"deletedDateTime"} for kind, names in opening.present.items()}
    gaps = SourceGaps(absent, tuple(passed_over), tuple(opening.doubled))
    return Export(tuple(files), tuple(opening.partitions), gaps, tuple(units), commands)


def _files(source: Path) -> list[Path]:
    try:
        found = sorted(source.iterdir()) if source.is_dir() else [source]
    except OSError as error:
        raise SourceError(f"{source} cannot be read: {error.strerror or error}") from error
    if not source.exists():
        raise SourceError(f"{source} does not exist: give a file, a folder, or the word tenant")
    return [path for path in found if path == source or not path.name.startswith(".")]


def _refusal(source: Path, files: list[Path], passed_over: list[Example], commands: Iterable[str]) -> str:
    """What is said where no file can be understood."""
    reasons = [f"{path}: {example.detail}" for path, example in zip(files, passed_over, strict=True)][:5]
    what = "\n".join(reasons) or f"{source}: the folder holds no file of users or groups"
    return f"{what}\nA good export, in PowerShell:\n" + "\n".join(f"  {command}" for command in commands)
