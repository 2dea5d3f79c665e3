"""Who is in scope changes: by settings, by hand, in runs that fail on the way."""

from __future__ import annotations

import pytest

from acceptance.company import Company, harm
from tests.outcomes.sandbox import Sandbox
from tests.outcomes.test_who_is_at_eptura import converged

EVERYBODY = frozenset(range(99))
"""A cycle before every call."""


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("status", [403, 500])
def test_nobody_is_disabled_when_those_who_stay_cannot_be_assigned(
    sandbox: Sandbox, company: Company, status: int, seed: int
) -> None:
    before = sandbox.settings()
    after = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"), assignedUsers=company.id("dan"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    sandbox.fault(method="POST", path="/appRoleAssignedTo$", status=status, times=99)
    assert str(status) in sandbox.up(after, seed=seed).error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []

    sandbox.entra.faults.clear()
    converged(sandbox, company, after)


@pytest.mark.parametrize("seed", range(3))
def test_a_scope_that_narrows_disables_those_who_leave_it_and_nobody_else(
    sandbox: Sandbox, company: Company, seed: int
) -> None:
    before = sandbox.settings()
    after = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    assert sandbox.up(after, seed=seed, cycle_at=EVERYBODY).succeeded
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    converged(sandbox, company, after)


def test_another_assigned_user_takes_the_place_of_the_first_and_nobody_else_is_touched(
    sandbox: Sandbox, company: Company
) -> None:
    before = sandbox.settings(scope="assigned", assignedUsers=company.id("ann"))
    after = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    assert sandbox.up(after, cycle_at=EVERYBODY).succeeded
    sandbox.cycles()
    assert {str(event) for event in sandbox.eptura.journal} == {
        "dan@contoso.example created",
        "ann@contoso.example disabled",
    }
    converged(sandbox, company, after)


@pytest.mark.parametrize("provisioning", ["on", "off"])
def test_who_is_let_in_by_an_assignment_that_is_removed_last_is_disabled_by_the_next_cycle(
    sandbox: Sandbox, company: Company, provisioning: str
) -> None:
    it = {"userFilter": 'department EQUALS "it"'}
    before = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"), **it)
    after = {"scope": "assigned", "assignedUsers": company.id("dan")}
    converged(sandbox, company, before)
    preview = sandbox.preview(sandbox.settings(**after))
    assert any("no longer declares are removed after the restart" in warning for warning in preview.warnings)
    sandbox.eptura.journal.clear()
    assert sandbox.up(sandbox.settings(**after, provisioning=provisioning), cycle_at=EVERYBODY).succeeded
    converged(sandbox, company, sandbox.settings(**after))
    let_in = {event.name for event in sandbox.eptura.journal if event.kind == "created"}
    others = {"ann@contoso.example", "cid@contoso.example"} if provisioning == "on" else set()
    assert let_in == {"dan@contoso.example", *others}


def test_a_scope_that_widens_provisions_everybody(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings(scope="assigned", assignedUsers=company.id("dan")))
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean


def test_a_scope_that_was_narrowed_by_hand_is_repaired_for_everybody(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.portal.set_scope("assigned")
    sandbox.portal.restart()
    assert {event.kind for event in sandbox.cycles()} >= {"disabled", "deleted"}
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean


def test_a_widened_scope_and_a_narrower_filter_let_nobody_in_between(sandbox: Sandbox, company: Company) -> None:
    before = sandbox.settings(scope="assigned", assignedUsers=company.id("ann"))
    after = sandbox.settings(userFilter='department EQUALS "sales"')
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    assert sandbox.up(after, cycle_at=EVERYBODY).succeeded
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    converged(sandbox, company, after)


def test_a_filter_on_an_attribute_that_entra_does_not_have_changes_nothing(sandbox: Sandbox, company: Company) -> None:
    before = sandbox.settings(scope="assigned", assignedUsers=company.id("ann"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    run = sandbox.up(sandbox.settings(userFilter='departement EQUALS "sales"'))
    assert "departement" in run.error
    assert sandbox.cycles() == []
    converged(sandbox, company, before)


def test_who_switches_provisioning_off_gets_nothing_of_what_changes_with_it(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.eptura.journal.clear()
    off = sandbox.settings(provisioning="off", userFilter='department EQUALS "it"', phoneWork="rfc3966")
    assert sandbox.up(off, cycle_at=EVERYBODY).succeeded
    sandbox.cycles()
    assert sandbox.eptura.journal == []


@pytest.mark.parametrize("refresh", [True, False])
def test_the_state_alone_does_not_start_a_job_with_another_external_id(
    sandbox: Sandbox, company: Company, refresh: bool
) -> None:
    assert sandbox.up(sandbox.settings(provisioning="off")).succeeded
    sandbox.portal.set_user_source("externalId", "[mailNickname]")
    run = sandbox.up(target=":SynchronizationJobState", refresh=refresh)
    assert "externalId" in run.error
    assert sandbox.cycles() == []
    converged(sandbox, company, sandbox.settings())
