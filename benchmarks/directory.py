"""How long a check of a directory takes, and how much memory: generated users, in sizes, as NDJSON and as Parquet.

By itself: `python -m benchmarks.directory 10000 100000 1000000`.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from benchmarks.figures import Figure, at_most
from benchmarks.processes import NotMeasuredError
from benchmarks.report import BenchmarkReport

__all__ = ["SIZES", "measure"]

SIZES = (10_000, 100_000)
MILLION = 1_000_000
_FORMATS = ("ndjson", "parquet")
_ROWS = 50_000
_LOOK_SECONDS = 0.05
_COMMAND = [sys.executable, "-c", "from eptura_scim.cli import main; main()", "check-directory"]
_PROCESSOR, _MEMORY = at_most(60), at_most(500)
"""What is promised of a million users: 30 s on two cores that have nothing else to do, and MiB."""


def measure(sizes: Sequence[int], runs: int = 1) -> list[Figure]:
    """Durations, processor time and the most memory of all processes together, by size and format."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="eptura-scim-bench-") as folder:
        for size in sizes:
            for ending in _FORMATS:
                path = Path(folder) / f"users.{ending}"
                write(path, size)
                figures += _figures(path, size, runs)
                path.unlink()
    return figures


def _figures(path: Path, size: int, runs: int) -> list[Figure]:
    measured = [_measured(path, size) for _ in range(runs)]
    name = f"{size:,} users, {path.suffix[1:]}"
    seconds, processor, memory = (tuple(values) for values in zip(*measured, strict=True))
    processor_bound, memory_bound = (_PROCESSOR, _MEMORY) if size == MILLION else (None, None)
    return [
        Figure(name, "s", seconds),
        Figure(f"{name}: processor time", "s", processor, processor_bound),
        Figure(f"{name}: most memory", "MiB", memory, memory_bound),
    ]


def _measured(path: Path, size: int) -> tuple[float, float, float]:
    """Seconds, processor seconds, MiB."""
    before, began = _processor(), time.perf_counter()
    with tempfile.TemporaryFile() as output:
        command = [*_COMMAND, str(path), "--mappings", "documented", "--json"]
        process = subprocess.Popen(command, stdout=output)  # noqa: S603 - ours
        most = 0.0
        while process.poll() is None:
            most = max(most, sum(map(_memory, _family(process.pid))))
            time.sleep(_LOOK_SECONDS)
        seconds = time.perf_counter() - began
        output.seek(0)
        report: dict[str, Any] = json.loads(output.read() or b"{}")
    if not most or report.get("users", {}).get("seen") != size:
        raise NotMeasuredError(f"{path.name}: not all users were seen, or memory cannot be read here (needs /proc)")
    return seconds, _processor() - before, most / 1024


def _processor() -> float:
    """Seconds of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:  # it has ended
            continue
        for child in found:
            yield from _family(int(child))


def _memory(process: int) -> float:
    """Resident KiB; what processes share counts at each."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((float(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def write(path: Path, size: int, seed: int = 0) -> None:
    """Write a directory of users, the same for the same seed, by the ending of the name."""
    if path.suffix == ".ndjson":
        with path.open("wb") as file:
            file.writelines(orjson.dumps(user) + b"\n" for user in users(size, seed))
        return
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    made = users(size, seed)
    writer = None
    while rows := list(islice(made, _ROWS)):
        table = pyarrow.Table.from_pylist(rows)
        writer = writer or ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def users(size: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Users with all that Graph tells of one, and with something wrong at some of them."""
    chance = random.Random(seed)  # noqa: S311 - for variety, not for secrets
    for number in range(size):
        luck = chance.random()
        name = f"given.surname{number if luck > 0.0005 else number // 2}"
        yield {
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "userPrincipalName": f"{name}@contoso.example",
            "mail": None if 0.01 < luck < 0.03 else f"{name}@contoso.example",
            "mailNickname": name,
            "displayName": f"Given Surname {number}",
            "givenName": "Given",
            "surname": None if 0.03 < luck < 0.04 else "Surname",
            "accountEnabled": not 0.04 < luck < 0.09,
            "userType": "Guest" if 0.1 < luck < 0.14 else "Member",
            "businessPhones": [f"+1 (425) 555-{number % 10_000:04}"],
            "mobilePhone": f"425 555 {number % 10_000:04}",
            "department": "Workplace Experience",
            "jobTitle": "Head of Workplace",
            "companyName": "Contoso",
            "city": "Bellevue",
            "country": "US",
            "officeLocation": "Bellevue / 2.17",
            "employeeId": f"E{number:07}",
            "usageLocation": "US",
            "preferredLanguage": "en-US",
            "createdDateTime": "2026-01-01T00:00:00Z",
        }


if __name__ == "__main__":
    report = BenchmarkReport(1)
    report.figures["check of a directory"] = measure([int(size) for size in sys.argv[1:]] or SIZES)
    report.show(Console(highlight=False))
