"""Commands of the CLI, which here is a shell script, and how they end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
from pulumi.automation import CommandError

from eptura_scim.engine.command import EngineCommand

SCRIPT = """#!/bin/sh
[ "$1" = version ] && echo v3.259.0 && exit
{then}
"""


def command(folder: Path, then: str) -> EngineCommand:
    if sys.platform == "win32":
        pytest.skip("the CLI of these tests is a shell script")
    script = folder / "pulumi"
    script.write_text(SCRIPT.format(then=then))
    script.chmod(0o755)
    return EngineCommand(script)


def test_a_cli_that_ends_before_reading_its_input_is_quoted(tmp_path: Path) -> None:
    ending = command(tmp_path, "exec 0<&-; echo no such stack >&2; exit 1")
    with pytest.raises(CommandError, match="no such stack"):
        ending.run(["config", "set"], str(tmp_path), {}, standard_input="x" * 1_000_000)


def test_a_second_ctrl_c_ends_a_cli_that_does_not_stop(tmp_path: Path) -> None:
    stubborn = command(tmp_path, "trap '' INT; echo $$; exec sleep 60")
    pids: list[int] = []

    def interrupt_twice(line: str) -> None:
        pids.append(int(line))
        for seconds in (0.1, 0.4):
            threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        stubborn.run(["up"], str(tmp_path), {}, on_output=interrupt_twice)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
