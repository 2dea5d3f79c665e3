"""A program whose other resources give the token and a group, on the engine: a preview does not know them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acceptance.company import Company
from acceptance.eptura import CYCLES, Eptura
from eptura_scim.engine import AzureadPlugin, ConfigValue, Deployment, Engine, plugin_folders
from eptura_scim.engine.plugins import write_executable
from tests.engine.conftest import PROJECT

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

PROGRAMS = PROJECT / "tests" / "engine" / "programs"
Open = Callable[..., Deployment]


@pytest.fixture
def open_program(engine: Engine, azuread: AzureadPlugin, entra: LocalEntra, tmp_path: Path) -> Open:
    """Opens the stack of a program; `config` is all that it has."""

    def open_stack(program: Path, config: dict[str, str], secrets: dict[str, str]) -> Deployment:
        home = tmp_path / "home"
        plugins = {**plugin_folders(home, azuread), "text": write_executable(home, "text", "tests.engine.text_plugin")}
        hidden = {name: ConfigValue(value, secret=True) for name, value in secrets.items()}
        return Deployment.open(
            program, "dev", home, engine=engine, plugins=plugins, environment=entra.environment,
            config={**config, **hidden},
        )  # fmt: skip

    return open_stack


@pytest.fixture
def company(entra: LocalEntra) -> Company:
    return Company(entra.people)


def active(entra: LocalEntra) -> set[str]:
    """Who is active at Eptura after the cycles that run."""
    for _ in range(CYCLES):
        asyncio.run(entra.provisioning.run_all())
    return {name.partition("@")[0] for name in Eptura(entra.scim).snapshot().active}


def test_a_token_and_a_group_of_the_same_program_are_known_when_they_are_made(
    open_program: Open, entra: LocalEntra, company: Company
) -> None:
    program, config = PROGRAMS / "text_from_elsewhere", {"tenantUrl": entra.scim.url, "group": company.id("Sales")}
    stack = open_program(program, config, {"secretToken": entra.scim.token})
    assert stack.preview().changed
    assert entra.portal.applications() == []
    made = stack.up()
    assert active(entra) == {"ann", "cid"}
    assert entra.scim.token not in made.text
    assert stack.preview(expect_no_changes=True).changed == {}

    entra.scim.accept_tokens([entra.scim.token, "another-token"])
    other = open_program(program, {**config, "group": company.id("Everyone")}, {"secretToken": "another-token"})
    other.up()
    assert active(entra) == {"ann", "bob", "cid", "dan"}
    assert other.preview(expect_no_changes=True).changed == {}
