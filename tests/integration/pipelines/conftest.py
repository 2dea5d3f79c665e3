"""A local Entra, GitHub, and the checkout of a job."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.pipelines.github_api import GitHub, serving
from tests.repository.pages import PROJECT


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serving(GitHub()) as found:
        yield found


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files of the project that a job uses, after `make setup`."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "pipelines").symlink_to(PROJECT / "pipelines")
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    (folder / "Makefile").write_text("lean setup engine:\n", encoding="utf-8")
    return folder


@pytest.fixture
def on_path() -> dict[str, str]:
    """The programs of a runner: `python` among them."""
    return {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
