"""The Pulumi CLI as a command: which environment it sees, and how it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

__all__ = ["EngineCommand", "OnOutput", "clean_environment"]

OnOutput = Callable[[str], Any]

# Those that the caller's shell sets must not reach a run against another cloud, backend or account.
_OWNED = ("ARM_", "AZURE_", "PULUMI_", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def clean_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment without what selects a cloud, an account or a backend; local addresses use no proxy."""
    clean = {name: value for name, value in environment.items() if not name.startswith(_OWNED)}
    direct = [clean.get("NO_PROXY") or clean.get("no_proxy") or "", "localhost", "127.0.0.1"]
    clean["NO_PROXY"] = clean["no_proxy"] = ",".join(filter(None, direct))
    return clean


class EngineCommand(PulumiCommand):
    """A Pulumi CLI at a known path, for the Automation API.

    Unlike its base it passes on only `clean_environment` and what a run asks for, can write to standard input (for what
    must be on no command line), and on Ctrl-C waits until the engine has finished its steps and saved the state.
    """

    def __init__(self, path: Path) -> None:
        """Ask the CLI for its version.

        Raises OSError, subprocess.SubprocessError or ValueError where `path` is not a working Pulumi CLI.
        """
        # The base class only finds root/bin/pulumi, so its constructor is of no use here.
        self.command = str(path)
        said = subprocess.run(  # noqa: S603
            [self.command, "version"],
            env={**clean_environment(), "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        self.version = VersionInfo.parse(said.stdout.strip().removeprefix("v"))

    def run(  # noqa: PLR0917  (the base's signature)
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
        standard_input: str = "",
    ) -> CommandResult:
        """Run the CLI to its end. Raises CommandError where it fails, KeyboardInterrupt after it has stopped."""
        arguments = args if "--non-interactive" in args else ["--non-interactive", *args]
        environment = {**clean_environment(), **additional_env, "PULUMI_AUTOMATION_API": "true"}
        # Language hosts of an official installation lie beside the CLI.
        environment["PATH"] = os.pathsep.join([str(Path(self.command).parent), environment.get("PATH", os.defpath)])
        process = subprocess.Popen(  # noqa: S603
            [self.command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=environment,
            encoding="utf-8",
            process_group=0,  # Ctrl-C reaches the engine through us, once: a second one would make it drop its work
        )
        out, err = _Lines(process.stdout, on_output), _Lines(process.stderr, on_error)
        try:
            _feed(process, standard_input)
            _wait(process, out, err)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        result = CommandResult(stdout=out.text, stderr=err.text, code=process.returncode)
        if result.code != 0:
            raise create_command_error(result)
        return result


class _Lines(threading.Thread):
    """Reads a stream to its end and passes on each line."""

    def __init__(self, stream: IO[str] | None, on_line: OnOutput | None) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._on_line = on_line
        self._lines: list[str] = []
        self.start()

    def run(self) -> None:
        if self._stream is None:
            return
        with self._stream:
            for line in self._stream:
                self._lines.append(line.rstrip())
                if self._on_line:
                    self._on_line(line.rstrip())

    @property
    def text(self) -> str:
        return "\n".join(self._lines)


def _feed(process: subprocess.Popen[str], text: str) -> None:
    if process.stdin is not None:
        # A process that ended early has closed the pipe: its exit code and its last lines say why.
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(text)


def _wait(process: subprocess.Popen[str], *streams: threading.Thread) -> None:
    """Wait for the end; the first Ctrl-C asks the engine to stop and waits, the second ends the waiting."""
    try:
        _join(process, streams)
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        _join(process, streams)
        raise


def _join(process: subprocess.Popen[str], streams: tuple[threading.Thread, ...]) -> None:
    for stream in streams:
        stream.join()
    process.wait()
