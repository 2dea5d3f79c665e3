"""What a shell asks of the commands: completion, and no colours where NO_COLOR is set."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from eptura_scim.cli.app import COMMANDS

PROGRAM = Path(sys.executable).parent / "eptura-scim"
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:;\d+)*m")


def printed(*arguments: str, **environment: str) -> str:
    own = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    done = subprocess.run(
        [PROGRAM, *arguments],
        env={**own, "COLUMNS": "80", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def completed(words: str) -> set[str]:
    """What bash offers for the last word."""
    count = str(len(words.split(" ")) - 1)
    return set(printed(_EPTURA_SCIM_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count).split())


def test_bash_completes_commands() -> None:
    assert completed("eptura-scim ") >= set(COMMANDS)
    assert completed("eptura-scim pa") == {"pause"}


def test_bash_completes_the_options_and_commands_of_a_command() -> None:
    assert {"--watch", "--json", "--stack"} <= completed("eptura-scim status --")
    assert {"start", "stop", "env"} <= completed("eptura-scim local ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_of_each_shell_can_be_shown(shell: str) -> None:
    # Typer asks the processes above for the shell, and there is none under a service: here the option names the shell.
    script = printed("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "_EPTURA_SCIM_COMPLETE" in script
    assert f"complete_{shell}" in script


@pytest.mark.parametrize("arguments", [("--help",), ("status", "--help"), ("nonsense",)])
def test_no_color_leaves_out_colours(arguments: tuple[str, ...]) -> None:
    assert COLOUR.search(printed(*arguments, FORCE_COLOR="1"))
    assert not COLOUR.search(printed(*arguments, FORCE_COLOR="1", NO_COLOR="1"))


def test_a_pipe_gets_no_escape_codes() -> None:
    assert "\x1b" not in printed("--help")
