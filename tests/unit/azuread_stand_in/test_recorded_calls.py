"""The stand-in sends what the real plugin was recorded to send: the same calls, and no others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import httpx
import pytest

from eptura_scim.azuread_stand_in.application_from_template import ApplicationFromTemplate
from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.azuread_stand_in.get_application import get_application
from eptura_scim.azuread_stand_in.graph import Graph
from eptura_scim.azuread_stand_in.service_principal import ServicePrincipal
from eptura_scim.azuread_stand_in.synchronization_job import SynchronizationJob

RECORDINGS = Path(__file__).parents[2] / "fixtures" / "azuread-plugin-6.9.1"
HOST = "localhost:8443"
TEMPLATE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
APPLICATION = "6151297c-7821-44f4-87ec-c7036c515360"
PRINCIPAL = "a3a86aea-c049-4bc6-8d35-7ff8472dace9"
CLIENT = "b77a8d1b-90d9-4e7c-92c9-2bd9a054e2ce"
FIRST_JOB = "scim.ef3ff8b343dd470489f8bce62db1d880.38baf394-78ad-419c-a39b-7b2e6fea9266"
SECOND_JOB = "scim.f162fc2746dd4ee9b3d2b9e738c65816.af4ac7eb-d545-43ec-bfbc-1ff89e128fa9"

FROM_TEMPLATE_ID = f"/applicationTemplates/{TEMPLATE}/instantiate/{APPLICATION}/{PRINCIPAL}"
PRINCIPAL_ID = f"/servicePrincipals/{PRINCIPAL}"
FROM_TEMPLATE = {"displayName": "EpturaScimApplication", "templateId": TEMPLATE}
TAKEN_OVER = {
    "clientId": CLIENT,
    "useExisting": True,
    "appRoleAssignmentRequired": False,
    "notes": "managed",
    "featureTags": [{"customSingleSignOn": True, "enterprise": True}],
}
JOB = {"servicePrincipalId": PRINCIPAL_ID, "templateId": "scim", "enabled": False}


def job_id(job: str) -> str:
    return f"{PRINCIPAL_ID}/synchronization/jobs/{job}"


class RecordedCall(NamedTuple):
    method: str
    path: str
    body: Any

    @property
    def about(self) -> str:
        """What the call reads or writes: calls about the same thing keep their order, others are independent."""
        if "/synchronization/jobs" in self.path:
            return "job"
        return "principal" if "servicePrincipals" in self.path else self.path.split("/")[2]


class Replay(httpx.MockTransport):
    """Answers as recorded; refuses a call that was not recorded."""

    def __init__(self, recording: str) -> None:
        super().__init__(self._answer)
        lines = (RECORDINGS / recording).read_text("utf-8").splitlines()
        self._open = [(_call(line), line["status"], line["response"]) for line in _polled_once(map(json.loads, lines))]
        self.recorded = [call for call, _, _ in self._open]
        self.sent: list[RecordedCall] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        call = RecordedCall(request.method, request.url.raw_path.decode(), _body(request))
        self.sent.append(call)
        found = next((entry for entry in self._open if entry[0] == call), None)
        assert found, f"not recorded, or not as often: {call}"
        self._open.remove(found)
        _, status, response = found
        if response is None:
            return httpx.Response(status)
        return httpx.Response(status, json=json.loads(json.dumps(response).replace("HOST", HOST)))

    def assert_all_was_sent(self) -> None:
        assert not self._open, f"recorded, but not sent: {[entry[0] for entry in self._open]}"
        for about in {call.about for call in self.recorded}:
            assert [c for c in self.sent if c.about == about] == [c for c in self.recorded if c.about == about]


def _polled_once(lines: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The real plugin confirms a create or a delete by five equal reads: keep one of them."""
    for (method, _), group in groupby(lines, lambda line: (line["method"], line["path"])):
        run = list(group)
        yield from run[4:] if method == "GET" and len(run) >= 5 else run


def _call(line: dict[str, Any]) -> RecordedCall:
    body = line["request"]
    if isinstance(body, str):
        body = {name: values[0] for name, values in parse_qs(body.replace("HOST", HOST)).items()}
    return RecordedCall(line["method"], line["path"], body)


def _body(request: httpx.Request) -> Any:
    if request.headers.get("content-type") == "application/x-www-form-urlencoded":
        sent = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        return {name: "…" if name in ("client_id", "client_secret") else value for name, value in sent.items()}
    return json.loads(request.content) if request.content else None


class Machine:
    """The resources of one plugin process, on a replay."""

    def __init__(self, transport: Replay) -> None:
        environment = Environment(HOST, "22222222-2222-2222-2222-222222222222", "client", "secret", None)
        self.graph = Graph(environment, transport)
        self.application = ApplicationFromTemplate(self.graph)
        self.principal = ServicePrincipal(self.graph)
        self.job = SynchronizationJob(self.graph)

    async def refresh(self, job: str, known: dict[str, Any]) -> list[Any]:
        reads = (
            self.application.read(FROM_TEMPLATE_ID, FROM_TEMPLATE if known else {}),
            self.principal.read(PRINCIPAL_ID, known),
            self.job.read(job_id(job), JOB if known else {}),
        )
        return list(await asyncio.gather(*reads))

    async def look_up(self) -> dict[str, Any]:
        return await get_application({"objectId": APPLICATION}, self.graph)

    async def close(self) -> None:
        await self.graph.close()


async def up(machine: Machine) -> None:
    application = await machine.application.create("", machine.application.inputs.model_validate(FROM_TEMPLATE))
    assert application.id == FROM_TEMPLATE_ID
    assert application.outputs == {
        **FROM_TEMPLATE,
        "applicationId": f"/applications/{APPLICATION}",
        "applicationObjectId": APPLICATION,
        "servicePrincipalId": PRINCIPAL_ID,
        "servicePrincipalObjectId": PRINCIPAL,
    }
    assert (await machine.look_up())["clientId"] == CLIENT
    principal = await machine.principal.create("", machine.principal.inputs.model_validate(TAKEN_OVER))
    assert principal.id == PRINCIPAL_ID
    assert principal.outputs["displayName"] == "EpturaScimApplication"
    assert principal.outputs["notes"] == "managed"
    job = await machine.job.create("", machine.job.inputs.model_validate(JOB))
    assert job.id == job_id(FIRST_JOB)
    assert job.outputs == {**JOB, "schedules": [{"expiration": "", "interval": "PT40M", "state": "Disabled"}]}


async def refresh_without_changes(machine: Machine) -> None:
    found = await machine.refresh(FIRST_JOB, TAKEN_OVER)
    features = {"customSingleSignOn": True, "enterprise": True, "gallery": False, "hide": False}
    assert [_inputs(item) for item in found] == [FROM_TEMPLATE, {**TAKEN_OVER, "featureTags": [features]}, JOB]
    await machine.look_up()


async def refresh_with_job_deleted(machine: Machine) -> None:
    application, principal, job = await machine.refresh(FIRST_JOB, TAKEN_OVER)
    assert application and principal
    assert job is None
    await machine.look_up()


async def repair_of_the_job(machine: Machine) -> None:
    await refresh_with_job_deleted(machine)
    job = await machine.job.create("", machine.job.inputs.model_validate(JOB))
    assert job.id == job_id(SECOND_JOB)


async def refresh_with_principal_changed(machine: Machine) -> None:
    _, principal, _ = await machine.refresh(SECOND_JOB, {**TAKEN_OVER, "accountEnabled": True})
    assert _inputs(principal)["accountEnabled"] is False
    assert principal[1]["displayName"] == "renamed"
    await machine.look_up()


async def refresh_with_unset_field_changed(machine: Machine) -> None:
    _, principal, _ = await machine.refresh(SECOND_JOB, TAKEN_OVER)
    assert "accountEnabled" not in _inputs(principal)
    await machine.look_up()


async def imported(machine: Machine) -> None:
    application, principal, job = await machine.refresh(SECOND_JOB, {})
    assert _inputs(application) == FROM_TEMPLATE
    assert _inputs(job) == JOB
    assert _inputs(principal) == {
        "clientId": CLIENT,
        "accountEnabled": False,
        "appRoleAssignmentRequired": False,
        "notes": "managed",
        "featureTags": [{"customSingleSignOn": True, "enterprise": True, "gallery": False, "hide": False}],
    }


async def look_up_only(machine: Machine) -> None:
    assert (await machine.look_up())["id"] == f"/applications/{APPLICATION}"


async def destroy(machine: Machine) -> None:
    await machine.job.delete(job_id(SECOND_JOB), JOB)
    await machine.principal.delete(PRINCIPAL_ID, TAKEN_OVER)
    await machine.application.delete(FROM_TEMPLATE_ID, FROM_TEMPLATE)


def _inputs(found: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = found[0].model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    return inputs


@pytest.mark.parametrize(
    ("recording", "processes"),
    [
        ("1-up.jsonl", [up]),
        ("2-preview-refresh.jsonl", [refresh_without_changes]),
        ("3-job-deleted-in-portal.jsonl", [refresh_with_job_deleted]),
        ("4-repair.jsonl", [repair_of_the_job]),
        ("5-sp-changed.jsonl", [refresh_with_principal_changed]),
        ("6-repair.jsonl", [refresh_with_unset_field_changed]),
        ("7-import.jsonl", [imported, imported]),
        ("8-preview-after-import.jsonl", [look_up_only]),
        ("9-destroy.jsonl", [destroy]),
    ],
)
async def test_the_stand_in_sends_the_recorded_calls_and_no_others(
    recording: str, processes: list[Callable[[Machine], Awaitable[None]]]
) -> None:
    replay = Replay(recording)
    for process in processes:
        machine = Machine(replay)
        await process(machine)
        await machine.close()
    replay.assert_all_was_sent()


async def test_every_recording_starts_with_metadata_and_token() -> None:
    replay = Replay("8-preview-after-import.jsonl")
    machine = Machine(replay)
    await machine.look_up()
    await machine.close()
    assert [call.path for call in replay.sent[:2]] == [
        "/metadata/endpoints?api-version=2022-09-01",
        "/22222222-2222-2222-2222-222222222222/oauth2/v2.0/token",
    ]
