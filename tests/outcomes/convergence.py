"""Settings that are brought about, and seen at Eptura."""

from __future__ import annotations

from acceptance.company import Company
from eptura_scim.settings import Settings
from tests.outcomes.sandbox import Sandbox

EVERY_CALL = frozenset(range(99))
"""For `cycle_at` of `Sandbox.up`: a cycle before every call."""


def converged(sandbox: Sandbox, company: Company, settings: Settings) -> None:
    """Bring settings about, and see them at Eptura."""
    run = sandbox.up(settings)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert company.wanted(settings).problems(sandbox.eptura.snapshot()) == []
    assert company.wanted(settings).wrong_keys(sandbox.eptura.snapshot()) == []
