"""JSON is all that a command writes to standard output, whatever it finds; the rest is on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from eptura_scim.cli.app import COMMANDS, load
from eptura_scim.local_entra import LocalEntra
from tests.integration.terminal import Terminal, terminal_in_quarantine
from tests.unit.operations.preview_samples import edited_by_hand

EXAMPLES = {
    "check-directory": ["PEOPLE", "--json"],
    "doctor": ["--json"],
    "drift": ["--format", "json"],
    "fleet": ["prod", "missing", "--json"],
    "provision-on-demand": ["ann@example.com", "--stack", "prod", "--force", "--json"],
    "report": ["--stack", "prod", "--json"],
    "simulate": ["ann@example.com", "--json"],
    "status": ["--stack", "prod", "--json"],
}


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """The stack prod of an application in quarantine, with drift and one user."""
    with LocalEntra.start() as entra:
        terminal = terminal_in_quarantine(tmp_path, entra, "ann@example.com", "Ann")
        principal = str(entra.portal.service_principal()["id"])
        (tmp_path / "preview.json").write_text(edited_by_hand("A", principal))
        yield terminal


def test_every_command_that_prints_json_is_here() -> None:
    options = {name: {option for one in load(name).params for option in one.opts} for name in COMMANDS}
    assert {name for name, given in options.items() if given & {"--json", "--format"}} == set(EXAMPLES)


@pytest.mark.parametrize("command", EXAMPLES)
def test_json_stands_alone_on_standard_output(terminal: Terminal, tmp_path: Path, command: str) -> None:
    people = tmp_path / "people.ndjson"
    people.write_text('{"id": "1", "userPrincipalName": "ann@example.com"}\n')
    arguments = [str(people) if one == "PEOPLE" else one for one in EXAMPLES[command]]
    done = terminal.run(command, *arguments, PLAIN_PULUMI_PREVIEW=str(tmp_path / "preview.json"))
    assert done.exit_code not in (1, 64) or command in ("doctor", "fleet"), done.stderr
    assert isinstance(json.loads(done.stdout), dict | list)
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("command", ["drift", "report", "status"])
def test_a_command_finds_the_project_above_its_folder(terminal: Terminal, tmp_path: Path, command: str) -> None:
    terminal.project = terminal.project / "docs" / "runbooks"
    terminal.project.mkdir(parents=True)
    done = terminal.run(command, *EXAMPLES[command], PLAIN_PULUMI_PREVIEW=str(tmp_path / "preview.json"))
    assert done.exit_code in {2, 3}, done.stderr  # the drift and the quarantine
