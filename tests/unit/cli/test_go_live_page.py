"""docs/go-live.md names every finding with its severity."""

from pathlib import Path

from eptura_scim.simulation.directory_check.finding_codes import FINDINGS

PAGE = Path(__file__).parents[3] / "docs" / "go-live.md"


def test_every_code_is_documented_with_its_severity() -> None:
    rows = [line.split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    documented = {
        code.strip(" `"): row[2].strip() for row in rows for code in row[1].split(",") if len(row) == 5
    }  # fmt: skip
    assert {code: documented.get(code) for code in FINDINGS} == {code: kind.severity for code, kind in FINDINGS.items()}
