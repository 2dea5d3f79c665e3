"""Who is in scope changes: by settings, by hand, in runs that fail on the way."""

from __future__ import annotations

import pytest

from acceptance.company import Company, harm
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("status", [403, 500])
def test_a_failed_assignment_disables_no_user_who_stays(
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
def test_a_narrower_scope_disables_only_the_users_who_leave_it(sandbox: Sandbox, company: Company, seed: int) -> None:
    before = sandbox.settings()
    after = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    assert sandbox.up(after, seed=seed, cycle_at=EVERY_CALL).succeeded
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    converged(sandbox, company, after)


def test_replacing_the_assigned_user_touches_only_the_two_users(sandbox: Sandbox, company: Company) -> None:
    before = sandbox.settings(scope="assigned", assignedUsers=company.id("ann"))
    after = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    assert sandbox.up(after, cycle_at=EVERY_CALL).succeeded
    sandbox.cycles()
    assert {str(event) for event in sandbox.eptura.journal} == {
        "dan@contoso.example created",
        "ann@contoso.example disabled",
    }
    converged(sandbox, company, after)


@pytest.mark.parametrize("provisioning", ["on", "off"])
def test_a_user_let_in_by_an_assignment_removed_last_is_disabled(
    sandbox: Sandbox, company: Company, provisioning: str
) -> None:
    it = {"userFilter": 'department EQUALS "it"'}
    before = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"), **it)
    after = {"scope": "assigned", "assignedUsers": company.id("dan")}
    converged(sandbox, company, before)
    preview = sandbox.preview(sandbox.settings(**after))
    assert any("no longer declares are removed after the restart" in warning for warning in preview.warnings)
    sandbox.eptura.journal.clear()
    assert sandbox.up(sandbox.settings(**after, provisioning=provisioning), cycle_at=EVERY_CALL).succeeded
    converged(sandbox, company, sandbox.settings(**after))
    let_in = {event.name for event in sandbox.eptura.journal if event.kind == "created"}
    others = {"ann@contoso.example", "cid@contoso.example"} if provisioning == "on" else set()
    assert let_in == {"dan@contoso.example", *others}


@pytest.mark.parametrize(
    ("assigned", "is_removed"),
    [
        ({"assignedGroups": "Sales", "assignedUsers": "dan"}, False),
        ({"assignedGroups": "Everyone"}, True),
        ({"assignedGroups": ""}, True),
        ({"assignedGroups": "Sales"}, False),
    ],
    ids=["added", "replaced", "removed", "the same"],
)
def test_only_a_removed_assignment_is_told_to_be_removed_last(
    sandbox: Sandbox, company: Company, assigned: dict[str, str], is_removed: bool
) -> None:
    converged(sandbox, company, sandbox.settings(scope="assigned", assignedGroups=company.id("Sales")))
    changes = {"userFilter": 'department EQUALS "it"', "phoneWork": "rfc3966", "scope": "all", **assigned}
    told = sandbox.preview(sandbox.settings(**company.with_ids(changes))).warnings
    assert any("no longer declares are removed after the restart" in text for text in told) == is_removed
    assert any("is paused before the first of these changes" in text for text in told)


def test_a_wider_scope_provisions_all_users(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings(scope="assigned", assignedUsers=company.id("dan")))
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean


def test_a_scope_narrowed_by_hand_is_repaired_for_all_users(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.portal.set_scope("assigned")
    sandbox.portal.restart()
    assert {event.kind for event in sandbox.cycles()} >= {"disabled", "deleted"}
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean


def test_no_user_slips_in_between_a_wider_scope_and_its_filter(sandbox: Sandbox, company: Company) -> None:
    before = sandbox.settings(scope="assigned", assignedUsers=company.id("ann"))
    after = sandbox.settings(userFilter='department EQUALS "sales"')
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    assert sandbox.up(after, cycle_at=EVERY_CALL).succeeded
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    converged(sandbox, company, after)


def test_a_filter_on_an_unknown_attribute_changes_nothing(sandbox: Sandbox, company: Company) -> None:
    before = sandbox.settings(scope="assigned", assignedUsers=company.id("ann"))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    run = sandbox.up(sandbox.settings(userFilter='departement EQUALS "sales"'))
    assert "departement" in run.error
    assert sandbox.cycles() == []
    converged(sandbox, company, before)


def test_changes_made_while_switching_off_provision_no_user(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.eptura.journal.clear()
    off = sandbox.settings(provisioning="off", userFilter='department EQUALS "it"', phoneWork="rfc3966")
    assert sandbox.up(off, cycle_at=EVERY_CALL).succeeded
    sandbox.cycles()
    assert sandbox.eptura.journal == []


@pytest.mark.parametrize("refresh", [True, False])
def test_the_job_state_starts_no_job_with_another_external_id(
    sandbox: Sandbox, company: Company, refresh: bool
) -> None:
    assert sandbox.up(sandbox.settings(provisioning="off")).succeeded
    sandbox.portal.set_user_source("externalId", "[mailNickname]")
    run = sandbox.up(target=":SynchronizationJobState", refresh=refresh)
    assert "externalId" in run.error
    assert sandbox.cycles() == []
    converged(sandbox, company, sandbox.settings())


def test_users_who_leave_with_updates_off_are_disabled_later(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot().active.keys()
    sales = {"userFilter": 'department EQUALS "sales"'}
    for settings in (sandbox.settings(**sales, userActions="create,delete"), sandbox.settings(**sales)):
        assert sandbox.up(settings).succeeded
        sandbox.cycles()
        assert sandbox.eptura.snapshot().active.keys() == before, "Entra skipped them once, and does not try again"
    converged(sandbox, company, sandbox.settings())
    converged(sandbox, company, sandbox.settings(**sales))
