"""The synchronization job was deleted in the portal, and Entra's links to users at Eptura with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acceptance.company import Company, harm
from eptura_scim.local_entra.portal.portal import Portal
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox


def test_a_deleted_job_keeps_who_leaves_before_the_first_cycle(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    everybody = sandbox.eptura.snapshot().active.keys()
    sandbox.portal.delete_job()
    narrow = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    assert any(
        "Users who leave the scope before that cycle stay active" in text for text in sandbox.preview(narrow).warnings
    )
    assert sandbox.up(narrow).succeeded
    sandbox.cycles()
    assert sandbox.eptura.snapshot().active.keys() == everybody


def test_users_who_leave_after_a_new_jobs_cycle_are_disabled(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.portal.delete_job()
    converged(sandbox, company, sandbox.settings())
    converged(sandbox, company, sandbox.settings(scope="assigned", assignedUsers=company.id("dan")))


@pytest.mark.parametrize("call", [r"GET .*/jobs$", r"POST .*/pause$", r"PUT .*/secrets$", r"POST .*/restart$"])
@pytest.mark.parametrize(
    ("delete", "said"),
    [
        (Portal.delete_job, "`pulumi up` creates another job"),
        (Portal.delete_service_principal, "restore it (Microsoft Graph: POST /directory/deletedItems/"),
        (Portal.delete_application, ""),
    ],
    ids=["job", "principal", "application"],
)
def test_what_is_deleted_between_two_calls_of_a_run_is_named(
    sandbox: Sandbox, company: Company, delete: Callable[[Portal], None], said: str, call: str
) -> None:
    before, after = sandbox.settings(), sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    sandbox.before_call(call, lambda: delete(sandbox.portal))
    error = sandbox.up(after, cycle_at=EVERY_CALL).error
    assert said in error and ("was deleted" in error) and "404" not in error
    sandbox.cycles()
    run = sandbox.up(after, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    assert company.wanted(after).users.keys() <= sandbox.eptura.snapshot().active.keys()
    assert sandbox.preview(after).clean
