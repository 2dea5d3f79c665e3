"""The synchronization job was deleted in the portal, and Entra's links to users at Eptura with it."""

from __future__ import annotations

from acceptance.company import Company
from tests.outcomes.convergence import converged
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
