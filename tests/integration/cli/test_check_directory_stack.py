"""`eptura-scim check-directory` asks the engine for the selected stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from tests.unit.simulation.directory_samples import write_directory


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return write_directory(tmp_path)


def stack(directory: Path, project: Path, *arguments: str, **environment: str) -> Result:
    command = ["check-directory", str(directory), "--project", str(project), *arguments]
    return CliRunner().invoke(app, command, env=environment)


def test_the_selected_stack_is_the_engines_to_tell(tmp_path: Path, directory: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (tmp_path / "Pulumi.chosen.yaml").write_text("config:\n  eptura:phoneWork: direct\n")
    (tmp_path / "pulumi").write_text('#!/bin/sh\n[ "$1" = version ] && echo v3.260.0 || echo org/eptura/chosen\n')
    (tmp_path / "pulumi").chmod(0o755)
    (tmp_path / "below").mkdir()
    seen = stack(directory, tmp_path / "below", "--json", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert json.loads(seen.stdout)["mappings"] == "the mappings of the stack chosen"


def test_without_an_engine_the_stack_is_to_be_named(tmp_path: Path, directory: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    nowhere = str(tmp_path)
    seen = stack(directory, tmp_path, "--mappings", "stack", PATH=nowhere, EPTURA_SCIM_CACHE=nowhere)
    assert str(seen.exception) == "no Pulumi CLI found to tell the selected stack: pass --stack"
