"""The work folder is the project itself, made to run without a language host."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from eptura_scim.engine.errors import ProjectError
from eptura_scim.engine.project import project_folder, read_project, write_work_folder

PROJECT = """
name: some-project
description: What it is
runtime: {name: python, options: {toolchain: pip, virtualenv: .venv}}
options: {refresh: always}
plugins: {providers: [{name: ours, path: plugin}]}
config:
  tenantUrl: {type: string, description: The URL}
"""

STACK = """
encryptionsalt: v1:salt
config:
  some-project:tenantUrl: https://from.example/scim/v1/
  some-project:scope: assigned
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "Pulumi.dev.yaml").write_text(STACK)
    return folder


def test_only_runtime_and_plugins_of_a_copied_project_change(project: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "generated"
    write_work_folder(project, "dev", tmp_path / "work", {"ours": plugin}, {})
    written = yaml.safe_load((tmp_path / "work" / "Pulumi.yaml").read_text())
    assert written == {
        "name": "some-project",
        "description": "What it is",
        "runtime": "python",
        "options": {"refresh": "always"},
        "plugins": {"providers": [{"name": "ours", "path": str(plugin)}]},
        "config": {"tenantUrl": {"type": "string", "description": "The URL"}},
    }


def test_given_values_go_over_the_projects_own_stack_file(project: Path, tmp_path: Path) -> None:
    write_work_folder(project, "dev", tmp_path / "work", {}, {"tenantUrl": "https://given.example/scim/v1/"})
    written = yaml.safe_load((tmp_path / "work" / "Pulumi.dev.yaml").read_text())
    assert written["encryptionsalt"] == "v1:salt"
    assert written["config"] == {
        "some-project:tenantUrl": "https://given.example/scim/v1/",
        "some-project:scope": "assigned",
    }


def test_the_checkout_is_not_written_to(project: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in project.iterdir()}
    write_work_folder(project, "dev", tmp_path / "work", {}, {"scope": "all"})
    assert {path: path.read_bytes() for path in project.iterdir()} == before


def test_a_folder_without_a_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"Pulumi\.yaml does not exist: run this in the project's folder"):
        read_project(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("a: [", "is not valid YAML"), ("- a\n", "is not a mapping"), ("description: x\n", "has no name")],
)
def test_a_broken_project_file_is_named(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(text)
    with pytest.raises(ProjectError, match=reason) as caught:
        read_project(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_project_is_in_the_nearest_folder_upwards(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = project / "docs" / "deep"
    below.mkdir(parents=True)
    assert project_folder(below) == project
    monkeypatch.chdir(below)
    assert project_folder(Path()) == project_folder(Path("..")) == project
    (below / "Pulumi.yaml").write_text(PROJECT)
    assert project_folder(Path()) == Path()


def test_a_missing_project_is_told_with_the_folders_searched(tmp_path: Path) -> None:
    with pytest.raises(
        ProjectError, match=r"Pulumi\.yaml does not exist, nor is there one in a folder above: run this"
    ):
        project_folder(tmp_path)


def test_a_mistyped_folder_does_not_lead_to_the_project_above_it(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    with pytest.raises(ProjectError, match="stagng is not a folder: name the project's with --project"):
        project_folder(tmp_path / "stagng")
