"""The benchmark of a check of a directory."""

from __future__ import annotations

from pathlib import Path

from benchmarks import directory
from eptura_scim import documented
from eptura_scim.simulation.directory_check.run import check
from eptura_scim.simulation.directory_check.sources.files import open_export
from tests.unit.simulation.directory_samples import plan


def test_generated_users_have_something_wrong_in_both_formats(tmp_path: Path) -> None:
    found = []
    for name in ("users.ndjson", "users.parquet"):
        directory.write(tmp_path / name, 1_000)
        export = open_export(tmp_path / name, documented.mappings())
        assert not export.gaps.absent["User"]
        found.append({(one.code, one.count) for one in check(plan(), export.partitions).findings})
    assert found[0] == found[1]
    assert {"mandatory-empty", "username-not-unique", "guest", "disabled"} <= {code for code, _ in found[0]}
