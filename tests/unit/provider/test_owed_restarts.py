"""What a configuration asks of a job: a pause before the writes, a restart after them."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.provider.configuration import changes
from eptura_scim.provider.job_state import SynchronizationJobState
from eptura_scim.provider.paused_changes import PausedChanges

FIRST = {"secrets": "a", "mappings": "a", "assignments": "a", "provisioningStatus": "On"}
STATUS = [("provisioningStatus",)]


def differing(before: Any, after: Any, status: str = "On") -> list[Any]:
    state = SynchronizationJobState(changes=PausedChanges())
    job = {"servicePrincipalId": "principal", "jobId": "job", "provisioningStatus": status}
    found = state.differences({**job, "configuration": before}, {**job, "configuration": after})
    return [path for path, _ in found]


@pytest.mark.parametrize("after", [{**FIRST, "secrets": "b"}, {**FIRST, "secrets": UNKNOWN}, UNKNOWN])
def test_a_job_that_is_on_restarts_for_a_new_connection_or_scope(after: Any) -> None:
    assert differing(FIRST, after) == STATUS
    assert differing(FIRST, after, "Off") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FIRST, FIRST),
        (FIRST, {**FIRST, "mappings": "b", "assignments": "b"}),
        (None, FIRST),
        (FIRST, None),
        (None, UNKNOWN),
    ],
)
def test_a_job_is_not_restarted_for_anything_else(before: Any, after: Any) -> None:
    assert differing(before, after) == []


def test_unknown_values_of_a_preview_count_as_several_writes() -> None:
    assert changes(UNKNOWN, FIRST) == (True, False, True)
    assert changes({**FIRST, "assignments": UNKNOWN}, FIRST) == (True, False, True)
    assert changes({**FIRST, "secrets": UNKNOWN}, FIRST) == (True, False, False)
    assert changes(UNKNOWN, None) == (False, False, False)


def test_assignments_are_named_where_they_change() -> None:
    assert changes({**FIRST, "secrets": "b", "assignments": "b"}, FIRST) == (True, False, True)
    assert changes({**FIRST, "secrets": "b", "mappings": "b"}, FIRST) == (True, False, False)


def test_a_job_restarts_after_a_whole_run_that_left_it_off() -> None:
    off = {**FIRST, "provisioningStatus": "Off"}
    assert differing(off, FIRST) == STATUS
    assert differing(FIRST, off) == []
    assert differing(off, off) == []
