"""`eptura-scim fleet`: each stack's drift and status; one stack's failure hides no other."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import Result

from eptura_scim.local_entra import LocalEntra
from tests.integration.terminal import Terminal
from tests.unit.cli.html_page import HtmlPage
from tests.unit.operations.preview_samples import document, edited_by_hand

pytestmark = pytest.mark.usefixtures("connected")


@pytest.fixture
def terminal(tmp_path: Path, entra: LocalEntra) -> Terminal:
    opened = Terminal(tmp_path, entra)
    principal, job = entra.portal.service_principal(), entra.portal.job()
    opened.export_outputs(servicePrincipalObjectId=str(principal["id"]), jobId=str(job["id"]))
    return opened


def fleet(terminal: Terminal, preview: str, *arguments: str) -> Result:
    file = terminal.programs.parent / "preview.json"
    file.write_text(preview)
    return terminal.run("fleet", *arguments, PLAIN_PULUMI_PREVIEW=str(file), NO_COLOR="1", COLUMNS="80")


def run_a_cycle(entra: LocalEntra) -> None:
    entra.portal.start()
    asyncio.run(entra.provisioning.run_cycle())


def test_a_healthy_stack_without_drift_ends_with_0(terminal: Terminal, entra: LocalEntra) -> None:
    run_a_cycle(entra)
    done = fleet(terminal, document(), "--all", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["exitCode"]) == (0, 0)
    [stack] = found["stacks"]
    assert (stack["stack"], stack["drift"]["drift"], stack["status"]["health"]) == ("prod", False, "healthy")


def test_a_fleet_without_stacks_is_a_failure(terminal: Terminal) -> None:
    done = terminal.run("fleet", "--all", PLAIN_PULUMI_NO_STACKS="1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("eptura-scim: the project has no stack in this backend: `pulumi whoami --verbose` ")


def test_of_drift_and_quarantine_the_worse_gives_the_exit_code(terminal: Terminal, entra: LocalEntra) -> None:
    run_a_cycle(entra)
    assert fleet(terminal, edited_by_hand("A", "P"), "prod").exit_code == 2
    entra.portal.quarantine()
    done = fleet(terminal, edited_by_hand("A", "P"), "prod")
    assert done.exit_code == 3
    assert "6 settings" in done.stdout
    assert "in quarantine: EncounteredQuarantineException" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_page_has_both_sides_of_each_difference(terminal: Terminal, tmp_path: Path) -> None:
    page = tmp_path / "fleet.html"
    fleet(terminal, edited_by_hand("A", "P"), "prod", "--html", str(page))
    told = "".join(HtmlPage(page.read_text(encoding="utf-8")).text)
    assert "Scope: live Sync only assigned users and groups, declared Sync all users and groups" in told


def test_a_job_that_is_stopped_as_declared_is_not_a_finding(terminal: Terminal, entra: LocalEntra) -> None:
    run_a_cycle(entra)
    entra.portal.stop()
    assert fleet(terminal, document(), "prod").exit_code == 0


def test_a_stack_that_fails_hides_no_other(terminal: Terminal, entra: LocalEntra, tmp_path: Path) -> None:
    run_a_cycle(entra)
    page = tmp_path / "fleet.html"
    done = fleet(terminal, document(), "prod", "missing", "--json", "--html", str(page))
    prod, missing = json.loads(done.stdout)["stacks"]
    assert (done.exit_code, prod["exitCode"], missing["exitCode"]) == (1, 0, 1)
    assert "no stack named 'missing'" in missing["driftProblem"]
    seen = HtmlPage(page.read_text(encoding="utf-8"))
    assert seen.stands_alone()
    assert "no stack named 'missing'" in "".join(seen.text)


@pytest.mark.parametrize("arguments", [[], ["prod", "--all"], ["prod", "--parallel", "0"]])
def test_a_fleet_needs_exactly_a_single_question(terminal: Terminal, arguments: list[str]) -> None:
    assert fleet(terminal, document(), *arguments).exit_code == 64
