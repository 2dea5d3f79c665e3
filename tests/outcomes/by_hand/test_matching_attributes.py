"""What users and groups are matched by was changed in the portal: a preview says what the repair costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acceptance.company import Company
from acceptance.eptura import Snapshot
from eptura_scim.local_entra.portal.portal import Portal
from tests.outcomes.convergence import converged
from tests.outcomes.sandbox import Sandbox

_LINKS = "the matching attributes change: objects may be linked to others at the target"
_USER_NAMES = "the source of users.userName changes, by which users are matched"
_GROUP_IDS = "the source of groups.externalId changes, by which groups are matched"


def identities(found: Snapshot) -> dict[str, tuple[str, str]]:
    """What each user and group is called, and its externalId, by Eptura's id."""
    users = {key: (user["userName"], user["externalId"]) for key, user in found.users.items()}
    return users | {key: (group["displayName"], group["externalId"]) for key, group in found.groups.items()}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda portal: portal.set_user_source("userName", "[mailNickname]"), _USER_NAMES),
        (lambda portal: portal.set_matching_precedence("userName", 0), _LINKS),
        (lambda portal: portal.set_matching_precedence("externalId", 2), _LINKS),
        (lambda portal: portal.set_group_source("externalId", "[displayName]"), _GROUP_IDS),
        (lambda portal: portal.swap_group_matching(), _LINKS),
    ],
    ids=["userName from elsewhere", "userName not matched", "two matched", "group ids", "groups swapped"],
)
def test_a_preview_says_what_other_matching_attributes_cost(
    sandbox: Sandbox, company: Company, edit: Callable[[Portal], None], said: str
) -> None:
    converged(sandbox, company, sandbox.settings())
    before = identities(sandbox.eptura.snapshot())
    edit(sandbox.portal)
    sandbox.cycles()
    assert [text for text in sandbox.preview().warnings if text.startswith(said)] != []
    converged(sandbox, company, sandbox.settings())
    assert identities(sandbox.eptura.snapshot()) == before


def test_other_user_names_of_a_deleted_job_are_created_again(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.portal.set_user_source("userName", "[mailNickname]")
    sandbox.cycles()
    sandbox.portal.delete_job()
    assert sandbox.up().succeeded
    sandbox.cycles()
    names = ("ann", "bob", "cid", "dan")
    assert {*sandbox.eptura.snapshot().active} == {*names, *(f"{name}@contoso.example" for name in names)}
