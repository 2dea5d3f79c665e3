"""A job's status around cycles, when cycles run, and what survives a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from eptura_scim.local_entra import CycleError, StateCorruptError
from eptura_scim.local_entra.storage.event_log import Journal
from eptura_scim.local_entra.synchronization.cycle_memory import CycleState, Escrow, Link
from tests.integration.local_entra.cycle_tenant import BEGINNING, CycleTenant

NEVER = "0001-01-01T00:00:00Z"
USERS = "User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUPS = "Group to urn:ietf:params:scim:schemas:core:2.0:Group"


async def test_the_status_of_a_job_that_ran() -> None:
    tenant = CycleTenant()
    tenant.group("floor", tenant.user("ann"))
    assert tenant.status["code"] == "NotRun"
    await tenant.cycle()

    status = tenant.status
    began = "2026-03-02T08:00:00.0000000Z"
    assert status["code"] == "Active"
    assert (status["steadyStateFirstAchievedTime"], status["steadyStateLastAchievedTime"]) == (began, began)
    assert status["synchronizedEntryCountByType"] == [{"key": GROUPS, "value": 1}, {"key": USERS, "value": 1}]
    assert (status["quarantine"], status["progress"], status["escrowsPruned"]) == (None, [], False)
    # Microsoft Graph, synchronizationTaskExecution: these fields and no others.
    assert {**status["lastExecution"], "activityIdentifier": "id"} == {
        "activityIdentifier": "id",
        "countEntitled": 2,
        "countEntitledForProvisioning": 2,
        "countEscrowed": 0,
        "countEscrowedRaw": 0,
        "countExported": 2,
        "countExports": 2,
        "countImported": 2,
        "countImportedDeltas": 0,
        "countImportedReferenceDeltas": 1,
        "state": "Succeeded",
        "error": None,
        "timeBegan": began,
        "timeEnded": began,
    }
    assert status["lastSuccessfulExecution"].keys() == status["lastExecution"].keys()
    # Published output has no id and no beginning there.
    assert status["lastSuccessfulExecution"]["activityIdentifier"] is None
    assert status["lastSuccessfulExecution"]["timeBegan"] == NEVER
    assert status["lastSuccessfulExecutionWithExports"]["countExported"] == 2


async def test_executions_without_exports_keep_the_last_with_exports() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    await tenant.cycle()
    await tenant.pass_time(hours=1)
    status = tenant.status
    assert status["lastExecution"]["countExported"] == 0
    assert status["lastSuccessfulExecution"]["timeEnded"] > status["lastSuccessfulExecutionWithExports"]["timeEnded"]
    assert status["steadyStateLastAchievedTime"] > status["steadyStateFirstAchievedTime"]


async def test_deleted_objects_still_count() -> None:
    # "Check the status of user provisioning": the count doesn't go down.
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.delete_user(ann)
    tenant.people.purge(ann)
    await tenant.cycle()
    assert tenant.status["synchronizedEntryCountByType"] == [{"key": USERS, "value": 1}]


async def test_a_day_has_37_cycles_40_minutes_apart() -> None:
    tenant = CycleTenant()
    reports = await tenant.pass_time(days=1)
    assert [report.began - BEGINNING for report in reports] == [timedelta(minutes=40) * number for number in range(37)]
    assert [report.kind for report in reports] == ["initial", *["incremental"] * 36]
    assert tenant.now == BEGINNING + timedelta(days=1)


async def test_progress_is_seen_in_pages_while_a_cycle_runs() -> None:
    tenant = CycleTenant()
    for number in range(150):
        tenant.user(f"u{number}")
    seen = []

    def look(request: httpx.Request) -> None:
        seen.append(tenant.status["progress"])

    tenant.answers.append(look)
    await tenant.cycle()
    assert seen[0] == []
    assert {key: seen[-1][0][key] for key in ("completedUnits", "totalUnits", "units")} == {
        "completedUnits": 1,
        "totalUnits": 2,
        "units": "pages",
    }
    assert tenant.status["progress"] == []


async def test_a_job_that_is_stopped_runs_no_further_cycle() -> None:
    tenant = CycleTenant()
    await tenant.cycle()
    tenant.portal.stop()
    assert await tenant.pass_time(days=1) == []
    with pytest.raises(CycleError, match="provisioning is not on"):
        await tenant.cycle()

    tenant.user("ann")
    tenant.portal.start()
    assert tenant.status["code"] == "Active"
    assert [report.kind for report in await tenant.pass_time(minutes=1)] == ["incremental"]
    assert tenant.user_names() == {"ann"}

    tenant.portal.stop()
    tenant.portal.start()
    assert len(await tenant.pass_time(minutes=1)) == 1, "a start does not wait for the interval"


async def test_a_running_cycle_finishes_after_the_job_is_stopped() -> None:
    # "Known issues", Provisioning cycle continues until completion.
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.user("bob")

    def stop(request: httpx.Request) -> None:
        if request.method == "POST":
            tenant.portal.stop()

    tenant.answers.append(stop)
    await tenant.cycle()
    assert (tenant.user_names(), tenant.status["code"]) == ({"ann", "bob"}, "Paused")
    assert tenant.entra.provisioning.next_run() is None


async def test_a_job_that_is_deleted_while_its_cycle_runs_is_gone() -> None:
    tenant = CycleTenant()
    tenant.user("ann")

    def delete(request: httpx.Request) -> None:
        if request.method == "POST":
            tenant.portal.delete_job()

    tenant.answers.append(delete)
    await tenant.cycle()
    assert tenant.entra.provisioning.requests
    with pytest.raises(CycleError, match="0 synchronization jobs"):
        await tenant.cycle()


async def test_a_job_that_is_deleted_while_its_cycle_fails_is_gone() -> None:
    tenant = CycleTenant()
    tenant.user("ann")

    def delete(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        tenant.portal.delete_job()
        return httpx.Response(401)

    tenant.answers.append(delete)
    assert (await tenant.tried()).error is not None
    assert tenant.portal.jobs() == []


async def test_a_due_job_deleted_during_another_cycle_does_not_run() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.portal.create_application("Other")
    other = tenant.portal.of("Other")
    other.create_job()
    other.set_tenant_url(tenant.entra.scim.url)
    other.set_secret_token(tenant.entra.scim.token)
    other.start()

    def delete(request: httpx.Request) -> None:
        if request.method == "POST":
            other.delete_job()

    tenant.answers.append(delete)
    assert [report.of("Create") for report in await tenant.entra.provisioning.run_due()] == [["ann@contoso.example"]]


async def test_a_restart_while_a_cycle_runs_counts_for_the_next_one() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "Bell"})

    def restart(request: httpx.Request) -> None:
        if request.method == "PATCH":
            tenant.portal.restart()

    tenant.answers.append(restart)
    assert (await tenant.cycle()).kind == "incremental"
    tenant.answers.clear()
    assert (await tenant.cycle()).kind == "initial"


async def test_two_cycles_of_a_job_do_not_run_at_once() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    refused = []

    def again(request: httpx.Request) -> None:
        if request.method == "POST":
            refused.append(asyncio.ensure_future(tenant.entra.provisioning.run_cycle()))

    tenant.answers.append(again)
    await tenant.cycle()
    with pytest.raises(CycleError, match="is running"):
        await refused[0]
    assert len(tenant.resources()) == 1


async def test_the_job_has_to_be_named_when_there_are_several() -> None:
    tenant = CycleTenant()
    other = tenant.portal.create_application("Other")
    tenant.portal.of("Other").create_job()
    with pytest.raises(CycleError, match="has 2 synchronization jobs"):
        await tenant.entra.provisioning.run_cycle()
    with pytest.raises(CycleError, match="not on"):
        await tenant.entra.provisioning.run_cycle(other)
    assert await tenant.cycle()


def test_what_a_job_remembers_survives_and_is_kept_short(tmp_path: Path) -> None:
    path = tmp_path / "cycles.jsonl"
    state = CycleState(Journal(path))
    state.put_link("g", Link("Group", "t"))
    state.see_members("g", {"a": "ta", "b": None}, ())
    state.see_members("g", {}, ["b"])
    escrow = Escrow("User", "u", "EntryConflict", "no", BEGINNING, 2, BEGINNING + timedelta(hours=12))
    state.put_escrow(escrow)
    state.put_escrow(Escrow("Group", "g", "x", "", BEGINNING, 1, BEGINNING, reference=True))
    state.settle("g#members")
    for number in range(2000):
        state.mark(number)

    again = CycleState(Journal(path))
    assert again.links == {"g": Link("Group", "t", members={"a": "ta"})}
    assert (again.escrows, again.watermark) == ({"u": escrow}, 1999)
    assert len(path.read_text().splitlines()) == 3

    CycleState(Journal(path)).forget()
    assert CycleState(Journal(path)).links == {}


def test_a_state_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cycles.jsonl"
    path.write_text('{"who": "knows"}\n')
    with pytest.raises(StateCorruptError, match="line 1"):
        CycleState(Journal(path))
    assert path.read_text() == '{"who": "knows"}\n'
