"""A run of a part of a change: `--target`, `--target-dependents`, `--exclude`, and `destroy --target`."""

from __future__ import annotations

import pytest

from acceptance.company import Company, harm
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox

SALES = {"scope": "assigned", "assignedGroups": "Sales"}
WIDER_AND_FILTERED = {"scope": "assigned", "assignedGroups": "Everyone", "userFilter": 'department EQUALS "sales"'}
ALL_AND_FILTERED = {"userFilter": 'department EQUALS "sales"'}
JOB, ASSIGNMENTS, STATE = ":SynchronizationJob", ":AppRoleAssignment", ":SynchronizationJobState"
SECRETS, SCHEMA = ":SynchronizationSecrets", ":SynchronizationSchema"


@pytest.mark.parametrize("refresh", [True, False], ids=["refresh", "no refresh"])
@pytest.mark.parametrize(
    ("changes", "targets", "left_out"),
    [
        (WIDER_AND_FILTERED, (JOB, ASSIGNMENTS, SECRETS, STATE), "SynchronizationSchema"),
        (ALL_AND_FILTERED, (SECRETS, STATE), "SynchronizationSchema"),
        (ALL_AND_FILTERED, (JOB, ASSIGNMENTS, SCHEMA, STATE), "SynchronizationSecrets"),
    ],
    ids=["without the mappings", "connection and state", "without the connection"],
)
def test_a_part_of_a_change_leaves_the_job_paused(
    sandbox: Sandbox, company: Company, changes: dict[str, str], targets: tuple[str, ...], left_out: str, refresh: bool
) -> None:
    before, after = (sandbox.settings(**company.with_ids(found)) for found in (SALES, changes))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    preview = sandbox.preview(after, target=targets, refresh=refresh)
    assert [text for text in preview.warnings if f"leaves out {left_out}" in text] != []
    run = sandbox.up(after, target=targets, refresh=refresh, cycle_at=EVERY_CALL)
    assert f"leaves out {left_out}" in run.error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    assert "update SynchronizationJobState" in sandbox.preview(after).changes
    converged(sandbox, company, after)
    assert sandbox.preview(after).clean


@pytest.mark.parametrize("refresh", [True, False], ids=["refresh", "no refresh"])
def test_the_state_alone_starts_no_job_that_a_cut_run_paused(sandbox: Sandbox, company: Company, refresh: bool) -> None:
    before, after = (sandbox.settings(**company.with_ids(found)) for found in (SALES, ALL_AND_FILTERED))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    sandbox.kill_before(r"PUT .*/secrets$", r"PUT .*/schema$")
    assert sandbox.up(after).killed
    run = sandbox.up(after, target=STATE, refresh=refresh)
    assert "leaves out SynchronizationSchema and SynchronizationSecrets" in run.error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    converged(sandbox, company, after)


@pytest.mark.parametrize("target", [JOB, SECRETS, SCHEMA, STATE])
def test_destroying_a_part_changes_no_user(sandbox: Sandbox, company: Company, target: str) -> None:
    settings = sandbox.settings(**company.with_ids(SALES))
    converged(sandbox, company, settings)
    before = sandbox.eptura.snapshot()
    run = sandbox.destroy(target=target, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert sandbox.eptura.snapshot() == before
    converged(sandbox, company, settings)
    assert sandbox.preview(settings).clean


def test_mappings_without_their_assignments_let_in_no_user(sandbox: Sandbox, company: Company) -> None:
    before, after = (sandbox.settings(**company.with_ids(found)) for found in (WIDER_AND_FILTERED, SALES))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    targets = (JOB, SCHEMA, STATE)
    assert [text for text in sandbox.preview(after, target=targets).warnings if "leaves out" in text] != []
    run = sandbox.up(after, target=targets, cycle_at=EVERY_CALL)
    assert "was not started: this run leaves out SynchronizationSecrets" in run.error
    sandbox.cycles()
    assert sandbox.eptura.journal == []


def test_the_state_restarts_no_job_without_its_connection(sandbox: Sandbox, company: Company) -> None:
    before, after = (sandbox.settings(**company.with_ids(found)) for found in (SALES, {}))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    targets = (ASSIGNMENTS, STATE)
    preview = sandbox.preview(after, target=targets)
    assert [text for text in preview.warnings if "provisioning is not restarted: this run leaves out" in text] != []
    run = sandbox.up(after, target=targets, cycle_at=EVERY_CALL)
    assert "was not restarted: this run leaves out SynchronizationSecrets" in run.error
    sandbox.cycles()
    assert sandbox.eptura.journal == []
    converged(sandbox, company, after)
