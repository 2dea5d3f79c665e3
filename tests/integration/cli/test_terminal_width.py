"""Every command on a wide and a narrow terminal, without colours, and in a pipe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eptura_scim.cli.app import COMMANDS, app
from eptura_scim.local_entra import LocalEntra
from tests.integration.cli.test_shell import COLOUR
from tests.integration.terminal import terminal_in_quarantine
from tests.unit.operations.preview_samples import edited_by_hand

WIDTHS = ("80", "40")
ADA = "ada.byron.of.the.analytical.engine@contoso.example"
TABLES = {
    "check-directory": ["PEOPLE", "--phone-work", "rfc3966"],
    "doctor": [],
    "drift": [],
    "fleet": ["prod", "missing"],
    "report": ["--stack", "prod"],
    "status": ["--stack", "prod"],
}
"""Commands that print a table; their lines fit the terminal."""
SENTENCES = {
    "adopt": ["Eptura", "--dry-run"],
    "provision-on-demand": [ADA, "--stack", "prod", "--force"],
    "restart": ["--stack", "prod", "--yes"],
    "simulate": [ADA],
    "start": ["--stack", "prod", "--force"],
    "pause": ["--stack", "prod"],
}
"""Commands that print sentences, ids and JSON whole, for a terminal to fold."""
ELSEWHERE = {"demo", "engine", "local"}
"""Commands without a stack of the user; they have tests of their own."""
ESCAPED = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

Shown = Callable[..., str]


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    """Runs a command of the stack prod; gives its standard output, or with `errors` what is beside it."""
    with LocalEntra.start() as entra:
        terminal = terminal_in_quarantine(tmp_path, entra, ADA, "Ada")
        principal = str(entra.portal.service_principal()["id"])
        terminal.configure(tenantUrl=entra.scim.url)
        terminal.keep_secret("secretToken", entra.scim.token)
        preview, people = tmp_path / "preview.json", tmp_path / "people.csv"
        preview.write_text(edited_by_hand("A", principal))
        people.write_text(f"id,userPrincipalName,businessPhones\n1,{ADA},+43 1 234567\n2,bob,call me\n")

        def run(command: str, *, errors: bool = False, **environment: str) -> str:
            given = {**TABLES, **SENTENCES}[command]
            arguments = [str(people) if one == "PEOPLE" else one for one in given]
            done = terminal.run(command, *arguments, PLAIN_PULUMI_PREVIEW=str(preview), **environment)
            assert done.stdout, done.stderr
            return done.stderr if errors else done.stdout

        yield run


def test_every_command_is_here() -> None:
    assert {*TABLES, *SENTENCES, *ELSEWHERE} == set(COMMANDS)


@pytest.mark.slow
def test_no_table_is_wider_than_the_terminal(shown: Shown) -> None:
    wide = {
        (command, width): line
        for command in TABLES
        for width in WIDTHS
        for line in lines(shown(command, COLUMNS=width, FORCE_COLOR="1"))
        if len(line) > int(width) and not line.startswith("$p = ")  # a command to copy stays whole
    }
    assert wide == {}


@pytest.mark.slow
def test_no_color_leaves_out_the_colours_of_every_table(shown: Shown) -> None:
    assert [command for command in TABLES if not COLOUR.search(shown(command, FORCE_COLOR="1"))] == []
    every = [*TABLES, *SENTENCES]
    assert [command for command in every if COLOUR.search(shown(command, FORCE_COLOR="1", NO_COLOR="1"))] == []


@pytest.mark.slow
def test_a_pipe_gets_no_escape_codes_from_any_command(shown: Shown) -> None:
    assert [command for command in (*TABLES, *SENTENCES) if "\x1b" in shown(command)] == []


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("drift", "running `pulumi preview` of prod"),
        ("fleet", "reviewing 2 stacks: 0 left"),
        ("report", "reading the application"),
        ("check-directory", "checking users and groups"),
    ],
)
def test_a_terminal_sees_what_a_long_command_waits_for(shown: Shown, command: str, what: str) -> None:
    assert what in ESCAPED.sub("", shown(command, errors=True, FORCE_COLOR="1"))
    assert what not in shown(command, errors=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_help_is_wider_than_the_terminal(width: str) -> None:
    commands = [[name] for name in COMMANDS] + [["local", part] for part in ("start", "stop", "env", "people", "edit")]
    wide = {
        " ".join(command): line
        for command in commands
        for line in lines(CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": width}).stdout)
        if len(line) > int(width)
    }
    assert wide == {}


def lines(text: str) -> list[str]:
    """The lines of an output without escape codes and without blanks at their ends."""
    return [line.rstrip() for line in ESCAPED.sub("", text).splitlines()]
