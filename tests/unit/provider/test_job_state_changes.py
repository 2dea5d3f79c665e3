"""What counts as a change of a job's state, what may be ignored, and what a preview says of it."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.provider.job_state import SynchronizationJobState
from eptura_scim.provider.paused_changes import PausedChanges

FIRST = {"secrets": "a", "mappings": "a", "assignments": "a", "provisioningStatus": "On"}
OTHER_SCOPE = {**FIRST, "secrets": "b"}
STATUS = ("provisioningStatus",)
OTHER_JOBS = ("otherJobs",)
STARTS = "provisioning starts with an initial cycle"
STAYS_OFF = "provisioning stays off"


def state() -> SynchronizationJobState:
    return SynchronizationJobState(changes=PausedChanges())


def job(status: str, configuration: Any = None, **values: Any) -> dict[str, Any]:
    ids = {"servicePrincipalId": "principal", "jobId": "job"}
    return {**ids, "provisioningStatus": status, "configuration": configuration, **values}


def test_a_status_that_changes_and_a_restart_are_one_change() -> None:
    found = state().differences(job("Off", FIRST), job("On", OTHER_SCOPE))
    assert [path for path, _ in found] == [STATUS]


def test_a_restart_is_named_beside_other_changes() -> None:
    found = state().differences(job("On", FIRST, otherJobs=["b"]), job("On", OTHER_SCOPE))
    assert sorted(path for path, _ in found) == [OTHER_JOBS, STATUS]


def test_a_restart_that_this_run_plans_is_a_change() -> None:
    changed = state()
    changed.changes.of("principal").plan()
    found = changed.differences(job("On", FIRST), job("On", FIRST))
    assert [path for path, _ in found] == [STATUS]


@pytest.mark.parametrize(
    ("path", "before", "after", "ignored"),
    [(STATUS, "Off", "On", True), (STATUS, "On", "On", False), (OTHER_JOBS, "On", "On", True)],
)
def test_only_a_restart_cannot_be_ignored(path: Any, before: str, after: str, ignored: bool) -> None:
    assert state().can_be_ignored(path, job(before), job(after)) is ignored


@pytest.mark.parametrize(
    ("paths", "before", "after", "says"),
    [
        ([STATUS], "Off", "On", True),
        ([OTHER_JOBS], "Off", "On", False),
        ([STATUS], "On", "On", False),
        ([STATUS], "On", "Off", False),
        ([STATUS], "Quarantine", "On", False),
    ],
)
async def test_a_preview_says_that_a_start_evaluates_all_users(
    paths: list[Any], before: str, after: str, says: bool
) -> None:
    told = await state().change_warnings(job(before), job(after), paths)
    assert any(text.startswith(STARTS) for text in told) is says


@pytest.mark.parametrize(
    ("status", "declared", "says"),
    [
        ("Off", OTHER_SCOPE, True),
        ("Off", FIRST, False),
        ("Off", {**OTHER_SCOPE, "provisioningStatus": "Off"}, False),
        ("Off", None, False),
        ("On", OTHER_SCOPE, False),
    ],
)
async def test_a_preview_says_that_an_ignored_status_keeps_the_job_off(status: str, declared: Any, says: bool) -> None:
    told = await state().change_warnings(job(status, FIRST), job(status, declared), [OTHER_JOBS])
    assert any(text.startswith(STAYS_OFF) for text in told) is says


@pytest.mark.parametrize(
    ("declared", "deletes", "said"),
    [
        ([], False, ["another job of the application is paused: a, b; what it provisioned stays at the target"]),
        ([], True, ["another job of the application is deleted: a, b; what it provisioned stays at the target"]),
        (["a"], False, ["another job of the application is paused: b; what it provisioned stays at the target"]),
        (["a", "b"], True, []),
    ],
)
async def test_a_preview_names_the_other_jobs_that_stop(declared: list[str], deletes: bool, said: list[str]) -> None:
    before, after = job("On", otherJobs=["b", "a"]), job("On", otherJobs=declared, deleteOtherJobs=deletes)
    assert await state().change_warnings(before, after, [OTHER_JOBS]) == said
