"""Entra put provisioning into quarantine, and disabled it after four weeks: a preview says why, an `up` starts it."""

from __future__ import annotations

from datetime import timedelta

from acceptance.company import Company
from tests.outcomes.convergence import converged
from tests.outcomes.sandbox import Sandbox

_NEW = "a-new-token"


def test_a_job_disabled_by_entra_is_named_and_evaluates_all(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot()
    sandbox.entra.scim.accept_tokens([_NEW])
    sandbox.wait(sandbox.entra.provisioning.advance(timedelta(weeks=5)))
    assert sandbox.portal.job()["schedule"]["state"] == "Disabled"
    sandbox.entra.people.delete_user(company.id("ann"))

    renewed = sandbox.settings(secretToken=_NEW)
    preview = sandbox.preview(renewed)
    assert any("in quarantine since 2026-03-02 (EncounteredQuarantineException" in text for text in preview.warnings)
    assert any("it is off: Entra disables it after four weeks" in text for text in preview.warnings)
    assert "update SynchronizationJobState" in preview.changes
    assert sandbox.eptura.snapshot() == before

    assert sandbox.up(renewed).succeeded
    sandbox.cycles()
    assert set(sandbox.eptura.snapshot().active) == {f"{name}@contoso.example" for name in ("bob", "cid", "dan")}
    again = sandbox.preview(renewed)
    assert (again.clean, again.warnings) == (True, [])


def test_an_up_lets_no_held_back_deletions_through(sandbox: Sandbox, company: Company) -> None:
    limited = {"accidentalDeletionThreshold": "1"}
    converged(sandbox, company, sandbox.settings(**limited))
    before = sandbox.eptura.snapshot()
    narrow = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"), **limited)
    for _ in range(2):
        assert sandbox.up(narrow).succeeded
        sandbox.cycles()
        assert sandbox.eptura.snapshot() == before
        preview = sandbox.preview(narrow)
        assert any("in quarantine since 2026-03-02 (TooManyDeletes" in text for text in preview.warnings)
        assert "update SynchronizationJobState" in preview.changes
