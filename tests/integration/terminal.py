"""A terminal in a project with one stack, whose Pulumi CLI is `plain_pulumi.py`, logged in to a local Entra."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from eptura_scim.cli import explain
from eptura_scim.cli.app import app
from eptura_scim.local_entra import LocalEntra

PROJECT = Path(__file__).parents[2]
DOUBLE = Path(__file__).with_name("plain_pulumi.py")


class Terminal:
    """Runs `eptura-scim` in a folder that holds the project's Pulumi.yaml; the engine is `plain_pulumi.py`."""

    def __init__(self, folder: Path, entra: LocalEntra) -> None:
        self.entra = entra
        self._state = folder / "stack.json"
        self.project = folder / "project"
        self.project.mkdir()
        (self.project / "Pulumi.yaml").write_text((PROJECT / "Pulumi.yaml").read_text())
        programs = folder / "bin"
        programs.mkdir()
        self.programs = programs
        pulumi = programs / "pulumi"
        pulumi.write_text(f'#!/bin/sh\nexec "{sys.executable}" -IS "{DOUBLE}" "$@"\n')
        pulumi.chmod(0o755)
        self.environment = {
            **entra.environment,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PLAIN_PULUMI": str(self._state),
        }

    def run(self, *arguments: str, typed: str = "", **environment: str) -> Result:
        """Run a command; failures come out as `main` explains them, with the exit code of `main`."""
        result = CliRunner().invoke(
            app,
            [*arguments, "--project", str(self.project)],
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
        """Set plain settings before the run."""
        stack = self.stack
        stack["config"] |= settings
        self._state.write_text(json.dumps(stack))

    def keep_secret(self, name: str, value: str) -> None:
        """Set a secret setting."""
        stack = self.stack
        stack["secrets"][name] = value
        self._state.write_text(json.dumps(stack))

    def export_outputs(self, **outputs: str) -> None:
        """What the program exported at its last `up`."""
        self._state.write_text(json.dumps(self.stack | {"outputs": outputs}))

    @property
    def imported(self) -> list[str]:
        """The types of the stack's resources, without package and module."""
        return [resource["urn"].split("::")[2].rsplit(":", 1)[-1] for resource in self.stack["resources"]]


def terminal_in_quarantine(folder: Path, entra: LocalEntra, name: str, display_name: str) -> Terminal:
    """The stack of an application in quarantine, with one user whom a cycle has provisioned."""
    entra.portal.create_application("Eptura")
    entra.portal.create_job()
    entra.portal.set_tenant_url(entra.scim.url)
    entra.portal.set_secret_token(entra.scim.token)
    entra.portal.people.add_user(name, displayName=display_name, mail=name)
    entra.portal.start()
    asyncio.run(entra.provisioning.run_cycle())
    entra.portal.quarantine()
    terminal = Terminal(folder, entra)
    principal = str(entra.portal.service_principal()["id"])
    terminal.export_outputs(servicePrincipalObjectId=principal, jobId=str(entra.portal.job()["id"]))
    return terminal
