"""A person edits in the portal while a run waits for the running cycle to finish."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acceptance.company import Company, harm
from eptura_scim.local_entra.portal.portal import Portal
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox


@pytest.mark.parametrize(
    "edit",
    [
        lambda portal: portal.stop(),
        lambda portal: portal.start(),
        lambda portal: portal.restart(),
        lambda portal: portal.set_scope("assigned"),
        lambda portal: portal.set_user_source("name.givenName", "[mailNickname]"),
        lambda portal: portal.set_user_source("externalId", "[mailNickname]"),
    ],
    ids=["paused", "started", "restarted", "scope", "mapping", "externalId"],
)
def test_an_edit_while_a_run_waits_harms_no_user(
    sandbox: Sandbox, company: Company, edit: Callable[[Portal], None]
) -> None:
    before, after = sandbox.settings(), sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    sandbox.portal.restart()
    sandbox.begin_cycle(lasting=120)
    sandbox.at_next_wait(lambda: edit(sandbox.portal))
    sandbox.up(after)
    sandbox.end_cycle()
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    assert company.wanted(after).wrong_keys(sandbox.eptura.snapshot()) == []
    converged(sandbox, company, after)
    assert sandbox.preview(after).clean


@pytest.mark.parametrize("delete", [Portal.delete_job, Portal.delete_service_principal], ids=["job", "principal"])
def test_what_is_deleted_while_a_run_waits_is_made_again(
    sandbox: Sandbox, company: Company, delete: Callable[[Portal], None]
) -> None:
    before, after = sandbox.settings(), sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, before)
    everyone = sandbox.eptura.snapshot().active.keys()
    sandbox.fault(kind="stale", path="/pause$", times=3)
    sandbox.at_next_wait(lambda: delete(sandbox.portal))
    assert "was deleted" in sandbox.up(after).error
    sandbox.entra.faults.clear()
    assert [text for text in sandbox.preview(after).warnings if "was deleted" in text] != []
    assert sandbox.up(after).succeeded
    sandbox.cycles()
    assert sandbox.eptura.snapshot().active.keys() == everyone
    assert sandbox.preview(after).clean


@pytest.mark.parametrize("call", [r"PUT .*/secrets$", r"PUT .*/schema$"])
def test_an_assignment_removed_during_a_run_disables_no_user(sandbox: Sandbox, company: Company, call: str) -> None:
    before, after = (
        sandbox.settings(userFilter='department EQUALS "sales"'),
        sandbox.settings(scope="assigned", assignedGroups=company.id("Sales")),
    )
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()

    def unassign() -> None:
        principal = sandbox.portal.service_principal()["id"]
        for made in sandbox.entra.people.assignments(principal):
            sandbox.entra.people.unassign(principal, made["id"])

    sandbox.before_call(r"POST .*/pause$", lambda: sandbox.before_call(call, unassign))
    run = sandbox.up(after, cycle_at=EVERY_CALL)
    assert "Entra does not show 1 of the assignments" in run.error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    converged(sandbox, company, after)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda portal: portal.set_scope("assigned"), "something else as scope"),
        (lambda portal: portal.set_scoping_filter('department EQUALS "it"'), "something else at userFilter"),
    ],
    ids=["scope", "filter"],
)
def test_an_edit_of_what_a_run_has_written_starts_no_job(
    sandbox: Sandbox, company: Company, edit: Callable[[Portal], None], said: str
) -> None:
    """Each edit is made after the run has written its settings, and before it restarts the job."""
    before = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    after = sandbox.settings(userFilter='department EQUALS "sales"')
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    sandbox.before_call(
        r"PUT .*/schema$",
        lambda: sandbox.before_call(
            r"GET .*/schema$", lambda: sandbox.before_call(r"GET .*/jobs/[^/]+$", lambda: edit(sandbox.portal))
        ),
    )
    run = sandbox.up(after, cycle_at=EVERY_CALL)
    assert f"changed what this run has written: Entra still shows {said}" in run.error
    sandbox.cycles()
    assert sandbox.eptura.journal == []
    converged(sandbox, company, after)
