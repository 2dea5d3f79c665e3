"""Text files end with one line feed, and their lines without blanks: `python -m tests.repository.text_files FILE…`."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["problems"]


def problems(path: Path) -> list[str]:
    """What is wrong in a file, as `FILE:LINE: text`; nothing for a file that is not UTF-8 text."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return []
    lines = text.split("\n")
    found = [
        f"{path}:{number}: blanks at the end of the line"
        for number, line in enumerate(lines, 1)
        if line != line.rstrip()
    ]
    if text and (lines[-1] or (len(lines) > 1 and not lines[-2])):
        found.append(f"{path}:{len(lines)}: the file does not end with one line feed")
    return found


if __name__ == "__main__":
    wrong = [problem for name in sys.argv[1:] for problem in problems(Path(name))]
    print("\n".join(wrong), file=sys.stderr)
    sys.exit(1 if wrong else 0)
