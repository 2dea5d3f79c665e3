"""Provisioning is off while several runs change this and that: the run that switches it on makes everything right."""

from __future__ import annotations

import pytest

from acceptance.company import Company
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox

SALES = {"scope": "assigned", "assignedGroups": "Sales"}


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        ({}, [SALES, {"userFilter": 'department EQUALS "it"', "assignedGroups": "Everyone"}, {"phoneWork": "rfc3966"}]),
        (SALES, [{"scope": "all"}, {"userFilter": 'department EQUALS "it"'}, {"assignedGroups": "", "scope": "all"}]),
        (SALES, [{"assignedUsers": "dan"}, {"assignedGroups": ""}, {"skipOutOfScopeDeletions": "on"}]),
    ],
    ids=["narrower", "wider", "other assignments"],
)
@pytest.mark.parametrize("moves", [False, True], ids=["same address", "another address"])
def test_changes_of_several_runs_while_off_arrive_when_it_is_on(
    sandbox: Sandbox, company: Company, before: dict[str, str], changes: list[dict[str, str]], moves: bool
) -> None:
    converged(sandbox, company, sandbox.settings(**company.with_ids(before)))
    sandbox.eptura.journal.clear()
    server = sandbox.other_eptura if moves else sandbox.eptura
    values = dict(before)
    for change in changes:
        values |= change
        off = sandbox.settings(**company.with_ids(values), tenantUrl=server.url, provisioning="off")
        assert sandbox.up(off, cycle_at=EVERY_CALL).succeeded
        sandbox.cycles()
    assert sandbox.eptura.journal == []

    on = sandbox.settings(**company.with_ids(values), tenantUrl=server.url)
    run = sandbox.up(on, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert company.wanted(on).problems(server.snapshot()) == []
    assert sandbox.preview(on).clean
    if moves:
        assert sandbox.eptura.journal == []
