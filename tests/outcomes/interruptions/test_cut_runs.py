"""A first `up` that is killed or refused at any of its writes does no harm, and the next one completes it."""

from __future__ import annotations

import pytest

from acceptance.company import Company
from tests.outcomes.convergence import converged
from tests.outcomes.sandbox import Sandbox


def positions(sandbox: Sandbox) -> list[int]:
    """Where the writes are among the calls of the last run."""
    return [number for number, call in enumerate(sandbox.calls) if call in sandbox.writes]


@pytest.fixture(scope="module")
def writes() -> list[int]:
    with Sandbox() as sandbox:
        assert sandbox.up().succeeded
        return positions(sandbox)


def test_a_first_up_killed_before_any_write_starts_nothing_early(writes: list[int]) -> None:
    assert len(writes) >= 6, "application, service principal, job, secrets, schema, start"
    for number in writes:
        with Sandbox() as sandbox:
            company = Company(sandbox.entra.people)
            assert sandbox.up(kill_at=number).killed
            assert sandbox.cycles() == [], f"a cycle ran although call {number} had yet to be made"
            assert sandbox.up().succeeded
            assert not any(call.endswith("/restart") for call in sandbox.writes), "no cycle has run that could be wrong"
            converged(sandbox, company, sandbox.settings())


def test_the_next_up_completes_a_first_up_killed_after_any_write(writes: list[int]) -> None:
    # An application that azuread made and that is not in the state is made a second time.
    for number in writes[1:]:
        with Sandbox() as sandbox:
            company = Company(sandbox.entra.people)
            assert sandbox.up(kill_after=number).killed
            sandbox.cycles()
            assert company.wanted(sandbox.settings()).wrong_keys(sandbox.eptura.snapshot()) == []
            converged(sandbox, company, sandbox.settings())


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_first_up_whose_mappings_are_refused_starts_nothing(sandbox: Sandbox, company: Company, status: int) -> None:
    sandbox.fault(method="PUT", path="/schema$", status=status, times=99)
    run = sandbox.up()
    assert str(status) in run.error
    assert sandbox.cycles() == []
    sandbox.entra.faults.clear()
    converged(sandbox, company, sandbox.settings())


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_independent_resources_does_not_matter(sandbox: Sandbox, company: Company, seed: int) -> None:
    settings = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    assert sandbox.up(settings, seed=seed).succeeded
    converged(sandbox, company, settings)
