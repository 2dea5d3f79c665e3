"""What users read, as files: help texts and messages. A change of wording shows as a change of tests/data/texts.

`EPTURA_SCIM_WRITE_TEXTS=1 make test TESTS=tests/unit/cli/test_texts.py` writes the files again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from functools import partial
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eptura_scim.cli.app import COMMANDS, app, load
from eptura_scim.doctor import tools
from eptura_scim.errors import ReadableError
from eptura_scim.jobs.locate import JobSelector, open_job
from eptura_scim.jobs.quarantine import REASONS
from eptura_scim.jobs.restart_scopes import MEANINGS, reset_scopes
from eptura_scim.mapping import parse, parse_filter
from eptura_scim.settings import settings_of_texts
from eptura_scim.simulation.directory_check.finding_codes import FINDINGS

TEXTS = Path(__file__).parents[2] / "data" / "texts"

WRONG_EXPRESSIONS = (
    "",
    "Join(",
    'Jion(",", [mail])',
    "Trim([mail])",
    'Append([mail], "\\x41',
    "Left([mail])",
    "Join([a] [b])",
    "[mail",
    "'text'",
    "IIF([a] = , 1, 2)",
)
WRONG_FILTERS = (
    "",
    "department",
    "department EQUALS",
    'department EQUAL "sales"',
    'department EQUALS "sales',
    'department EQUALS "sales" XOR city IS NULL',
    'department IS NULL "x"',
    "department EQUALS “sales”",
)
WRONG_SETTINGS = {
    "tenantUrl": "http://eptura.example/scim",
    "secretToken": "two words",
    "applicationName": " ",
    "phoneWork": "E.164",
    "groupMatching": "name",
    "scope": "some",
    "assignedGroups": "x",
    "userFilter": "department",
    "userActions": "create,remove",
    "provisioning": "maybe",
    "notificationEmail": "example.com",
    "accidentalDeletionThreshold": "0",
    "owners": "11111111-1111-1111-1111-111111111111,,x",
    "notes": "x" * 1025,
    "colour": "red",
}


def helps() -> Iterator[str]:
    """Each command with its text, its arguments and its options."""
    yield f"eptura-scim\n{app.info.help}"
    for name, info in COMMANDS.items():
        yield f"eptura-scim {name}: {info.help}"
        yield from described(f"eptura-scim {name}", load(name))


def described(name: str, command: Any) -> Iterator[str]:
    lines = [name, *(f"  {line}".rstrip() for line in cleandoc(command.help or "").splitlines())]
    for parameter in command.params:
        if parameter.name != "help":
            spelled = ", ".join([*parameter.opts, *parameter.secondary_opts])
            lines.append(f"    {spelled} {parameter.metavar or ''}".rstrip() + f": {getattr(parameter, 'help', '')}")
    yield "\n".join(lines)
    for inner, subcommand in getattr(command, "commands", {}).items():
        yield from described(f"{name} {inner}", subcommand)


def messages() -> Iterator[str]:
    """Errors of wrong input, and fixed sentences."""
    yield refusal("settings, wrong", lambda: settings_of_texts(WRONG_SETTINGS, {"secretToken"}))
    yield refusal("settings, missing", lambda: settings_of_texts({}, ()))
    yield refusal("settings, unencrypted", lambda: settings_of_texts({"secretToken": "x"}, ()))
    for text in WRONG_EXPRESSIONS:
        yield refusal(f"expression {text!r}", partial(parse, text))
    for text in WRONG_FILTERS:
        yield refusal(f"filter {text!r}", partial(parse_filter, text))
    for scope in ("None", "ConnectorDataStore", "All"):
        yield refusal(f"--reset-scope {scope}", partial(reset_scopes, [scope]))
    yield from (f"--reset-scope {scope}\n  {meaning}" for scope, meaning in MEANINGS.items())
    for selector in (
        JobSelector(job="x"),
        JobSelector(service_principal="x"),
        JobSelector(service_principal="x", stack="dev"),
    ):
        yield refusal(
            f"job {selector.service_principal} {selector.job} {selector.stack}", partial(open_and_close, selector)
        )
    answered = CliRunner().invoke(app, ["adopt", "Eptura", "--token-stdin"])
    yield f"adopt --token-stdin\n  {answered.exception}"
    yield f"doctor without a Pulumi CLI\n  {tools.engine(None, []).said}"
    for name, reason in REASONS.items():
        yield "\n  ".join([f"quarantine {name}", reason.meaning, *reason.remedy])
    for code, info in FINDINGS.items():
        yield "\n  ".join([f"finding {code}", info.title, info.meaning, info.remedy])


def refusal(name: str, act: Callable[[], object]) -> str:
    with pytest.raises(ReadableError) as caught:
        act()
    return "\n".join([name, *(f"  {line}".rstrip() for line in str(caught.value).splitlines())])


def open_and_close(selector: JobSelector) -> None:
    async def run() -> None:
        async with open_job(selector, {}):
            pass

    asyncio.run(run())


@pytest.mark.parametrize(("name", "found"), [("help.txt", helps), ("messages.txt", messages)])
def test_texts_are_those_of_the_file(name: str, found: Callable[[], Iterator[str]]) -> None:
    text = "\n\n".join(found()) + "\n"
    if os.environ.get("EPTURA_SCIM_WRITE_TEXTS"):
        (TEXTS / name).write_text(text, encoding="utf-8")
    assert text == (TEXTS / name).read_text(encoding="utf-8")
