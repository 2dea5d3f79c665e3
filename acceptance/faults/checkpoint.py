"""The cells so far, on disk: a stopped run continues where it was. Other code makes all of them again."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from acceptance.faults.cells import Cell
from acceptance.faults.switches import Setting, SwitchRow

__all__ = ["Checkpoint"]

_ROOT = Path(__file__).parents[2]
_NO_PART_OF_A_CELL = frozenset({"document.py", "__main__.py", "table.py"})


class Checkpoint:
    """A folder that belongs to one state of the code. Several processes may add to it."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self._folder = folder / _code()
        if fresh:
            shutil.rmtree(self._folder, ignore_errors=True)
        self.known.mkdir(parents=True, exist_ok=True)

    @property
    def known(self) -> Path:
        """What reruns came to; see `Runner`."""
        return self._folder / "reruns"

    def cells(self) -> dict[tuple[str, str, str], Cell]:
        """The cells by operation, fault and step."""
        return {cell.key: cell for cell in map(Cell.from_json, self._lines("cells"))}

    def add(self, cell: Cell) -> None:
        """Keep a cell."""
        self._append("cells", cell.as_json())

    def switch(self, setting: Setting) -> SwitchRow | None:
        """What came of a setting, if it was run."""
        rows = (SwitchRow(**json.loads(line)) for line in self._lines("switches"))
        return next((row for row in rows if (row.switch, row.position) == (setting.switch, setting.position)), None)

    def add_switch(self, row: SwitchRow) -> None:
        """Keep what came of a setting."""
        self._append("switches", row.as_json())

    def _append(self, name: str, line: str) -> None:
        # One short write each, so that lines of several processes do not mix.
        with (self._folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _lines(self, name: str) -> list[str]:
        path = self._folder / f"{name}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [line for line in lines if line.endswith("}")]  # one may have been cut when the run was stopped


def _code() -> str:
    """What a cell depends on: the program, our packages, the pinned libraries."""
    files = [_ROOT / name for name in ("Pulumi.yaml", "__main__.py", "requirements.txt")]
    files += [path for package in ("eptura_scim", "acceptance") for path in sorted((_ROOT / package).rglob("*.py"))]
    digest = hashlib.sha256()
    for path in files:
        if path.parent.name != "faults" or path.name not in _NO_PART_OF_A_CELL:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
