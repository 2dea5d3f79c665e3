"""All findings of a check of a directory, object by object, as one CSV file to work through."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from eptura_scim.simulation.directory_check.finding_codes import FINDINGS, Code
from eptura_scim.simulation.directory_check.report import portal_link
from eptura_scim.simulation.directory_check.result import CheckResult
from eptura_scim.simulation.directory_check.summary import Example, FindingKey
from eptura_scim.simulation.directory_check.worklist import listed
from eptura_scim.types import Kind

__all__ = ["write_list"]

_HEADER = (
    "severity", "code", "finding", "kind", "attribute", "name", "object id", "detail", "place", "portal", "to do"
)  # fmt: skip
# A cell that begins so is a formula to a spreadsheet; signed numbers, as telephone numbers are, stay as they are.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d() .-]*\Z)")


def write_list(path: Path, result: CheckResult, folder: Path, place: Callable[[int], str | None], portal: str) -> None:
    """Write the list from what the check noted in `folder`. Only the owner may read it. Raises OSError."""
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8-sig", newline=""
    ) as file:
        rows = csv.writer(file)
        rows.writerow(_HEADER)
        for key, example in _entries(result, folder):
            rows.writerow(map(_cell, _row(key, example, place, portal)))


def _entries(result: CheckResult, folder: Path) -> Iterator[tuple[FindingKey, Example]]:
    """First what is found of the source and the mappings, then objects in the order of the source."""
    seen: set[Code] = set()
    for key, _ in listed(folder):
        seen.add(key.code)
    for found in result.findings:
        if found.code not in seen:
            key = FindingKey(found.code, found.kind, found.attribute)
            for example in found.examples or (Example(-1, "", found.note),):
                yield key, example
    yield from listed(folder)


def _row(key: FindingKey, example: Example, place: Callable[[int], str | None], portal: str) -> tuple[str, ...]:
    about = FINDINGS[key.code]
    kind: Kind = key.kind
    object_id = example.object_ids[0] if example.object_ids else ""
    return (
        about.severity,
        key.code,
        about.title,
        kind.lower(),
        key.attribute,
        example.who,
        object_id,
        example.detail,
        (place(example.offset) or "") if example.offset >= 0 else "",
        portal_link(portal, kind, object_id),
        about.remedy,
    )


def _cell(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
