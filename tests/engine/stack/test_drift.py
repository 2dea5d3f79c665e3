"""After each edit in the portal, preview names exactly that; up repairs it; the next preview is clean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from acceptance.drift.kinds import DRIFT, EditKind
from eptura_scim.engine import Deployment

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Differing


# A deletion takes everything with it, and a token is not tested at another address.
_RESTART = ("SynchronizationJobState", "provisioningStatus")
_ALONE = {"(create)", "secretTokenFingerprint"}


def together() -> list[EditKind]:
    """Kinds that one tenant can meet at once: each edits something of its own, and leaves the others to be seen."""
    chosen: list[EditKind] = []
    for kind in DRIFT:
        paths = {(resource, path) for resource, found in kind.drift.items() for path in found}
        hides = kind.stack is not DRIFT[0].stack or any(path in _ALONE for _, path in paths)
        taken = {(resource, path) for one in chosen for resource, found in one.drift.items() for path in found}
        paths -= {_RESTART}  # every repair that restarts provisioning names this
        if not hides and not any(_overlap(path, other) for path in paths for other in taken):
            chosen.append(kind)
    return chosen


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    actions = one[1].split(".")[0] == other[1].split(".")[0] and "Actions." in one[1]
    return one[0] == other[0] and (actions or one[1].startswith(other[1]) or other[1].startswith(one[1]))


def test_many_edits_at_once_are_named_and_repaired_by_an_up(
    deployment: Deployment, entra: LocalEntra, differing: Differing
) -> None:
    deployment.up()
    kinds = together()
    named: dict[str, list[str]] = {}
    # A second job comes last: the portal's buttons that others press are the first job's.
    for kind in sorted(kinds, key=lambda kind: "otherJobs" in str(kind.drift)):
        kind.make(entra)
        for resource, paths in kind.drift.items():
            named[resource] = sorted({*named.get(resource, []), *paths})
    assert len(kinds) >= 20
    preview = deployment.preview()
    assert {resource: sorted(paths) for resource, paths in preview.drift.items()} == named
    assert '- users.title: "[jobTitle]"' in preview.text
    assert '~ scope: "assigned" => "all"' in preview.text
    assert "changed mappings start a new initial cycle over all users and groups" in preview.text
    deployment.up()
    assert differing(deployment) == {}


@pytest.mark.slow
def test_formatting_and_custom_attributes_are_kept_by_an_up(
    deployment: Deployment, entra: LocalEntra, differing: Differing
) -> None:
    deployment.up()
    entra.portal.add_custom_attribute("urn:ietf:params:scim:schemas:extension:Own:2.0:User:floor")
    entra.portal.reformat()
    assert differing(deployment) == {}
    entra.portal.add_user_mapping("title", "[jobTitle]")
    deployment.up()
    assert "extension:Own:2.0:User:floor" in str(entra.portal.schema()["directories"])


@pytest.mark.slow
def test_a_deleted_job_is_made_again_with_its_configuration(
    deployment: Deployment, entra: LocalEntra, differing: Differing
) -> None:
    deployment.up()
    entra.portal.delete_job()
    assert "SynchronizationJob" in differing(deployment)
    assert "was deleted: `pulumi up` creates another job. A new job has no links" in str(
        deployment.preview().diagnostics
    )
    deployment.up()
    assert entra.portal.job()["schedule"]["state"] == "Active"
    assert differing(deployment) == {}


@pytest.mark.slow
def test_a_deleted_application_is_made_again(deployment: Deployment, entra: LocalEntra, differing: Differing) -> None:
    deployment.up()
    entra.portal.delete_application()
    told = str(deployment.preview().diagnostics)
    assert "restore it in the portal (App registrations > Deleted applications) until" in told
    assert told.count("has no links to the accounts at Eptura") == 1
    deployment.up()
    assert entra.portal.applications() == ["EpturaScimApplication"]
    assert differing(deployment) == {}
