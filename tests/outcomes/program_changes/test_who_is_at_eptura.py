"""After an `up` and enough cycles, the people and groups at Eptura are those that the settings say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acceptance.company import Company, harm
from tests.outcomes.convergence import converged
from tests.outcomes.sandbox import Sandbox


def test_all_users_are_there_after_the_first_up(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())


@pytest.mark.parametrize(
    "changes",
    [
        {"phoneWork": "rfc3966", "phoneMobile": "direct"},
        {"userFilter": 'department EQUALS "sales"'},
        {"groupMatching": "externalIdOnly"},
    ],
    ids="+".join,
)
def test_a_first_up_provisions_what_its_settings_say(
    sandbox: Sandbox, company: Company, changes: dict[str, str]
) -> None:
    converged(sandbox, company, sandbox.settings(**changes))


def test_a_first_up_provisions_only_assigned_users_and_groups(sandbox: Sandbox, company: Company) -> None:
    assigned = {"assignedGroups": company.id("Sales"), "assignedUsers": company.id("dan")}
    settings = sandbox.settings(scope="assigned", **assigned)
    assert set(company.wanted(settings).users) == {f"{name}@contoso.example" for name in ("ann", "cid", "dan")}
    converged(sandbox, company, settings)


def test_an_object_id_in_both_lists_is_assigned_once(sandbox: Sandbox, company: Company) -> None:
    dan = company.id("dan")
    settings = sandbox.settings(scope="assigned", assignedUsers=dan, assignedGroups=dan)
    converged(sandbox, company, settings)
    assert set(company.wanted(settings).users) == {"dan@contoso.example"}


def test_no_user_is_touched_while_provisioning_is_off(sandbox: Sandbox, company: Company) -> None:
    assert sandbox.up(sandbox.settings(provisioning="off")).succeeded
    assert sandbox.cycles() == []
    converged(sandbox, company, sandbox.settings())


def test_a_second_up_finds_nothing_to_do_and_writes_nothing(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean
    again = sandbox.up()
    assert again.clean, again
    assert sandbox.writes == []
    assert sandbox.cycles() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"phoneWork": "rfc3966"},
        {"userFilter": 'department EQUALS "it"'},
        {"notificationEmail": "it@contoso.example", "accidentalDeletionThreshold": "5"},
        {"groupMatching": "externalIdOnly"},
    ],
    ids="+".join,
)
def test_a_changed_setting_arrives_and_changes_no_other(
    sandbox: Sandbox, company: Company, changes: dict[str, str]
) -> None:
    before, after = sandbox.settings(), sandbox.settings(**changes)
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    converged(sandbox, company, after)
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    converged(sandbox, company, before)


@pytest.mark.parametrize(
    "edit",
    [
        lambda portal: portal.remove_user_mapping('emails[type eq "work"].value'),
        lambda portal: portal.set_user_source("name.givenName", "[mailNickname]"),
        lambda portal: portal.stop(),
        lambda portal: portal.set_notification_email("someone@contoso.example"),
        lambda portal: portal.rename("Old Eptura"),
    ],
    ids=["mapping removed", "source changed", "paused", "e-mail changed", "renamed"],
)
def test_preview_names_and_up_repairs_edits_made_in_the_portal(
    sandbox: Sandbox, company: Company, edit: Callable[[object], None]
) -> None:
    converged(sandbox, company, sandbox.settings())
    edit(sandbox.portal)
    sandbox.cycle()
    assert sandbox.preview().changes
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean


def test_destroy_changes_no_user_at_eptura(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot()
    run = sandbox.destroy()
    assert run.succeeded, run.error
    assert sandbox.portal.applications() == []
    assert sandbox.engine.state == []
    assert sandbox.cycles() == []
    assert sandbox.eptura.snapshot() == before


def test_destroy_waits_for_a_replica_that_shows_the_job_running(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot()
    sandbox.fault(kind="stale", path="/pause$", times=4)
    run = sandbox.destroy()
    assert run.succeeded, run.error
    assert sandbox.portal.applications() == []
    sandbox.cycles()
    assert sandbox.eptura.snapshot() == before
