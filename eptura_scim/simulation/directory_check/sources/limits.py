"""How much of a file is read at once, and how long a line, a row or an object may be."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["USUAL", "ReadLimits"]


@dataclass(frozen=True)
class ReadLimits:
    """Partitions are large enough to be worth a process of their own, and small enough for its memory."""

    json_lines_bytes: int = 8 << 20
    """Bytes of a partition of JSON lines, up to the end of a line."""
    longest_line: int = 16 << 20
    """Bytes of a line of JSON from which on the file is refused."""
    csv_bytes: int = 4 << 20
    """Bytes of a partition of CSV, up to the end of a row."""
    longest_row: int = 4 << 20
    """Bytes of a row of CSV that may stand behind those of its partition."""
    parquet_rows: int = 62_500
    """Rows of a partition of Parquet."""
    document_characters: int = 1 << 18
    """Characters of a JSON document that are read at once."""
    longest_object: int = 16 << 20
    """Characters of a JSON object from which on it is given up."""


USUAL = ReadLimits()
