"""Parquet: row groups, and stretches of long ones, read column by column. Needs pyarrow, which is loaded here only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eptura_scim.mapping.flow import GraphObject
from eptura_scim.simulation.directory_check.partition import FoundObject, SourceError, offset
from eptura_scim.simulation.directory_check.sources.cells import TYPE_PREFIXES, table_object
from eptura_scim.simulation.directory_check.sources.columns import (
    BLOCKED,
    BOOLEANS,
    LISTS,
    is_extension,
    kind_by_columns,
    present_properties,
    property_of,
)
from eptura_scim.simulation.directory_check.sources.limits import ReadLimits
from eptura_scim.types import Kind

__all__ = ["ParquetPartition", "parquet_columns", "parquet_partitions"]

_BATCH = 4_096
_BUFFER = 1 << 18  # bytes of a column; without it the whole column of a row group is held


@dataclass(frozen=True)
class ParquetPartition:
    """A stretch of rows of one row group."""

    path: Path
    file: int
    number: int
    group: int
    start: int
    """The first row, within the row group."""
    size: int
    first_row: int
    """The first row, within the file, counted from 1."""
    columns: tuple[str, ...]
    kind: Kind | None

    def objects(self) -> Iterator[FoundObject]:
        """All of them. Raises SourceError."""
        names = [property_of(column) for column in self.columns]
        at = offset(self.file, self.first_row)
        for values, is_plain in self._batches():
            for row in zip(*values, strict=True):
                yield at, dict(zip(names, row, strict=True)) if is_plain else table_object(names, row)
                at += 1

    def reread(self, offsets: Collection[int]) -> Iterator[tuple[int, GraphObject]]:
        """The objects at these offsets."""
        for at, found in self.objects():
            if at in offsets and isinstance(found, dict):
                yield at, found

    def _batches(self) -> Iterator[tuple[list[list[Any]], bool]]:
        """The values of this stretch, column by column, and whether they are as Graph shows them."""
        with _opened(self.path) as file:
            before, end = 0, self.start + self.size
            for batch in file.iter_batches(_BATCH, row_groups=[self.group], columns=list(self.columns)):
                low, high = max(self.start - before, 0), min(end - before, batch.num_rows)
                if low < high:
                    wanted = [batch.column(name).slice(low, high - low) for name in self.columns]
                    is_plain = all(map(_is_plain, self.columns, wanted))
                    yield [column.to_pylist() for column in wanted], is_plain
                before += batch.num_rows
                if before >= end:
                    return


def parquet_columns(path: Path) -> list[str]:
    """The names of the columns. Raises SourceError."""
    with _opened(path) as file:
        return list(file.schema_arrow.names)


def parquet_partitions(
    path: Path, file: int, first: int, needed: frozenset[str], limits: ReadLimits
) -> list[ParquetPartition]:
    """The file in partitions, numbered from `first` on, with the needed columns alone. Raises SourceError."""
    with _opened(path) as opened:
        names = opened.schema_arrow.names
        kind = kind_by_columns([property_of(name) for name in names])
        columns = tuple(name for name in names if not needed.isdisjoint(present_properties([name])))
        partitions: list[ParquetPartition] = []
        row = 1
        for group in range(opened.metadata.num_row_groups):
            rows = opened.metadata.row_group(group).num_rows
            for start in range(0, rows, limits.parquet_rows):
                number, size = first + len(partitions), min(limits.parquet_rows, rows - start)
                partitions.append(ParquetPartition(path, file, number, group, start, size, row + start, columns, kind))
            row += rows
    return partitions


def _is_plain(name: str, column: Any) -> bool:
    """Whether the values of a column are as Graph shows them, so that no row has to be looked at cell by cell."""
    from pyarrow import compute, types

    known = property_of(name)
    if known == BLOCKED or is_extension(known):
        return False
    if not (types.is_string(column.type) or types.is_large_string(column.type)):
        return not (types.is_dictionary(column.type) or types.is_string_view(column.type))
    if known in BOOLEANS | LISTS:
        return False
    return not any(compute.any(compute.starts_with(column, prefix)).as_py() for prefix in TYPE_PREFIXES)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise SourceError(f"{path}: Parquet needs pyarrow: pip install pyarrow") from error
    # Every process of ours has its own core already.
    pyarrow.set_cpu_count(1)
    try:
        with ParquetFile(path, memory_map=False, buffer_size=_BUFFER, pre_buffer=False) as file:
            yield file
    except (pyarrow.ArrowException, OSError, KeyError, ValueError, OverflowError, MemoryError) as error:
        raise SourceError(f"{path} cannot be read as Parquet: {' '.join(str(error).split())}") from error
