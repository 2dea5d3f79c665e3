"""A preview names the resources that the `up` after it changes, and what the change means for users."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acceptance.company import Company
from eptura_scim.local_entra.portal.portal import Portal
from eptura_scim.settings import Settings
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox

CHANGES = [
    {"phoneWork": "rfc3966"},
    {"notificationEmail": "it@contoso.example"},
    {"scope": "assigned", "assignedUsers": "dan"},
    {"assignedUsers": "dan"},
    {"assignedUsers": "dan", "phoneWork": "rfc3966"},
    {"userFilter": 'department EQUALS "it"', "scope": "assigned", "assignedGroups": "Sales"},
    {"provisioning": "off"},
    {"provisioning": "off", "phoneWork": "rfc3966", "scope": "assigned"},
]


def is_as_declared(sandbox: Sandbox, company: Company, settings: Settings) -> None:
    """See at Eptura what settings say, after cycles; with provisioning off, that nothing changes."""
    before = sandbox.eptura.snapshot()
    sandbox.cycles()
    if settings.provisioning:
        assert company.wanted(settings).problems(sandbox.eptura.snapshot()) == []
    else:
        assert sandbox.eptura.snapshot() == before


@pytest.mark.parametrize("changes", CHANGES, ids="+".join)
def test_a_preview_names_the_changes_that_an_up_makes(
    sandbox: Sandbox, company: Company, changes: dict[str, str]
) -> None:
    before, after = sandbox.settings(), sandbox.settings(**company.with_ids(changes))
    for settings in (before, after, before):
        named = sandbox.preview(settings).changes
        run = sandbox.up(settings)
        assert run.succeeded, run.error
        assert named == run.changes
        assert sandbox.preview(settings).clean
        is_as_declared(sandbox, company, settings)


@pytest.mark.parametrize(
    "edit",
    [
        lambda portal: portal.set_scope("assigned"),
        lambda portal: portal.set_user_source("name.givenName", "[mailNickname]"),
        lambda portal: portal.stop(),
        lambda portal: portal.delete_job(),
    ],
    ids=["scope", "mapping", "paused", "job deleted"],
)
def test_a_preview_names_the_changes_that_repair_an_edit(
    sandbox: Sandbox, company: Company, edit: Callable[[Portal], None]
) -> None:
    converged(sandbox, company, sandbox.settings())
    edit(sandbox.portal)
    sandbox.cycle()
    named = sandbox.preview().changes
    assert named
    assert sandbox.up().changes == named
    assert sandbox.preview().clean
    is_as_declared(sandbox, company, sandbox.settings())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"assignedUsers": "dan", "phoneWork": "rfc3966"}, "paused before the first of these changes"),
        ({"provisioning": "off", "phoneWork": "rfc3966", "scope": "assigned"}, "stops before anything else changes"),
        ({"provisioning": "off"}, "stops before anything else changes"),
    ],
    ids=["several", "several while switching off", "off"],
)
def test_a_preview_says_when_provisioning_stops(
    sandbox: Sandbox, company: Company, changes: dict[str, str], said: str
) -> None:
    converged(sandbox, company, sandbox.settings())
    before, after = sandbox.eptura.snapshot(), sandbox.settings(**company.with_ids(changes))
    preview = sandbox.preview(after)
    assert [text for text in preview.warnings if said in text] != []
    sandbox.cycles()
    assert sandbox.eptura.snapshot() == before
    assert sandbox.up(after, cycle_at=EVERY_CALL).succeeded
    is_as_declared(sandbox, company, after)
