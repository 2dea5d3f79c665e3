"""A stack of a project, run by a real engine on a local state: preview, up, refresh, destroy, with results as data."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulumi.automation import CommandError, ConfigValue, LocalWorkspace, Stack

from eptura_scim.engine.command import EngineCommand, OnOutput
from eptura_scim.engine.discovery import Engine
from eptura_scim.engine.errors import DeploymentError, InterruptedRunError, UnexpectedChangesError
from eptura_scim.engine.outcome import Diagnostic, EventLog, Outcome, broken_policies, last_error_line
from eptura_scim.engine.program import Program
from eptura_scim.engine.project import read_project, write_work_folder
from eptura_scim.environment import LOCAL_PASSPHRASE

if TYPE_CHECKING:
    from eptura_scim.pulumi_internals import ImportResource

__all__ = ["ConfigValue", "Deployment"]

_NO_CHANGES_EXPECTED = "no changes were expected"


class Deployment:
    """One stack. Open it with `Deployment.open`; each operation returns an Outcome or raises DeploymentError."""

    def __init__(self, stack: Stack, command: EngineCommand, program: Program, on_output: OnOutput | None) -> None:
        self._stack = stack
        self._command = command
        self._program = program
        self.on_output = on_output

    @classmethod
    def open(
        cls,
        project: Path,
        stack: str,
        home: Path,
        *,
        engine: Engine,
        plugins: Mapping[str, Path],
        environment: Mapping[str, str] | None = None,
        config: Mapping[str, ConfigValue | str] | None = None,
        on_output: OnOutput | None = None,
    ) -> Deployment:
        """Select the stack, or create it.

        `home` is a folder of this deployment alone: state, work folder and PULUMI_HOME. `plugins` names a folder for
        each provider (see `plugin_folders`). `environment` is all that providers see of ARM_*, AZURE_* and PULUMI_*:
        nothing of the caller's own passes. `config` goes over the project's own Pulumi.STACK.yaml, whose passphrase,
        where it is not the default, belongs into `environment`. `on_output` gets the engine's output line by line.

        Raises ProjectError where the project cannot be read, DeploymentError where the engine refuses the stack.
        """
        home, project = home.resolve(), project.resolve()
        read_project(project)
        program = Program(project, environment or {})
        given = {
            key: value if isinstance(value, ConfigValue) else ConfigValue(value)
            for key, value in (config or {}).items()
        }
        plain = {key: value.value for key, value in given.items() if not value.secret}
        work, state = home / "work", home / "state"
        write_work_folder(project, stack, work, plugins, plain)
        state.mkdir(parents=True, exist_ok=True)
        workspace = LocalWorkspace(
            work_dir=str(work),
            pulumi_home=str(home / "pulumi"),
            program=program,
            pulumi_command=engine.command,
            env_vars={
                "PULUMI_BACKEND_URL": state.as_uri(),
                "PULUMI_CONFIG_PASSPHRASE": LOCAL_PASSPHRASE,
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
                **(environment or {}),
            },
        )
        _prepare_grpc()
        try:
            deployment = cls(Stack.create_or_select(stack, workspace), engine.command, program, on_output)
            for key, value in given.items():
                if value.secret:
                    deployment.set_secret(key, value.value)
        except CommandError as error:
            raise _failure(EventLog(), str(error)) from error
        return deployment

    def set_secret(self, key: str, value: str) -> None:
        """Set a secret of the stack's configuration; it travels through standard input, not a command line."""
        workspace = self._stack.workspace
        self._command.run(
            ["config", "set", key, "--secret", "--stack", self._stack.name],
            cwd=workspace.work_dir,
            additional_env={**workspace.env_vars, "PULUMI_HOME": str(workspace.pulumi_home)},
            standard_input=value,
        )

    def set_config(self, key: str, value: str) -> None:
        """Set a plain value of the stack's configuration."""
        self._stack.set_config(key, ConfigValue(value))

    def remove_config(self, key: str) -> None:
        """Take a value out of the stack's configuration."""
        self._stack.remove_config(key)

    def up(self, **options: Any) -> Outcome:
        """Create or update what differs. `options` are those of `pulumi.automation.Stack.up`."""
        return self._run(partial(self._stack.up, show_secrets=False, **options))

    def preview(self, *, expect_no_changes: bool = False, diff: bool = False, **options: Any) -> Outcome:
        """Show what `up` would do. Raises UnexpectedChangesError on changes where none are expected."""
        return self._run(partial(self._stack.preview, expect_no_changes=expect_no_changes, diff=diff, **options))

    def refresh(self, **options: Any) -> Outcome:
        """Adopt the live state into the stack's."""
        return self._run(partial(self._stack.refresh, show_secrets=False, **options))

    def destroy(self, **options: Any) -> Outcome:
        """Delete everything that the stack holds."""
        return self._run(partial(self._stack.destroy, show_secrets=False, **options))

    def import_resources(
        self, resources: Sequence[ImportResource], *, name_table: Mapping[str, str] | None = None
    ) -> Outcome:
        """Take existing objects into the stack by their ids (`pulumi import --file`)."""

        def run(*, color: str, on_output: OnOutput, on_event: Any, on_error: OnOutput) -> Any:
            return self._stack.import_resources(
                resources=list(resources),
                name_table=dict(name_table or {}),
                protect=False,
                generate_code=False,
                show_secrets=False,
                on_output=on_output,
            )

        return self._run(run)

    def cancel(self) -> None:
        """Take away the lock that a killed engine left on the stack (`pulumi cancel`)."""
        self._stack.cancel()

    def export_stack(self) -> dict[str, Any]:
        """The stack's state with its secrets shown."""
        return dict(self._stack.export_stack().deployment or {})

    def _run(self, operation: Callable[..., Any]) -> Outcome:
        log, lines, began = EventLog(), _Captured(self.on_output), time.monotonic()
        try:
            result = operation(color="never", on_output=lines.add, on_error=lines.add, on_event=log.add)
        except CommandError as error:
            raise _failure(log, lines.text or str(error)) from (self._program.failure or error)
        except KeyboardInterrupt as stop:
            outcome = Outcome(lines.text, log.summary, log.changes, log.diagnostics, log.violations)
            raise InterruptedRunError(
                "interrupted; completed steps are in the state. Run the command again to continue", outcome
            ) from stop
        outputs = getattr(result, "outputs", None) or {}
        return Outcome(
            text=lines.text,
            summary=log.summary,
            changes=log.changes,
            diagnostics=log.diagnostics,
            violations=log.violations,
            outputs={name: output.value for name, output in outputs.items()},
            seconds=time.monotonic() - began,
        )


class _Captured:
    """The lines of both streams in the order of their arrival."""

    def __init__(self, on_line: OnOutput | None) -> None:
        self._on_line = on_line
        self._lines: list[str] = []
        self._lock = threading.Lock()

    def add(self, line: str) -> None:
        with self._lock:
            self._lines.append(line)
            if self._on_line:
                self._on_line(line)

    @property
    def text(self) -> str:
        return "\n".join(self._lines)


def _failure(log: EventLog, text: str) -> DeploymentError:
    """The engine's failure with its first reason as the text."""
    outcome = Outcome(text, log.summary, log.changes, log.diagnostics, log.violations)
    # The engine's own words for a violation are "preview failed".
    if broken := broken_policies(outcome.violations):
        return DeploymentError(broken, outcome)
    errors = [diagnostic for diagnostic in log.diagnostics if diagnostic.severity == "error"]
    message = _reason(errors) or last_error_line(outcome.text)
    if _NO_CHANGES_EXPECTED in message:
        return UnexpectedChangesError(f"changes where none were expected: {_named(outcome)}", outcome)
    return DeploymentError(message, outcome)


def _reason(errors: Sequence[Diagnostic]) -> str:
    specific = [error for error in errors if error.urn and "pulumi:pulumi:Stack" not in error.urn]
    for error in (*specific, *errors):
        return error.message
    return ""


def _named(outcome: Outcome) -> str:
    return "; ".join(f"{resource}: {', '.join(sorted(paths))}" for resource, paths in outcome.drift.items())


def _prepare_grpc() -> None:
    # When the engine has gone after a Ctrl-C, gRPC would log the program's unanswered calls as defects.
    logging.getLogger("grpc._server").setLevel(logging.CRITICAL)
    # The program talks to the engine over gRPC on 127.0.0.1, which would go through a proxy where one is set.
    os.environ.setdefault("no_grpc_proxy", "127.0.0.1,localhost")
