"""What pre-commit, CI and GitHub read is valid, and all text files end as they should."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repository.pages import PROJECT
from tests.repository.text_files import problems

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent


def workflow(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def test_text_files_end_with_a_line_feed_and_without_blanks() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [PROJECT / name for name in listed.stdout.splitlines() if not name.startswith(("tests/data/", "tests/fix"))]
    assert [problem for path in files if path.is_file() for problem in problems(path)] == []


@pytest.mark.parametrize(("content", "count"), [(b"a\n", 0), (b"", 0), (b"a", 1), (b"a\n\n", 1), (b"a \nb", 2)])
def test_a_file_that_ends_otherwise_is_found(content: bytes, count: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    assert len(problems(tmp_path / "file")) == count


def test_a_policy_pack_without_environment_says_what_makes_it(tmp_path: Path) -> None:
    pack = shutil.copy(PROJECT / "policy" / "eptura-scim-policy", tmp_path)
    started = subprocess.run([pack, "127.0.0.1:1"], capture_output=True, text=True, check=False)
    assert (started.returncode, "run `make policy`" in started.stderr) == (1, True)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_permissions_are_minimal(path: Path) -> None:
    document = workflow(path)
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        assert job["timeout-minutes"] <= 60
    for action in re.findall(r"uses: (.+)", path.read_text(encoding="utf-8")):
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


def test_ci_runs_every_python_that_the_package_is_for() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = [text.rpartition(" ")[2] for text in project["classifiers"] if re.search(r":: 3\.\d+$", text)]
    matrix = workflow(PROJECT / ".github" / "workflows" / "test.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert matrix["python"] == versions
    assert project["requires-python"] == f">={versions[0]}"


def test_the_hooks_run_programs_that_are_locked() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    entries = [hook["entry"] for repo in hooks for hook in repo["hooks"]]
    assert {repo["repo"] for repo in hooks} == {"local"}
    assert [entry for entry in entries if not (BIN / entry.split()[0].removeprefix(".venv/bin/")).exists()] == []
    subprocess.run([BIN / "pre-commit", "validate-config"], cwd=PROJECT, check=True, capture_output=True)
