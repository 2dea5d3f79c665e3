"""What becomes of a job before a change of its configuration is written, as Graph has it then."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.synchronization import Job
from eptura_scim.provider.paused_changes import REEVALUATE, PausedChanges
from eptura_scim.provider.synchronization_job import SynchronizationJob, SynchronizationJobInputs
from tests.unit.job_samples import REF, job
from tests.unit.one_job import OneJob
from tests.unit.told import Told

WHERE = {"servicePrincipalId": REF.service_principal, "templateId": "scim"}
FIRST = {"secrets": "a", "mappings": "a", "assignments": "a", "provisioningStatus": "On"}
MAPPINGS = {**FIRST, "mappings": "b"}
SEVERAL = {**MAPPINGS, "assignments": "b"}
NOW_OFF = {**FIRST, "provisioningStatus": "Off"}
CYCLE = [{"completedUnits": 1, "totalUnits": 5}]
RUNS, RUNS_A_CYCLE, PAUSED = job(), job(progress=CYCLE), job(schedule="Paused")


def resource(api: OneJob, changes: PausedChanges) -> SynchronizationJob:
    """In a run whose refresh found the first configuration."""
    times = itertools.count()

    async def sleep(_seconds: float) -> None:
        return

    changes.of(REF.service_principal).completed = FIRST
    return SynchronizationJob(api, Consistency(clock=lambda: float(next(times)), sleep=sleep), changes)


async def converge(act: str, api: OneJob, changes: PausedChanges, configuration: dict[str, Any]) -> None:
    wanted = SynchronizationJobInputs.model_validate({**WHERE, "configuration": configuration})
    if act == "create":
        await resource(api, changes).create("", wanted)
    else:
        old = {**WHERE, "configuration": FIRST}
        await resource(api, changes).update("", f"{REF.service_principal}/{REF.job}", old, wanted)


@pytest.mark.parametrize("act", ["create", "update"])
@pytest.mark.parametrize(
    ("live", "configuration", "done", "lines", "restart"),
    [
        (RUNS, FIRST, [], 0, None),
        (RUNS, MAPPINGS, [], 0, None),
        (RUNS, SEVERAL, ["pause"], 1, REEVALUATE),
        (RUNS, NOW_OFF, ["pause"], 0, None),
        (RUNS_A_CYCLE, NOW_OFF, ["pause"], 0, None),
        (PAUSED, NOW_OFF, [], 0, None),
    ],
    ids=["nothing", "one write", "several writes", "off", "off in a cycle", "off already"],
)
async def test_a_job_is_paused_for_several_writes_or_when_off(
    act: str, live: Job, configuration: dict[str, Any], done: list[str], lines: int, restart: Any, told: Told
) -> None:
    api, changes = OneJob(live), PausedChanges()
    await converge(act, api, changes, configuration)
    assert (api.done, len(told.lines), changes.of(REF.service_principal).restart) == (done, lines, restart)


async def test_several_writes_to_a_paused_job_owe_a_restart() -> None:
    api, changes = OneJob(PAUSED), PausedChanges()
    await converge("update", api, changes, SEVERAL)
    assert (api.done, changes.of(REF.service_principal).restart) == ([], REEVALUATE)


@pytest.mark.parametrize("configuration", [SEVERAL, NOW_OFF])
async def test_a_job_that_a_replica_shows_as_off_is_paused(configuration: dict[str, Any]) -> None:
    api = OneJob(RUNS)
    api.late = [PAUSED]
    await converge("update", api, PausedChanges(), configuration)
    assert (api.done, api.is_on) == (["pause"], False)
