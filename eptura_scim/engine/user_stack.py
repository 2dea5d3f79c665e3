"""A stack of the project around a folder as its user has it: the plain CLI with the user's own login and backend."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pulumi.automation import CommandError

from eptura_scim.engine.discovery import Engine
from eptura_scim.engine.errors import StackError
from eptura_scim.engine.outcome import EventLog, Outcome, last_error_line
from eptura_scim.engine.preview_document import failure, outcome_of
from eptura_scim.engine.project import project_folder, read_project

__all__ = ["ProjectStack", "StackConfig", "StackResource"]


class StackConfig(NamedTuple):
    """The settings of the project itself, without its name before each."""

    values: dict[str, str]
    """In clear; the project's defaults are among them, secrets are not."""
    secret: frozenset[str]
    """Names of those that are stored encrypted."""


class StackResource(NamedTuple):
    """A resource in the state."""

    urn: str
    id: str
    """Empty for components."""
    version: str = ""
    """Of a provider: the version of its plugin, where the state has it."""
    inputs: Mapping[str, Any] = {}
    """What the program declared at the last run; secrets as the state shows them, encrypted."""
    outputs: Mapping[str, Any] = {}


class ProjectStack:
    """One stack. Open it with `ProjectStack.open`. Every operation raises StackError where the CLI refuses."""

    def __init__(self, engine: Engine, folder: Path, name: str, environment: Mapping[str, str]) -> None:
        self._engine = engine
        self._folder = project_folder(folder)
        self._environment = environment
        self._project = read_project(self._folder)
        self.name = name

    @classmethod
    def open(
        cls, engine: Engine, folder: Path, name: str | None, environment: Mapping[str, str] = os.environ
    ) -> ProjectStack:
        """The named stack, else the one that is selected in the project. Raises ProjectError, StackError.

        Whether a named stack exists shows at the first operation.
        """
        stack = cls(engine, folder, name or "", environment)
        if name is None:
            stack.name = stack._run("stack", "--show-name", stack=False).strip()
        return stack

    @classmethod
    def names(cls, engine: Engine, folder: Path, environment: Mapping[str, str] = os.environ) -> list[str]:
        """The project's stacks in the backend that is logged in to. Raises ProjectError, StackError."""
        listed = json.loads(cls(engine, folder, "", environment)._run("stack", "ls", "--json", stack=False) or "[]")
        return [str(item["name"]) for item in listed if isinstance(item, dict) and item.get("name")]

    @property
    def folder(self) -> Path:
        """The project's folder."""
        return self._folder

    @property
    def project_name(self) -> str:
        """The project's name, as in Pulumi.yaml."""
        return str(self._project["name"])

    @property
    def urn_prefix(self) -> str:
        """How the URN of each of its resources begins."""
        return f"urn:pulumi:{self.name.rsplit('/', 1)[-1]}::{self.project_name}::"

    def config(self) -> StackConfig:
        """The stack's settings."""
        prefix = f"{self.project_name}:"
        document: dict[str, dict[str, Any]] = _json(self._run("config", "--json"))
        own = {key.removeprefix(prefix): item for key, item in document.items() if key.startswith(prefix)}
        return StackConfig(
            {name: str(item.get("value", "")) for name, item in own.items() if not item.get("secret")},
            frozenset(name for name, item in own.items() if item.get("secret")),
        )

    def default(self, name: str) -> str:
        """What Pulumi.yaml has for a setting that no stack sets."""
        declared = (self._project.get("config") or {}).get(name)
        value = declared.get("default", "") if isinstance(declared, Mapping) else declared
        return "" if value is None else str(value)

    def secret(self, name: str) -> str:
        """A secret setting in clear: for use, never for output."""
        return self._run("config", "get", name).removesuffix("\n")

    def set(self, values: Mapping[str, str]) -> None:
        """Set plain settings."""
        pairs = [argument for name, value in values.items() for argument in ("--plaintext", f"{name}={value}")]
        self._run("config", "set-all", *pairs)

    def set_secret(self, name: str, value: str) -> None:
        """Set a secret setting; it travels through standard input, not a command line."""
        self._run("config", "set", name, "--secret", standard_input=value)

    def outputs(self) -> dict[str, Any]:
        """What the program exported at its last `up`; secret ones are masked, so no passphrase is needed."""
        return _json(self._run("stack", "output", "--json"))

    def resources(self) -> list[StackResource]:
        """What the state holds."""
        deployment = _json(self._run("stack", "export")).get("deployment") or {}
        found: Sequence[Mapping[str, Any]] = deployment.get("resources") or []
        return [_resource(item) for item in found if not item.get("delete")]

    def preview(self) -> Outcome:
        """What an `up` would do, with the values on both sides. Raises DeploymentError where the preview fails."""
        printed: list[str] = []
        with TemporaryDirectory() as folder:  # which this user alone may read
            events = Path(folder) / "events.json"
            try:
                self._run("preview", "--json", f"--event-log={events}", on_output=printed.append)
            except StackError as error:
                document = "\n".join(printed)
                raise failure(document, EventLog.read(events).violations) or error from None
        return outcome_of("\n".join(printed))

    def import_resources(self, document: Mapping[str, Any], file: Path) -> None:
        """Write an import file and import what it names (`pulumi import --file`); what was imported stays so."""
        file.write_text(json.dumps(document, indent=2), encoding="utf-8")
        self._run("import", "--file", str(file), "--protect=false", "--generate-code=false", "--yes")

    def _run(
        self,
        *arguments: str,
        stack: bool = True,
        standard_input: str = "",
        on_output: Callable[[str], Any] | None = None,
    ) -> str:
        selected = ["--stack", self.name] if stack else []
        try:
            result = self._engine.command.run(
                [*arguments, *selected, "--color", "never"],
                cwd=str(self._folder),
                # --event-log is an option for programs: the CLI hides it otherwise.
                additional_env={
                    "PULUMI_SKIP_UPDATE_CHECK": "true",
                    "PULUMI_DEBUG_COMMANDS": "true",
                    **self._environment,
                },
                on_output=on_output,
                standard_input=standard_input,
            )
        except CommandError as error:
            reason = last_error_line(str(error))
            if "no stack named" in reason:
                reason += f"; `pulumi stack init {self.name}` makes one"
            if "no stack selected" in reason:
                reason = "no stack is selected: name one with --stack, or select it with `pulumi stack select NAME`"
            if "incorrect passphrase" in reason:
                reason += ": set PULUMI_CONFIG_PASSPHRASE to the passphrase of this stack"
            if "PULUMI_ACCESS_TOKEN must be set" in reason:
                reason = (
                    "the Pulumi CLI is not logged in to a backend: run `pulumi login`, or `pulumi login "
                    "file://FOLDER` for states in a folder, or set PULUMI_ACCESS_TOKEN or PULUMI_BACKEND_URL"
                )
            raise StackError(f"stack {self.name}: {reason}" if self.name else reason) from None
        return str(result.stdout)


def _resource(item: Mapping[str, Any]) -> StackResource:
    inputs, outputs = (dict(item.get(name) or {}) for name in ("inputs", "outputs"))
    return StackResource(str(item.get("urn")), str(item.get("id", "")), str(inputs.get("version", "")), inputs, outputs)


def _json(text: str) -> dict[str, Any]:
    document = json.loads(text or "{}")
    return document if isinstance(document, dict) else {}
