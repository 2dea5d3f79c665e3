"""Exports of a directory: files of users and groups, or a folder of them, by the endings of their names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from eptura_scim.mapping import Mappings
from eptura_scim.mapping.flow import object_flow
from eptura_scim.simulation.directory_check.partition import Partition, SourceError, location
from eptura_scim.simulation.directory_check.sources.columns import kind_by_columns, present_properties, property_of
from eptura_scim.simulation.directory_check.sources.csv_table import csv_headers, csv_partitions
from eptura_scim.simulation.directory_check.sources.json_lines import json_lines_partitions, json_lines_properties
from eptura_scim.simulation.directory_check.sources.parquet_table import parquet_columns, parquet_partitions
from eptura_scim.types import Kind

__all__ = ["Export", "open_export"]

_JSON_LINES = frozenset({".ndjson", ".jsonl"})
_ENDINGS = _JSON_LINES | {".csv", ".parquet"}
_KINDS: tuple[Kind, ...] = ("User", "Group")


@dataclass(frozen=True)
class Export:
    """Files that were opened: their partitions, and what they lack."""

    files: tuple[Path, ...]
    partitions: tuple[Partition, ...]
    absent: Mapping[Kind, frozenset[str]]
    """Properties of Graph that mappings or check need and no file has."""

    def location(self, at: int) -> str:
        """Where a offset is: `users.csv, line 12`."""
        file, line = location(at)
        path = self.files[file]
        return f"{path.name}, {'row' if path.suffix.lower() == '.parquet' else 'line'} {line:,}"


def open_export(source: Path, mappings: Mappings) -> Export:
    """Open a file, or all files of a folder. Raises SourceError."""
    files = _files(source)
    needed = {kind: frozenset(object_flow(mappings, kind).properties) for kind in _KINDS}
    columns = frozenset().union(*needed.values())
    partitions: list[Partition] = []
    present: dict[Kind, frozenset[str]] = {}
    for number, path in enumerate(files):
        partitions += _partitions(path, number, len(partitions), columns)
        for kind, names in _properties(path).items():
            present[kind] = present.get(kind, frozenset()) | names
    absent = {kind: needed[kind] - present[kind] - {"deletedDateTime"} for kind in present}
    return Export(tuple(files), tuple(partitions), absent)


def _files(source: Path) -> list[Path]:
    if not source.exists():
        raise SourceError(f"{source} does not exist; give a file, a folder, or the word tenant")
    found = sorted(path for path in source.iterdir() if path.is_file()) if source.is_dir() else [source]
    known = [path for path in found if path.suffix.lower() in _ENDINGS]
    if not known:
        raise SourceError(
            f"{source}: no file of users or groups; names end with {', '.join(sorted(_ENDINGS))} (one object of "
            "Microsoft Graph a line, the portal's Download users, or Parquet)"
        )
    return known


def _partitions(path: Path, file: int, first: int, needed: Collection[str]) -> list[Partition]:
    ending = path.suffix.lower()
    if ending in _JSON_LINES:
        return list(json_lines_partitions(path, file, first))
    if ending == ".csv":
        return list(csv_partitions(path, file, first))
    return list(parquet_partitions(path, file, first, needed))


def _properties(path: Path) -> dict[Kind, frozenset[str]]:
    """What a file has, by kind of object; of lines it is what the first ones have."""
    ending = path.suffix.lower()
    if ending in _JSON_LINES:
        return json_lines_properties(path)
    headers = csv_headers(path)[0] if ending == ".csv" else parquet_columns(path)
    return {kind_by_columns([property_of(header) for header in headers], path): present_properties(headers)}
