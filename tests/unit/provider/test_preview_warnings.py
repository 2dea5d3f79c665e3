"""What a preview says of a changed connection and of changed mappings, and the restart that it plans."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.errors import ForbiddenError
from eptura_scim.graph.synchronization import Job, JobRef, SynchronizationClient
from eptura_scim.provider.paused_changes import REEVALUATE, RELINK, PausedChanges
from eptura_scim.provider.schema import SynchronizationSchema
from eptura_scim.provider.secrets import SynchronizationSecrets


class UnreadableJob(SynchronizationClient):
    """May read neither the job nor its schema."""

    def __init__(self) -> None:
        pass

    async def job(self, ref: JobRef) -> Job:
        raise ForbiddenError("403")

    async def schema(self, ref: JobRef) -> dict[str, Any]:
        raise ForbiddenError("403")


URL = "https://scim.eptura.example/scim/v1/"
OTHER = "https://other.eptura.example/scim/v1/"
CONNECTION: dict[str, Any] = {"servicePrincipalId": "principal", "jobId": "job", "tenantUrl": URL, "scope": "all"}

GROWS, SHRINKS = "the scope grows", "the scope shrinks"
MOVES, PAUSES = "the tenant URL changes", "provisioning is paused for this change"


@pytest.mark.parametrize(
    ("before", "after", "said", "restart"),
    [
        ({}, {"scope": "assigned"}, [SHRINKS, PAUSES], REEVALUATE),
        ({"scope": "assigned"}, {"scope": "all"}, [GROWS, PAUSES], REEVALUATE),
        ({"scope": "unset"}, {"scope": "all"}, [GROWS, PAUSES], REEVALUATE),
        ({}, {"skipOutOfScopeDeletions": True}, [PAUSES], REEVALUATE),
        ({}, {"tenantUrl": OTHER}, [MOVES, PAUSES], RELINK),
        ({}, {"tenantUrl": OTHER, "scope": "assigned"}, [MOVES, PAUSES], RELINK),
        ({"scope": "assigned"}, {"tenantUrl": OTHER, "scope": "all"}, [MOVES, GROWS, PAUSES], RELINK),
        ({}, {"tenantUrl": f"{URL}?aadOptscim062020"}, [PAUSES], REEVALUATE),
        ({"tenantUrl": ""}, {"tenantUrl": OTHER}, [PAUSES], REEVALUATE),
        ({}, {"notificationEmail": "it@contoso.example", "accidentalDeletionThreshold": 5}, [], None),
    ],
    ids=["narrower", "wider", "unset", "deletions", "address", "address, narrower", "address, wider", "flag",
         "after a cut destroy", "others"],
)  # fmt: skip
async def test_a_changed_connection_is_told_by_what_it_does_to_users(
    before: dict[str, Any], after: dict[str, Any], said: list[str], restart: Any
) -> None:
    changes = PausedChanges()
    old, new = {**CONNECTION, **before}, {**CONNECTION, **before, **after}
    found = await SynchronizationSecrets(changes=changes).change_warnings(old, new, [(name,) for name in after])
    assert [text for text, start in zip(found, said, strict=True) if not text.startswith(start)] == []
    assert changes.of("principal").restart == restart


CYCLE, LINKS = "changed mappings start a new initial cycle", "the matching attributes change"
FILTER, NO_FILTER = "the scoping filter changes", "a scoping filter is removed"


@pytest.mark.parametrize(
    ("path", "filters", "said"),
    [
        (("users", "title"), {}, [CYCLE]),
        (("users", "userName", "matchingPrecedence"), {}, [CYCLE, LINKS]),
        (("userFilter",), {"userFilter": 'country EQUALS "US"'}, [CYCLE, FILTER]),
        (("groupFilter",), {"groupFilter": 'displayName EQUALS "A"'}, [CYCLE, FILTER]),
        (("groupFilter",), {"groupFilter": ""}, [CYCLE, NO_FILTER]),
        (("userFilter",), {}, [CYCLE, NO_FILTER]),
        (("jobId",), {}, []),
    ],
    ids=["mapping", "matching", "user filter", "group filter", "empty filter", "no filter", "another job"],
)
async def test_changed_mappings_are_told_by_what_they_do_to_users(
    path: tuple[str, ...], filters: dict[str, str], said: list[str]
) -> None:
    where = {"servicePrincipalId": "principal", "jobId": "job"}
    found = await SynchronizationSchema(UnreadableJob()).change_warnings(where, {**where, **filters}, [path])
    assert [text for text, start in zip(found, said, strict=True) if not text.startswith(start)] == []


@pytest.mark.parametrize(("kind", "target"), [("users", "userName"), ("groups", "displayName"), ("others", "name")])
@pytest.mark.parametrize("precedence", [0, 1])
async def test_another_source_of_a_matching_attribute_is_told(kind: str, target: str, precedence: int) -> None:
    where = {"servicePrincipalId": "principal", "jobId": "job"}
    rows = ({"source": text, "matchingPrecedence": precedence} for text in ("[a]", "[b]"))
    old, new = ({**where, kind: {target: row}} for row in rows)
    found = await SynchronizationSchema(UnreadableJob()).change_warnings(old, new, [(kind, target, "source")])
    is_matched = kind != "others" and bool(precedence)
    assert [text for text in found if text.startswith(f"the source of {kind}.{target} changes")] == found[1:]
    assert len(found) == (0 if kind == "others" else 1 + is_matched)
