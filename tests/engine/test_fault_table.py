"""A sample of docs/faults.md on the real engine: the page is made by `make faults`."""

from __future__ import annotations

from pathlib import Path

from eptura_scim.engine import Engine
from faultruns.cells import Bench
from faultruns.faults import KINDS
from faultruns.operations import OPERATIONS
from faultruns.world import World


def test_an_up_that_is_throttled_at_every_step_ends_as_one_that_is_not_and_a_refusal_is_one_line(
    engine: Engine, tmp_path: Path
) -> None:
    with World(tmp_path / "world", engine) as world:
        world.keep("fresh")
        bench = Bench(world, OPERATIONS["up"], tmp_path)
        cells = list(bench.row(KINDS["429 date"], bench.steps))
        assert {cell.step for cell in cells} == {step.label for step in bench.steps}
        assert [cell for cell in cells if not cell.carried_on or cell.wrong] == []

        (step,) = [found for found in bench.steps if found.label == "azuread GET /beta/applications/{application}"]
        with KINDS["403"].meeting(world, [step]):
            refused = world.run(OPERATIONS["preview"].run)
        assert refused.wrong == []
        assert any("the client id of application" in error and "403" in error for error in refused.errors)
