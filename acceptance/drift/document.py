"""docs/drift.md: the rows as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from acceptance.drift.kinds import DRIFT, NOT_OURS, EditKind
from acceptance.drift.runs import DriftRow
from eptura_scim.graph.ids import UUID

__all__ = ["PATH", "label", "written"]

PATH = Path(__file__).parents[2] / "docs" / "drift.md"

_UUID = re.compile(UUID)
_HEX = re.compile(r"\b[0-9a-f]{32,64}\b")
_ADDRESS = re.compile(r"localhost:\d{2,}")
_FINGERPRINT = re.compile(r"v1\.[\w-]+\.[\w-]+")
_TIME = re.compile(r"\b20\d\d-\d\d-\d\d( \d\d:\d\d( UTC)?)?")

_HEAD = """\
# Drift, kind by kind

What `pulumi preview` says after a manual edit in Entra, and that `pulumi up` repairs it. `make drift` writes this page
from real runs, one for each row: the stack is up; the test edits Entra; the preview has to name exactly what the row
shows; `pulumi up` repairs it; the next preview has to be clean. The command fails at a row with another result. Engine,
program and plugin are the real ones. azuread is replaced by its stand-in, Entra by the local Entra (address: `EPTURA`).

{count} kinds are drift:

| where | an administrator | the preview names | it warns |
|---|---|---|---|
{drift}

{others} kinds are not managed by this stack: the preview is clean, and `pulumi up` leaves them as they are.

| where | an administrator |
|---|---|
{not_ours}
"""


def label(kind: EditKind) -> str:
    """The first cells of a kind's row."""
    return f"| {kind.area} | {kind.sentence} |"


def written(rows: Sequence[DriftRow]) -> str:
    """The page."""
    found = {row.kind.sentence: row for row in rows}
    return _HEAD.format(
        count=len(DRIFT),
        others=len(NOT_OURS),
        drift="\n".join(_row(found[kind.sentence]) for kind in DRIFT),
        not_ours="\n".join(label(kind) for kind in NOT_OURS),
    )


def _row(row: DriftRow) -> str:
    named = "<br>".join(f"`{_steady(line)}`" for line in row.named)
    said = "; ".join([*(_steady(line) for line in row.warnings), *([row.kind.note] if row.kind.note else [])])
    return f"{label(row.kind)} {named} | {said} |"


def _steady(text: str) -> str:
    """Without what differs from run to run; a bar would end the cell."""
    for pattern, word in ((_HEX, "…"), (_UUID, "ID"), (_ADDRESS, "EPTURA"), (_FINGERPRINT, "v1.…"), (_TIME, "DATE")):
        text = pattern.sub(word, text)
    return text.replace("|", "\\|")
