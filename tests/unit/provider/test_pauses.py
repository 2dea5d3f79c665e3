"""What a pause does to a job, how long it waits, and which restart a run owes afterwards."""

from __future__ import annotations

import itertools

import pytest

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import ReplyError
from eptura_scim.graph.synchronization import Job, ResetScope
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.provider.paused_changes import REEVALUATE, RELINK, PausedChange, pause_and_wait
from tests.unit.job_samples import REF, job
from tests.unit.one_job import HERE, OneJob
from tests.unit.told import Told

ON = job()
OFF = job(schedule="Paused")
CYCLE = [{"completedUnits": 1, "totalUnits": 5}]
LAST_CYCLE = job(schedule="Paused", progress=CYCLE)
WAITS = "waiting for the running provisioning cycle to finish"


def without_waiting() -> Consistency:
    times = itertools.count()

    async def sleep(_seconds: float) -> None:
        return

    return Consistency(seconds=20, cycle_seconds=20, clock=lambda: float(next(times)), sleep=sleep)


@pytest.mark.parametrize(
    ("live", "late", "done", "lines"),
    [
        (ON, [], ["pause"], ["provisioning is paused for a test"]),
        (ON, [OFF], ["pause"], ["provisioning is paused for a test"]),
        (OFF, [], [], []),
        (OFF, [ON, ON, ON], ["pause"], ["provisioning is paused for a test"]),
        (OFF, [LAST_CYCLE, LAST_CYCLE, LAST_CYCLE], [], [WAITS]),
    ],
    ids=["on", "a replica shows off", "off", "replicas show on", "off in a cycle"],
)
async def test_a_pause_ends_with_a_job_that_is_off_and_idle(
    live: Job, late: list[Job], done: list[str], lines: list[str], told: Told
) -> None:
    api = OneJob(live)
    api.late = [*late]
    assert await pause_and_wait(api, without_waiting(), REF, "for a test")
    assert (api.is_on, api.late, api.done, told.lines) == (False, [], done, lines)


async def test_a_job_started_again_by_hand_is_not_changed() -> None:
    api = OneJob(ON)
    api.late = [ON] * 99
    with pytest.raises(ReplyError, match=r"shows provisioning as on .it may have been started again"):
        await PausedChange().pause(api, without_waiting(), REF)


async def test_a_cycle_without_an_end_leaves_the_job_paused() -> None:
    api, change = OneJob(job(progress=CYCLE)), PausedChange()
    with pytest.raises(ResourceError, match=r"still runs after .* so nothing was changed\. Provisioning is paused"):
        await change.pause(api, without_waiting(), REF)
    assert api.is_on is False
    assert not await pause_and_wait(api, without_waiting(), REF, "for a test")


async def test_a_pause_owes_a_restart() -> None:
    change = PausedChange()
    await change.pause(OneJob(ON), without_waiting(), REF)
    assert change.restart == REEVALUATE


@pytest.mark.parametrize(
    ("plans", "restart"),
    [
        ([], None),
        ([REEVALUATE], REEVALUATE),
        ([REEVALUATE, RELINK], RELINK),
        ([RELINK, REEVALUATE], RELINK),
    ],
)
def test_links_are_forgotten_if_any_change_requires_it(
    plans: list[tuple[ResetScope, ...]], restart: tuple[ResetScope, ...] | None
) -> None:
    change = PausedChange()
    for scopes in plans:
        change.plan(scopes)
    assert change.restart == restart


@pytest.mark.parametrize("unknown", [None, ""])
def test_links_belong_to_the_first_address_that_is_known(unknown: str | None) -> None:
    change = PausedChange()
    for address in (unknown, HERE, "https://new.example/scim"):
        change.note_linked(address)
    assert change.linked == HERE
