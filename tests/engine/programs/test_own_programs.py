"""Own programs on the engine: several applications in one, values of other resources, and ignored changes."""

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

pytestmark = pytest.mark.slow

EXAMPLES, PROGRAMS = PROJECT / "examples", Path(__file__).parent
Open = Callable[..., Deployment]


@pytest.fixture
def open_program(engine: Engine, azuread: AzureadPlugin, entra: LocalEntra, tmp_path: Path) -> Open:
    """Opens the stack of a program; `config` is all that it has."""

    def open_stack(program: Path, config: dict[str, str], secrets: dict[str, str]) -> Deployment:
        home = tmp_path / "home"
        plugins = {
            **plugin_folders(home, azuread),
            "text": write_executable(home, "text", "tests.engine.programs.text_plugin"),
        }
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


def test_a_change_of_an_application_leaves_the_other_unchanged(
    open_program: Open, entra: LocalEntra, company: Company
) -> None:
    names = ("eptura-test", "eptura-production")
    config = {f"{name}:tenantUrl": entra.scim.url for name in names} | {f"{name}:protect": "off" for name in names}
    config |= {f"{name}:applicationName": name for name in names}
    config |= {f"{name}:scope": "assigned" for name in names}
    config |= {"eptura-test:assignedUsers": company.id("ann"), "eptura-production:assignedUsers": company.id("bob")}
    secrets = {f"{name}:secretToken": entra.scim.token for name in names}
    program = EXAMPLES / "two_applications"
    open_program(program, config, secrets).up()
    assert active(entra) == {"ann", "bob"}

    entra.calls.clear()
    config |= {"eptura-test:assignedGroups": company.id("Sales"), "eptura-test:userFilter": 'department EQUALS "sales"'}
    changed = open_program(program, config, secrets)
    changed.up()
    other = entra.portal.of("eptura-production").service_principal()["id"]
    assert [call.path for call in entra.calls.writes() if other in call.path] == []
    assert active(entra) == {"ann", "bob", "cid"}
    assert changed.preview(expect_no_changes=True).changed == {}


def test_a_token_rotated_by_another_process_is_kept(open_program: Open, entra: LocalEntra, company: Company) -> None:
    program, config = EXAMPLES / "token_rotated_elsewhere", {"tenantUrl": entra.scim.url}
    open_program(program, config, {"secretToken": entra.scim.token}).up()
    entra.scim.accept_tokens(["rotated-token"])
    entra.portal.set_secret_token("rotated-token")
    later = open_program(program, config, {"secretToken": "of-the-configuration"})
    assert later.preview(expect_no_changes=True).changed == {}
    later.up()
    assert active(entra) == {"ann", "bob", "cid", "dan"}


def test_a_paused_job_with_ignored_status_is_started_again(
    open_program: Open, entra: LocalEntra, company: Company
) -> None:
    program, config = PROGRAMS / "status_ignored", {"tenantUrl": entra.scim.url}
    secrets = {"secretToken": entra.scim.token}
    open_program(program, config, secrets).up()
    assert active(entra) == {"ann", "bob", "cid", "dan"}
    narrow = open_program(program, {**config, "scope": "assigned", "assignedGroups": company.id("Sales")}, secrets)
    narrow.up()
    assert active(entra) == {"ann", "cid"}
    assert narrow.preview(expect_no_changes=True).changed == {}


def test_a_component_keeps_all_under_another_name_and_parent(
    open_program: Open, entra: LocalEntra, company: Company
) -> None:
    program, config = PROGRAMS / "renamed", {"eptura:tenantUrl": entra.scim.url}
    config |= {"eptura:scope": "assigned", "eptura:assignedGroups": company.id("Everyone")}
    secrets = {"eptura:secretToken": entra.scim.token}
    open_program(program, config, secrets).up()
    assert active(entra) == {"ann", "bob", "cid", "dan"}
    jobs = entra.portal.jobs()
    config |= {"moved": "true", "eptura:userFilter": 'department EQUALS "it"', "eptura:phoneWork": "rfc3966"}
    config["eptura:assignedUsers"] = company.id("dan")
    moved = open_program(program, config, secrets)
    moved.up()
    assert active(entra) == {"bob", "dan"}
    assert entra.portal.jobs() == jobs
    assert moved.preview(expect_no_changes=True).changed == {}


def test_a_replacement_deleting_first_keeps_the_job_and_users(
    open_program: Open, entra: LocalEntra, company: Company
) -> None:
    program, config = PROGRAMS / "replaced", {"eptura:tenantUrl": entra.scim.url, "eptura:protect": "off"}
    secrets = {"eptura:secretToken": entra.scim.token}
    open_program(program, config, secrets).up()
    assert active(entra) == {"ann", "bob", "cid", "dan"}
    jobs = entra.portal.jobs()
    config |= {"eptura:scope": "assigned", "eptura:assignedGroups": company.id("Everyone")}
    config |= {"eptura:userFilter": 'department EQUALS "it"'}
    changed = open_program(program, config, secrets)
    assert changed.up().changed["replace"] == 4
    assert active(entra) == {"bob", "dan"}
    assert entra.portal.jobs() == jobs
    assert changed.preview(expect_no_changes=True).changed == {}


def test_a_token_and_a_group_of_the_same_program_are_used(
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
