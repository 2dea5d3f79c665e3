"""A sample of docs/faults.md on the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eptura_scim.engine import Engine
from faultruns.cells import Bench
from faultruns.faults import KINDS
from faultruns.operations import OPERATIONS
from faultruns.steps import steps_of
from faultruns.world import World


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world", engine) as made:
        made.keep("fresh")
        yield made


def test_a_first_up_that_is_throttled_at_every_step_ends_as_one_that_is_not(world: World, tmp_path: Path) -> None:
    bench = Bench(world, OPERATIONS["up"], tmp_path)
    cells = list(bench.row(KINDS["429 date"], bench.steps))
    assert {cell.step for cell in cells} == {step.label for step in bench.steps}
    assert [cell for cell in cells if not cell.carried_on or cell.wrong] == []


def test_a_client_id_that_cannot_be_read_is_one_line_and_no_traceback(world: World) -> None:
    up = world.run(OPERATIONS["up"].run)
    assert up.succeeded
    (step,) = [step for step in steps_of(up.calls) if step.label == "azuread GET /beta/applications/{application}"]
    with KINDS["403"].meeting(world, [step]):
        run = world.run(OPERATIONS["preview"].run)
    assert run.wrong == []
    assert any("the client id of application" in error and "403" in error for error in run.errors)
