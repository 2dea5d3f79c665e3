"""A replica that is behind answers one read of a run, and the run still makes every change."""

from __future__ import annotations

import pytest

from acceptance.company import Company, harm
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox

SALES = {"scope": "assigned", "assignedGroups": "Sales"}
SALESPEOPLE = 'department EQUALS "sales"'
JOB = (
    r"/jobs/[^/]+$",
    {**SALES, "provisioning": "off"},
    SALES,
    {"scope": "assigned", "assignedGroups": "Everyone", "userFilter": SALESPEOPLE},
)
SCHEMA: tuple[str, dict[str, str], dict[str, str], dict[str, str]] = (r"/schema$", {}, {"userFilter": SALESPEOPLE}, {})
SECRETS: tuple[str, dict[str, str], dict[str, str], dict[str, str]] = (r"/secrets$", {}, SALES, {})


@pytest.mark.parametrize(
    ("path", "earlier", "before", "after", "number"),
    [
        *(pytest.param(*JOB, number, id=f"job {number}") for number in range(4)),
        *(pytest.param(*SCHEMA, number, id=f"schema {number}") for number in range(3)),
        *(pytest.param(*SECRETS, number, id=f"secrets {number}") for number in range(2)),
    ],
)
def test_a_late_replica_harms_no_user_and_hides_no_change(
    sandbox: Sandbox,
    company: Company,
    path: str,
    earlier: dict[str, str],
    before: dict[str, str],
    after: dict[str, str],
    number: int,
) -> None:
    first, old, new = (sandbox.settings(**company.with_ids(values)) for values in (earlier, before, after))
    assert sandbox.up().succeeded
    sandbox.cycles()
    assert sandbox.up(first).succeeded
    assert sandbox.preview(first).clean
    answers = sandbox.earlier_answers()
    converged(sandbox, company, old)
    sandbox.eptura.journal.clear()
    sandbox.late_replica(path, number, answers)
    run = sandbox.up(new, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(old), company.wanted(new)]) == []
    assert company.wanted(new).problems(sandbox.eptura.snapshot()) == []


@pytest.mark.parametrize("number", range(5))
def test_a_single_404_of_the_connection_keeps_entras_links(sandbox: Sandbox, company: Company, number: int) -> None:
    old, new = (sandbox.settings(**company.with_ids(values)) for values in ({}, SALES))
    converged(sandbox, company, old)
    sandbox.eptura.journal.clear()
    sandbox.late_replica(r"/secrets$", number, sandbox.missing_answers())
    run = sandbox.up(new, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(old), company.wanted(new)]) == []
    assert company.wanted(new).problems(sandbox.eptura.snapshot()) == []
