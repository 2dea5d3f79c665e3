"""Two stacks manage one application: each undoes what the other declared, and says so before."""

from __future__ import annotations

from acceptance.company import Company, harm
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox


def test_a_preview_names_what_another_stack_changed(sandbox: Sandbox, company: Company) -> None:
    wide, narrow = sandbox.settings(), sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, wide)
    states = {"first": sandbox.engine.state, "second": list(sandbox.engine.state)}
    sandbox.eptura.journal.clear()
    for stack, settings in (("second", narrow), ("first", wide), ("second", narrow)):
        sandbox.engine.state = states[stack]
        preview = sandbox.preview(settings)
        assert "update SynchronizationSecrets" in preview.changes
        assert any("the scope" in warning for warning in preview.warnings)
        run = sandbox.up(settings, cycle_at=EVERY_CALL)
        assert run.succeeded, run.error
        states[stack] = sandbox.engine.state
        converged(sandbox, company, settings)
    assert harm(sandbox.eptura.journal, [company.wanted(wide), company.wanted(narrow)]) == []
