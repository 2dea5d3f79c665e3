"""A resource of ours is replaced: the new one takes over what there is, so that nothing is deleted with the old one."""

from __future__ import annotations

import pytest

from acceptance.company import Company
from eptura_scim.provider import _RESOURCES
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox

OURS = [token.rpartition(":")[2] for token in _RESOURCES]


@pytest.mark.parametrize("kind", OURS)
def test_a_replacement_changes_neither_the_job_nor_any_user(sandbox: Sandbox, company: Company, kind: str) -> None:
    settings = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, settings)
    before, job = sandbox.eptura.snapshot(), sandbox.portal.jobs()
    run = sandbox.up(settings, replace=f":{kind}", cycle_at=EVERY_CALL)
    assert f"replace {kind}" in run.changes
    assert run.succeeded, run.error
    sandbox.cycles()
    assert sandbox.eptura.snapshot() == before
    assert sandbox.portal.jobs() == job
    assert sandbox.portal.job()["schedule"]["state"] == "Active"
    assert sandbox.preview(settings).clean


@pytest.mark.parametrize("kind", OURS)
def test_destroy_after_a_replacement_deletes_everything(sandbox: Sandbox, company: Company, kind: str) -> None:
    converged(sandbox, company, sandbox.settings())
    assert sandbox.up(replace=f":{kind}").succeeded
    before = sandbox.eptura.snapshot()
    assert sandbox.destroy().succeeded
    assert sandbox.portal.applications() == []
    sandbox.cycles()
    assert sandbox.eptura.snapshot() == before
