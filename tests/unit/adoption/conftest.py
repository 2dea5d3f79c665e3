"""A terminal in a project with one stack, and a local Entra with an application that was made by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli import explain
from eptura_scim.cli.app import app
from eptura_scim.emulator import LocalEntra

PROJECT = Path(__file__).parents[3]
DOUBLE = Path(__file__).with_name("plain_pulumi.py")


class Terminal:
    """Runs `eptura-scim` in a folder that holds the project's Pulumi.yaml; the engine is `plain_pulumi.py`."""

    def __init__(self, folder: Path, entra: LocalEntra) -> None:
        self.entra = entra
        self._state = folder / "stack.json"
        self._project = folder / "project"
        self._project.mkdir()
        (self._project / "Pulumi.yaml").write_text((PROJECT / "Pulumi.yaml").read_text())
        programs = folder / "bin"
        programs.mkdir()
        (programs / "pulumi").symlink_to(DOUBLE)
        self.environment = {
            **entra.environment,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PLAIN_PULUMI": str(self._state),
        }

    def run(self, *arguments: str, typed: str = "", **environment: str) -> Result:
        """Run a command; failures come out as `main` explains them, with the exit code of `main`."""
        result = CliRunner().invoke(
            app,
            [*arguments, "--project", str(self._project)],
            input=typed,
            env={**self.environment, **environment},
        )
        if isinstance(result.exception, Exception):
            message, result.exit_code = explain(result.exception)
            result.stderr_bytes = message.encode()
        return result

    @property
    def stack(self) -> dict[str, Any]:
        """What the stack has: `config`, `secrets`, `resources`."""
        document: dict[str, Any] = {"config": {}, "secrets": {}, "resources": []}
        return json.loads(self._state.read_text()) if self._state.exists() else document

    def configure(self, **settings: str) -> None:
        """Set plain settings, as somebody did before."""
        stack = self.stack
        stack["config"] |= settings
        self._state.write_text(json.dumps(stack))

    @property
    def imported(self) -> list[str]:
        """The types of the stack's resources, without package and module."""
        return [resource["urn"].split("::")[2].rsplit(":", 1)[-1] for resource in self.stack["resources"]]


@pytest.fixture
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        yield started


@pytest.fixture
def terminal(tmp_path: Path, entra: LocalEntra) -> Terminal:
    return Terminal(tmp_path, entra)


@pytest.fixture
def made_by_hand(entra: LocalEntra) -> LocalEntra:
    """An application with a job, a connection and the template's mappings."""
    entra.portal.create_application("Made by hand")
    entra.portal.create_job()
    entra.portal.set_tenant_url(entra.scim.url)
    entra.portal.set_secret_token(entra.scim.token)
    entra.portal.set_scope("all")
    entra.calls.clear()
    return entra
