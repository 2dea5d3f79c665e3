"""Assignments that a person, or Entra itself, made, removed or brought back."""

from __future__ import annotations

from acceptance.company import Company
from tests.outcomes.convergence import converged
from tests.outcomes.sandbox import Sandbox


def test_a_lost_assignment_is_made_again_while_paused(sandbox: Sandbox, company: Company) -> None:
    settings = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, settings)
    state = [record for record in sandbox.engine.state if not record.type.endswith(":AppRoleAssignment")]
    sandbox.engine.state = state
    sandbox.eptura.journal.clear()
    assert "Permission being assigned already exists" in sandbox.up(settings).error

    sandbox.portal.stop()
    principal = sandbox.portal.service_principal()["id"]
    for assignment in sandbox.entra.people.assignments(principal):
        sandbox.entra.people.unassign(principal, assignment["id"])
    sandbox.cycles()
    converged(sandbox, company, settings)
    assert sandbox.eptura.journal == []
    assert sandbox.preview(settings).clean


def test_a_deleted_group_keeps_users_assigned_by_other_settings(sandbox: Sandbox, company: Company) -> None:
    ids = {"assignedGroups": company.id("Sales"), "assignedUsers": company.id("dan")}
    converged(sandbox, company, sandbox.settings(scope="assigned", **ids))
    sandbox.portal.people.delete_group("Sales")
    run = sandbox.up(sandbox.settings(scope="assigned", phoneWork="rfc3966", **ids))
    assert f"{ids['assignedGroups']} was not found" in run.error
    sandbox.cycles()
    assert sandbox.eptura.snapshot().active.keys() == {"dan@contoso.example"}
    left = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"), phoneWork="rfc3966")
    converged(sandbox, company, left)
