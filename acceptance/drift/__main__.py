"""`python -m acceptance.drift`: run every kind and write docs/drift.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from acceptance.drift.document import PATH, written
from acceptance.drift.kinds import DRIFT, NOT_OURS
from acceptance.drift.runs import DriftRow, WrongError, prepare, run
from acceptance.sandbox import EngineSandbox
from eptura_scim.engine import find_engine


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the kinds; 1 if one did not come out as it has to."""
    parser = argparse.ArgumentParser(prog="python -m acceptance.drift", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", help="only kinds whose sentence holds these words; writes no page")
    only = parser.parse_args(arguments).only
    kinds = [kind for kind in (*DRIFT, *NOT_OURS) if not only or only in kind.sentence]
    rows: list[DriftRow] = []
    wrong: list[str] = []
    for stack in dict.fromkeys(kind.stack for kind in kinds):
        with (
            tempfile.TemporaryDirectory(prefix="drift-") as folder,
            EngineSandbox(Path(folder), find_engine(print)) as sandbox,
        ):
            prepare(sandbox, stack)
            for kind in (kind for kind in kinds if kind.stack is stack):
                try:
                    rows.append(run(sandbox, kind))
                    print(f"as expected: {kind.sentence}", flush=True)
                except WrongError as error:
                    wrong.append(str(error))
                    print(f"WRONG: {error}", flush=True)
    if not wrong and not only:
        PATH.write_text(written(rows), encoding="utf-8")
        print(f"wrote {PATH.name}: {len(rows)} kinds")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
