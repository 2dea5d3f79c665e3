"""`eptura-scim check-directory` in several processes."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from eptura_scim.cli.app import app
from tests.unit.simulation.directory_samples import group, user


def test_two_processes_find_and_list_the_same_as_one_process(tmp_path: Path) -> None:
    source = tmp_path / "export.ndjson"
    users = [
        user("good"),
        user("nomail", mail=None),
        user("GOOD"),
        user("x", surname=None),
        user("y", accountEnabled=False),
    ]
    lines = [json.dumps(one) for one in (*users, group("x", id="1"), group("X", id="2"))]
    source.write_text("\n".join([*lines, "not JSON"]) + "\n", encoding="utf-8")

    reports, lists = [], []
    for workers in ("1", "2"):
        listed = tmp_path / f"{workers}.csv"
        options = ["--mappings", "documented", "--json", "--workers", workers, "--list", str(listed)]
        found = CliRunner().invoke(app, ["check-directory", str(source), *options])
        reports.append(json.loads(found.stdout) | {"checked": "", "list": ""})
        lists.append(sorted(listed.read_text(encoding="utf-8-sig").splitlines()))
    assert reports[0] == reports[1]
    assert {finding["code"] for finding in reports[0]["findings"]} >= {"username-not-unique", "unreadable"}
    assert lists[0] == lists[1]
    assert len(lists[0]) > 5
