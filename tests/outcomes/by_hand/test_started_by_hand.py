"""A job is paused, by a run that was cut or by its settings, and a person starts it before the next run: that run does
the rest.
"""

from __future__ import annotations

import pytest

from acceptance.company import Company, harm
from eptura_scim.settings import Settings
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox


def cut_before(sandbox: Sandbox, settings: Settings, call: str) -> None:
    """Run `up`, and kill it before the first call that ends so once the job is paused."""
    sandbox.kill_before(r"/pause$", call)
    assert sandbox.up(settings).killed
    assert sandbox.portal.job()["schedule"]["state"] == "Paused"


@pytest.mark.parametrize("address", ["the same", "another"])
def test_a_job_that_never_restarted_after_a_change_is_restarted(
    sandbox: Sandbox, company: Company, address: str
) -> None:
    server = sandbox.eptura if address == "the same" else sandbox.other_eptura
    before = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    after = sandbox.settings(tenantUrl=server.url, scope="all", assignedGroups=company.id("Sales"))
    converged(sandbox, company, before)
    cut_before(sandbox, after, r"POST .*/restart$")
    sandbox.portal.start()
    sandbox.cycles()
    assert company.wanted(after).problems(server.snapshot()) != [], "the start alone made everything right"
    assert "update SynchronizationJobState" in sandbox.preview(after).changes
    run = sandbox.up(after, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert company.wanted(after).problems(server.snapshot()) == []
    assert sandbox.preview(after).clean


@pytest.mark.parametrize("refresh", [True, False])
def test_writes_missing_after_a_cut_run_are_made_in_a_paused_job(
    sandbox: Sandbox, company: Company, refresh: bool
) -> None:
    before = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    after = sandbox.settings(
        scope="assigned", assignedGroups=company.id("Everyone"), userFilter='department EQUALS "sales"'
    )
    converged(sandbox, company, before)
    cut_before(sandbox, after, r"POST .*/appRoleAssignedTo$")
    sandbox.portal.start()
    sandbox.eptura.journal.clear()
    run = sandbox.up(after, cycle_at=EVERY_CALL, refresh=refresh)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    assert company.wanted(after).problems(sandbox.eptura.snapshot()) == []
    assert sandbox.preview(after).clean


def test_the_old_settings_are_brought_back_after_a_cut_run(sandbox: Sandbox, company: Company) -> None:
    before = sandbox.settings()
    after = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    converged(sandbox, company, before)
    cut_before(sandbox, after, r"POST .*/restart$")
    sandbox.portal.restart()
    sandbox.portal.start()
    sandbox.cycles()
    converged(sandbox, company, before)
    assert sandbox.preview(before).clean


SALES = {"scope": "assigned", "assignedGroups": "Sales"}


@pytest.mark.parametrize(
    ("before", "after"), [({}, SALES), (SALES, {"assignedGroups": "Sales"})], ids=["narrow", "wide"]
)
def test_switching_on_evaluates_all_users_after_a_start_by_hand(
    sandbox: Sandbox, company: Company, before: dict[str, str], after: dict[str, str]
) -> None:
    converged(sandbox, company, sandbox.settings(**company.with_ids(before)))
    assert sandbox.up(sandbox.settings(**company.with_ids(after), provisioning="off")).succeeded
    sandbox.portal.start()
    sandbox.cycles()
    on = sandbox.settings(**company.with_ids(after))
    assert "update SynchronizationJobState" in sandbox.preview(on).changes
    converged(sandbox, company, on)
    assert sandbox.preview(on).clean


def test_a_scope_changed_and_reverted_while_off_leaves_nothing(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    assert sandbox.up(sandbox.settings(provisioning="off")).succeeded
    sandbox.portal.set_scope("assigned")
    sandbox.portal.restart()
    sandbox.portal.start()
    assert {event.kind for event in sandbox.cycles()} >= {"disabled"}
    sandbox.portal.set_scope("all")
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean
