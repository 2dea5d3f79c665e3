"""A restart waits until Entra shows the assignments that the program declares: without them it would disable users."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.applications import Assignment
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import ConflictError, ForbiddenError, GraphError
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.synchronization import Job
from eptura_scim.provider.configuration import Configuration, digest_of_assigned
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from eptura_scim.provider.paused_changes import PausedChanges
from tests.unit.job_samples import NEVER_RAN, REF, job
from tests.unit.one_job import OneJob

BOTH = digest_of_assigned(["ann", "bob"])


class AssignedJob(OneJob):
    """A job whose application has assignments: each read takes the next answer, the last answer stays."""

    def __init__(self, live: Job, *answers: list[str] | GraphError, sync_all: str = "false") -> None:
        super().__init__(live)
        self._answers, self._sync_all = [*answers], sync_all
        self.applications = self  # type: ignore[assignment]

    async def secrets(self, service_principal: ServicePrincipalId) -> dict[str, str]:
        return {**await super().secrets(service_principal), "SyncAll": self._sync_all}

    async def assignments(self, _principal: ServicePrincipalId) -> list[Assignment]:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, GraphError):
            raise answer
        return [Assignment.of({"id": name, "principalId": name, "principalType": "User"}) for name in answer]


async def _started(api: AssignedJob, declared: str) -> list[str]:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    changes = PausedChanges()
    changes.of(REF.service_principal).parts.add("secrets")
    state = SynchronizationJobState(api, Consistency(clock=lambda: sum(waited), sleep=sleep), changes)
    given: dict[str, Any] = {"service_principal_id": REF.service_principal, "job_id": REF.job}
    wanted = JobStateInputs(configuration=Configuration(assignments=declared), **given)
    await state.update("", "", {"provisioningStatus": "Off"}, wanted)
    return api.done


@pytest.mark.parametrize("shown", [[], ["ann"], ["ann", "cid"]])
async def test_a_job_is_not_restarted_without_an_assignment(shown: list[str]) -> None:
    api = AssignedJob(job(schedule="Paused"), shown)
    with pytest.raises(ConflictError, match=r"was not restarted, because Entra does not show [12] of the assignments"):
        await _started(api, BOTH)
    assert (api.done, api.is_on) == ([], False)


@pytest.mark.parametrize(
    ("api", "declared"),
    [
        (AssignedJob(job(schedule="Paused"), ["bob", "ann", "cid"]), BOTH),
        (AssignedJob(job(schedule="Paused"), ["ann"], ["ann", "bob"]), BOTH),
        (AssignedJob(job(schedule="Paused"), ForbiddenError("403")), BOTH),
        (AssignedJob(job(schedule="Paused"), [], sync_all="true"), BOTH),
        (AssignedJob(job(schedule="Paused"), []), ""),
        (AssignedJob(job(schedule="Paused"), []), "all of Sales, version 2"),
        (AssignedJob(job(schedule="Paused", **NEVER_RAN), []), BOTH),
    ],
    ids=["all are assigned", "a late replica", "no permission", "scope all", "none declared", "other text", "new job"],
)
async def test_a_job_is_started_in_every_other_case(api: AssignedJob, declared: str) -> None:
    assert (await _started(api, declared))[-1] == "start"
    assert api.is_on
