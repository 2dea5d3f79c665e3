"""The command that breaks the code line by line: what it counts, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
TESTS = "tests/unit/provider/test_external_ids.py"
BESIDE = "tests/unit/provider/test_fingerprint.py"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Break the module of the externalId, which the fewest lines decide about."""
    line = [sys.executable, "-m", "acceptance.mutation", "--only", "mapping/external_id.py", *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


def listed() -> int:
    return len(command("--list").stdout.splitlines())


@pytest.mark.slow
def test_the_command_ends_well_where_tests_notice_all(tmp_path: Path) -> None:
    first, again = (command("--tests", TESTS, "--known", str(tmp_path / "known.json")) for _ in range(2))
    assert (first.stderr, first.returncode) == ("", 0)
    assert first.stdout.endswith(f"{listed()} mutants, 0 survive\n")
    assert "tests run once as they are" in first.stdout
    assert (again.returncode, "tests run once as they are" in again.stdout) == (0, False)


@pytest.mark.slow
def test_the_command_names_each_mutant_that_tests_miss() -> None:
    found = command("--tests", BESIDE)
    survivors = [line for line in found.stdout.splitlines() if "SURVIVES" in line]
    assert (len(survivors), found.returncode) == (listed(), 1)
    assert all("eptura_scim/mapping/external_id.py:" in line for line in survivors)
