"""A cycle that runs already when `pulumi up` or `pulumi destroy` begins: it finishes before anything is written."""

from __future__ import annotations

import pytest

from acceptance.company import Company, harm
from tests.outcomes.convergence import converged
from tests.outcomes.sandbox import Sandbox

CHANGES = [
    {"scope": "assigned", "assignedUsers": "dan"},
    {"skipOutOfScopeDeletions": "on"},
    {"scope": "assigned", "assignedGroups": "Sales", "userFilter": 'department EQUALS "it"'},
]


@pytest.mark.parametrize("changes", CHANGES, ids="+".join)
def test_a_running_cycle_finishes_before_the_first_write(
    sandbox: Sandbox, company: Company, changes: dict[str, str]
) -> None:
    before, after = sandbox.settings(), sandbox.settings(**company.with_ids(changes))
    converged(sandbox, company, before)
    sandbox.portal.restart()
    sandbox.begin_cycle(lasting=120)
    run = sandbox.up(after)
    assert run.succeeded, run.error
    assert [call.rsplit("/", 1)[-1] for call in sandbox.writes_in_slow_cycle] == ["pause"]
    assert "waiting for the running provisioning cycle to finish" in run.lines
    sandbox.end_cycle()
    converged(sandbox, company, after)
    assert sandbox.preview(after).clean


def test_a_write_after_a_pause_by_hand_waits_for_the_first_cycle(sandbox: Sandbox, company: Company) -> None:
    before, after = sandbox.settings(), sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    assert sandbox.up(before).succeeded
    sandbox.begin_cycle(lasting=120)
    sandbox.portal.stop()
    run = sandbox.up(after)
    assert run.succeeded, run.error
    assert sandbox.writes_in_slow_cycle == []
    assert "waiting for the running provisioning cycle to finish" in run.lines
    sandbox.end_cycle()
    converged(sandbox, company, after)
    assert sandbox.preview(after).clean


def test_a_cycle_that_takes_too_long_ends_the_run_before_a_write(sandbox: Sandbox, company: Company) -> None:
    before, after = sandbox.settings(), sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    sandbox.portal.restart()
    sandbox.begin_cycle(lasting=3600)
    run = sandbox.up(after)
    assert "still runs after 10 minutes" in run.error
    assert [call.rsplit("/", 1)[-1] for call in sandbox.writes] == ["pause"]
    sandbox.end_cycle()
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    assert "update SynchronizationJobState" in sandbox.preview(after).changes
    converged(sandbox, company, after)


def test_destroy_waits_for_the_running_cycle_before_it_deletes(sandbox: Sandbox, company: Company) -> None:
    settings = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, settings)
    before = sandbox.eptura.snapshot()
    sandbox.portal.restart()
    sandbox.begin_cycle(lasting=120)
    run = sandbox.destroy()
    assert run.succeeded, run.error
    assert [call.rsplit("/", 1)[-1] for call in sandbox.writes_in_slow_cycle] == ["pause"]
    sandbox.end_cycle()
    assert sandbox.eptura.snapshot() == before


def test_destroy_says_that_a_long_cycle_may_go_on(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot()
    sandbox.portal.restart()
    sandbox.begin_cycle(lasting=3600)
    run = sandbox.destroy()
    assert run.succeeded, run.error
    assert any("still runs" in warning for warning in run.warnings)
    sandbox.end_cycle()
    assert sandbox.eptura.snapshot() == before
