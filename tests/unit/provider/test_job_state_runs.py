"""What becomes of a job that is started, restarted, paused or read, as Graph has it afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import ConflictError, ForbiddenError, GraphError, NotFoundError, ReplyError
from eptura_scim.graph.secrets import MASKED
from eptura_scim.graph.synchronization import Job, ResetScope
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.provider.configuration import Configuration
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from eptura_scim.provider.paused_changes import REEVALUATE, RELINK, PausedChanges
from tests.unit.job_samples import NEVER_RAN, REF, job, quarantine
from tests.unit.one_job import HERE, TEMPLATE, OneJob
from tests.unit.told import Told

ELSEWHERE = "https://old.example/scim"
FIRST = Configuration(secrets="a", mappings="a", assignments="a")
OTHER_SCOPE = FIRST.model_copy(update={"secrets": "b"})
OTHER_MAPPINGS = FIRST.model_copy(update={"mappings": "b"})
RESTARTED = f"restart {' '.join(REEVALUATE)}"
RELINKED = f"restart {' '.join(RELINK)}"


def state_of(api: OneJob) -> SynchronizationJobState:
    """In a run that has written the connection and the mappings."""
    changes = PausedChanges()
    for group in ("secrets", "mappings"):
        changes.of(REF.service_principal).parts.add(group)
    return SynchronizationJobState(api, _without_waiting(), changes)


def _without_waiting() -> Consistency:
    times: Iterator[int] = itertools.count()

    async def sleep(_seconds: float) -> None:
        return

    return Consistency(clock=lambda: float(next(times)), sleep=sleep)


def declared(status: Literal["On", "Off"], configuration: Configuration | None = FIRST, **more: Any) -> JobStateInputs:
    return JobStateInputs(
        service_principal_id=REF.service_principal,
        job_id=REF.job,
        provisioning_status=status,
        configuration=configuration,
        **more,
    )


def recorded(status: str, **outputs: Any) -> dict[str, Any]:
    """The state after a run with the first configuration."""
    return {
        "servicePrincipalId": REF.service_principal,
        "jobId": REF.job,
        "provisioningStatus": status,
        "configuration": FIRST.model_dump(by_alias=True),
        **outputs,
    }


RUNS = job()
PAUSED = job(schedule="Paused")
NEW = job(schedule="Paused", **NEVER_RAN)
QUARANTINED = job("Quarantine", quarantine=quarantine("EncounteredQuarantineException"))


@pytest.mark.parametrize(
    ("live", "was", "wanted", "configuration", "done"),
    [
        (RUNS, "On", "On", FIRST, []),
        (RUNS, "On", "On", OTHER_MAPPINGS, []),
        (RUNS, "On", "On", OTHER_SCOPE, [RESTARTED]),
        (RUNS, "On", "On", None, []),
        (RUNS, "On", "Off", FIRST, ["pause"]),
        (RUNS, "On", "Off", OTHER_SCOPE, ["pause"]),
        (PAUSED, "On", "Off", FIRST, []),
        (PAUSED, "On", "On", FIRST, [RESTARTED, "start"]),
        (PAUSED, "On", "On", OTHER_SCOPE, [RESTARTED, "start"]),
        (PAUSED, "Off", "On", FIRST, [RESTARTED, "start"]),
        (NEW, "Off", "On", FIRST, ["start"]),
        (NEW, "On", "On", OTHER_SCOPE, ["start"]),
        (QUARANTINED, "On", "On", FIRST, ["start"]),
        (QUARANTINED, "On", "On", OTHER_SCOPE, [RESTARTED, "start"]),
    ],
)
async def test_a_job_is_started_or_paused_where_that_changes_it(
    live: Job, was: str, wanted: Literal["On", "Off"], configuration: Configuration | None, done: list[str]
) -> None:
    api = OneJob(live)
    await state_of(api).update("", "", recorded(was), declared(wanted, configuration))
    assert api.done == done
    assert api.is_on is (wanted == "On")


@pytest.mark.parametrize("planned", [None, REEVALUATE, RELINK])
@pytest.mark.parametrize("noted", [None, HERE, f"{HERE}?flag", ELSEWHERE])
@pytest.mark.parametrize("in_the_state", [True, False])
async def test_links_to_another_address_are_forgotten(
    planned: tuple[ResetScope, ...] | None, noted: str | None, in_the_state: bool
) -> None:
    api = OneJob(PAUSED)
    state = state_of(api)
    if planned:
        state.changes.of(REF.service_principal).plan(planned)
    if not in_the_state:
        state.changes.of(REF.service_principal).note_linked(noted)
    old = recorded("On", linkedTo=noted) if in_the_state else recorded("On")
    outputs = await state.update("", "", old, declared("On"))
    is_relinked = planned == RELINK or noted == ELSEWHERE
    assert api.done == [RELINKED if is_relinked else RESTARTED, "start"]
    assert outputs == {"linkedTo": HERE}
    assert state.changes.of(REF.service_principal).restart is None


async def test_an_unknown_address_forgets_no_links() -> None:
    api = OneJob(PAUSED, address="")
    assert await state_of(api).update("", "", recorded("On", linkedTo=ELSEWHERE), declared("On")) == {}
    assert api.done == [RESTARTED, "start"]


async def test_a_late_answer_after_a_restart_leaves_no_job_paused() -> None:
    api = OneJob(PAUSED)
    api.late = [PAUSED, RUNS]
    await state_of(api).update("", "", recorded("On"), declared("On"))
    assert (api.done, api.is_on) == ([RESTARTED, "start"], True)


@pytest.mark.parametrize("was", ["On", "Off"])
async def test_a_job_started_by_hand_while_off_is_restarted(was: str) -> None:
    api = OneJob(RUNS)
    off = FIRST.model_copy(update={"provisioning_status": "Off"})
    old = {**recorded(was), "configuration": off.model_dump(by_alias=True)}
    await state_of(api).update("", "", old, declared("On"))
    assert api.done == [RESTARTED]


async def test_no_start_follows_a_restart_that_starts_the_job() -> None:
    api = OneJob(PAUSED)
    api.starts_by_restart = True
    api.late = [PAUSED]
    await state_of(api).update("", "", recorded("On"), declared("On"))
    assert (api.done, api.is_on) == ([RESTARTED], True)


@pytest.mark.parametrize(("wanted", "linked"), [("Off", ELSEWHERE), ("On", ELSEWHERE), ("Off", None), ("On", None)])
async def test_a_job_that_is_left_as_it_is_keeps_its_address(wanted: Literal["On", "Off"], linked: str | None) -> None:
    api = OneJob(RUNS if wanted == "On" else PAUSED)
    outputs = await state_of(api).update("", "", recorded(wanted, linkedTo=linked), declared(wanted))
    known = linked or (HERE if wanted == "On" else None)
    assert outputs == ({"linkedTo": known} if known else {})
    assert api.done == []


async def test_a_masked_address_is_the_declared_one() -> None:
    state = state_of(OneJob(PAUSED, address=MASKED))
    state.changes.of(REF.service_principal).address = ELSEWHERE
    assert await state.update("", "", recorded("On"), declared("On")) == {"linkedTo": ELSEWHERE}


@pytest.mark.parametrize("live", [NEW, PAUSED])
async def test_a_job_with_other_external_ids_is_not_started(live: Job) -> None:
    api = OneJob(live, schema=TEMPLATE)
    with pytest.raises(ResourceError, match=r"was not started: users\.externalId comes from \[mailNickname\]"):
        await state_of(api).update("", "", recorded("Off"), declared("On"))
    assert api.done == []


@pytest.mark.parametrize(
    ("live", "was", "wanted", "late", "done"),
    [
        (PAUSED, "Off", "On", RUNS, [RESTARTED, "start"]),
        (RUNS, "On", "Off", PAUSED, ["pause"]),
        (PAUSED, "On", "On", RUNS, [RESTARTED, "start"]),
        (RUNS, "Off", "Off", PAUSED, ["pause"]),
    ],
)
async def test_an_answer_that_leaves_nothing_to_do_is_confirmed(
    live: Job, was: str, wanted: Literal["On", "Off"], late: Job, done: list[str]
) -> None:
    api = OneJob(live)
    api.late = [late]
    await state_of(api).update("", "", recorded(was), declared(wanted))
    assert api.done == done


@pytest.mark.parametrize(("live", "wanted"), [(PAUSED, "On"), (RUNS, "Off")])
async def test_a_run_ends_when_entra_shows_the_new_status(live: Job, wanted: Literal["On", "Off"]) -> None:
    api = OneJob(live)
    api.starts_by_restart = True
    api.late = [live, live, live, live]
    await state_of(api).update("", "", recorded("On" if wanted == "Off" else "Off"), declared(wanted))
    assert api.late == []
    api = OneJob(live)
    api.late = [live] * 999
    with pytest.raises(ReplyError, match=f"Entra does not show provisioning as {wanted}"):
        await state_of(api).update("", "", recorded("On" if wanted == "Off" else "Off"), declared(wanted))


@pytest.mark.parametrize("error", [ConflictError("409"), ForbiddenError("403"), NotFoundError("404")])
@pytest.mark.parametrize("act", ["create", "update", "delete"])
async def test_a_change_of_the_status_waits_for_consistency(error: GraphError, act: str) -> None:
    api = OneJob(RUNS if act == "delete" else NEW)
    api.failures = [error]
    state = state_of(api)
    match act:
        case "create":
            await state.create("", declared("On"))
        case "update":
            await state.update("", "", recorded("Off"), declared("On"))
        case _:
            await state.delete(f"{REF.service_principal}/{REF.job}", recorded("On"))
    assert (api.done, api.is_on) == (["pause"], False) if act == "delete" else (["start"], True)


async def test_a_deleted_resource_hands_on_the_address_of_the_links() -> None:
    state = state_of(OneJob(RUNS))
    await state.delete(f"{REF.service_principal}/{REF.job}", recorded("On", linkedTo=ELSEWHERE))
    assert state.changes.of(REF.service_principal).linked == ELSEWHERE


async def read(api: OneJob, last: dict[str, Any]) -> tuple[JobStateInputs, dict[str, Any], PausedChanges]:
    state = state_of(api)
    found = await state.read(f"{REF.service_principal}/{REF.job}", last)
    assert found is not None
    return *found, state.changes


@pytest.mark.parametrize("last", ["On", "Off", None])
@pytest.mark.parametrize("late", [RUNS, PAUSED])
async def test_a_refresh_confirms_what_one_replica_shows(last: str | None, late: Job) -> None:
    api = OneJob(PAUSED if late is RUNS else RUNS)
    if last != ("On" if late is RUNS else "Off"):
        api.late = [late]
    inputs, *_ = await read(api, recorded(last) if last else {})
    assert inputs.provisioning_status == ("Off" if late is RUNS else "On")


@pytest.mark.parametrize(
    ("last", "live", "linked"),
    [
        (recorded("On", linkedTo=ELSEWHERE), RUNS, ELSEWHERE),
        (recorded("On", linkedTo=ELSEWHERE), NEW, ELSEWHERE),
        (recorded("On"), RUNS, HERE),
        (recorded("Off"), PAUSED, HERE),
        (recorded("Off"), NEW, None),
        ({}, RUNS, HERE),
    ],
)
async def test_a_refresh_keeps_the_address_of_the_links(last: dict[str, Any], live: Job, linked: str | None) -> None:
    inputs, outputs, changes = await read(OneJob(live), last)
    assert outputs == ({"linkedTo": linked} if linked else {})
    assert changes.of(REF.service_principal).linked == linked
    assert changes.of(REF.service_principal).completed == last.get("configuration")
    assert inputs.configuration == (FIRST if last else None)


@pytest.mark.parametrize(("unknown", "linked"), [(0, HERE), (1, HERE), (2, None)])
async def test_an_address_is_unknown_when_two_reads_find_none(unknown: int, linked: str | None) -> None:
    api = OneJob(PAUSED)
    api.starts_by_restart = True
    api.unknown_secrets = unknown
    outputs = await state_of(api).update("", "", recorded("On"), declared("On"))
    assert outputs == ({"linkedTo": linked} if linked else {})


@pytest.mark.parametrize(("unknown", "is_gone"), [(1, False), (2, True)])
async def test_a_job_is_gone_when_two_reads_find_none(unknown: int, is_gone: bool) -> None:
    api = OneJob(RUNS)
    api.unknown = unknown
    found = await state_of(api).read(f"{REF.service_principal}/{REF.job}", recorded("On"))
    assert (found is None) is is_gone


async def test_deleting_the_state_of_a_job_that_is_gone_succeeds() -> None:
    api = OneJob(RUNS)
    api.unknown = 999
    await state_of(api).delete(f"{REF.service_principal}/{REF.job}", recorded("On"))
    assert api.done == []


@pytest.mark.parametrize("deletes", [True, False])
async def test_paused_jobs_count_where_other_jobs_are_deleted(deletes: bool) -> None:
    api = OneJob(RUNS)
    api.listed = [job(schedule=state).model_copy(update={"id": state}) for state in ("Paused", "Active")]
    inputs, *_ = await read(api, recorded("On", deleteOtherJobs=deletes))
    assert inputs.other_jobs == (["Active", "Paused"] if deletes else ["Active"])
    assert inputs.delete_other_jobs is deletes


SINCE = {"seriesBegan": "2026-11-23T12:00:00Z"}


@pytest.mark.parametrize(
    ("found", "schedule", "said"),
    [
        (None, "Active", None),
        ({"reason": "A", "error": {"message": "b."}, **SINCE}, "Active", " since 2026-11-23 (A: b.). "),
        ({"reason": "A", "error": {"message": ""}, **SINCE}, "Active", " since 2026-11-23 (A). "),
        ({"reason": "A"}, "Active", " (A). "),
        (
            {"reason": "A", "error": None, **SINCE},
            "Disabled",
            " since 2026-11-23 (A), and it is off: Entra disables it after four weeks. ",
        ),
    ],
)
async def test_a_refresh_says_why_a_job_is_in_quarantine(
    found: dict[str, Any] | None, schedule: str, said: str | None, told: Told
) -> None:
    inputs, *_ = await read(
        OneJob(job("Quarantine" if found else "Active", schedule, quarantine=found)), recorded("On")
    )
    assert [text.partition("`eptura-scim")[0] for text in told.warnings] == (
        [f"provisioning is in quarantine{said}"] if said else []
    )
    assert inputs.provisioning_status == ("On" if found is None else "Quarantine" if schedule == "Active" else "Off")
