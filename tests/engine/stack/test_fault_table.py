"""A sample of docs/faults.md on the real engine. All of it is made by `make faults`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from acceptance.faults.at_eptura import UNCHANGED
from acceptance.faults.cells import Runner
from acceptance.faults.document import parse_page
from acceptance.faults.faults import KINDS
from acceptance.faults.operations import OPERATIONS
from acceptance.faults.steps import FaultStep
from acceptance.sandbox import EngineSandbox
from eptura_scim.engine import Engine
from tests.engine.conftest import PROJECT

pytestmark = pytest.mark.slow

UP = OPERATIONS["up"]
PAGE = PROJECT / "docs" / "faults.md"
CHANGE = OPERATIONS["change while running"]


@pytest.fixture(scope="module")
def sandbox(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSandbox]:
    with EngineSandbox(tmp_path_factory.mktemp("sandbox"), engine) as made:
        made.keep("fresh")
        yield made


@pytest.fixture(scope="module")
def runner(sandbox: EngineSandbox, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(sandbox, UP, tmp_path_factory.mktemp("known"))


def step(runner: Runner, label: str) -> FaultStep:
    (found,) = [found for found in runner.steps if found.label == label]
    return found


@pytest.mark.filterwarnings("ignore:Error in event stream")  # of the SDK, when the engine is gone
@pytest.mark.parametrize("fault", ["kill plugin", "kill engine"])
def test_a_process_killed_in_the_middle_of_a_write_loses_nothing(runner: Runner, fault: str) -> None:
    cell = runner.cell(KINDS[fault], step(runner, "eptura-scim PUT …/jobs/{job}/schema"))
    assert not cell.carried_on
    assert cell.wrong == []
    assert cell.rerun.converged, cell.rerun


def test_an_up_throttled_at_every_step_ends_like_a_normal_up(runner: Runner) -> None:
    cells = list(runner.row(KINDS["429 date"], runner.steps))
    assert {cell.step for cell in cells} == {step.label for step in runner.steps}
    assert [cell for cell in cells if not cell.carried_on or cell.wrong] == []
    assert {*parse_page(PAGE.read_text(encoding="utf-8")).steps["up"]} == {found.label for found in runner.steps}


@pytest.mark.filterwarnings("ignore:Error in event stream")
def test_a_cut_change_of_a_running_stack_harms_no_user(
    sandbox: EngineSandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    runner = Runner(sandbox, CHANGE, tmp_path_factory.mktemp("known"))
    assert {*parse_page(PAGE.read_text(encoding="utf-8")).steps[CHANGE.name]} == {found.label for found in runner.steps}
    for fault, call in [
        ("403", "azuread POST /servicePrincipals/{principal}/appRoleAssignedTo"),
        ("kill engine", "eptura-scim PUT …/secrets"),
    ]:
        cell = runner.cell(KINDS[fault], step(runner, call))
        assert (cell.carried_on, cell.at_eptura, cell.wrong) == (False, UNCHANGED, [])
        assert cell.rerun.converged, cell.rerun


def test_an_unreadable_client_id_is_a_single_line(runner: Runner, sandbox: EngineSandbox) -> None:
    sandbox.put_back("fresh")
    with KINDS["403"].meeting(sandbox, [step(runner, "azuread GET /beta/applications/{application}")]):
        refused = sandbox.run(UP.run)
    assert refused.wrong == []
    assert any("the client id of application" in error and "403" in error for error in refused.errors)
