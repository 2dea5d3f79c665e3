"""What a run compares its configuration with where no refresh tells what the last one declared: after an import."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.applications import Applications, Assignment
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.secrets import MASKED
from eptura_scim.graph.synchronization import Job
from eptura_scim.provider.job_state import SynchronizationJobState
from eptura_scim.provider.live_configuration import live_configuration
from eptura_scim.provider.paused_changes import PausedChanges
from eptura_scim.provider.synchronization_job import SynchronizationJob
from tests.unit.job_samples import NEVER_RAN, REF, job
from tests.unit.one_job import HERE, OneJob

WHERE = {"servicePrincipalId": REF.service_principal, "templateId": "scim"}
RUNS, PAUSED, NEW = job(), job(schedule="Paused"), job(schedule="Paused", **NEVER_RAN)
COUNTS = [(("configuration",), "update")]


class Unassigned(Applications):
    """No user or group is assigned."""

    def __init__(self) -> None:
        pass

    async def assignments(self, principal: ServicePrincipalId) -> list[Assignment]:
        return []


class Live(OneJob):
    """A job whose whole configuration can be read."""

    def __init__(self, live: Job, address: str = HERE) -> None:
        super().__init__(live, address)
        self.applications = Unassigned()


@pytest.mark.parametrize(
    ("live", "address", "status"), [(RUNS, HERE, "On"), (PAUSED, HERE, "Off"), (NEW, HERE, None), (RUNS, MASKED, None)]
)
async def test_what_a_cycle_may_have_seen_is_read(live: Job, address: str, status: str | None) -> None:
    found = await live_configuration(Live(live, address), REF)
    assert (found and found.provisioning_status) == status


async def other_than_live() -> dict[str, Any]:
    found = await live_configuration(Live(RUNS), REF)
    assert found is not None
    return {**found.model_dump(by_alias=True), "mappings": "b", "assignments": "b"}


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("template", ["scim", "other"])
async def test_an_imported_job_is_compared_with_what_entra_has(is_known: bool, template: str) -> None:
    changes = PausedChanges()
    resource, declared = SynchronizationJob(Live(RUNS), changes=changes), await other_than_live()
    if is_known:
        changes.of(REF.service_principal).completed = declared
    state = {**WHERE, "templateId": template, "configuration": declared}
    assert await resource.problems("urn", state, state) == []
    assert resource.differences(state, state) == (COUNTS if not is_known and template == "scim" else [])


async def test_a_job_outside_the_state_is_compared_by_its_create() -> None:
    resource, declared = SynchronizationJob(Live(RUNS), changes=PausedChanges()), await other_than_live()
    state = {**WHERE, "configuration": declared}
    assert await resource.problems("urn", {}, state) == []
    assert resource.differences(state, state) == []


async def test_the_job_of_the_program_says_what_its_state_declares() -> None:
    changes = PausedChanges()
    declared, where = await other_than_live(), {"servicePrincipalId": REF.service_principal}
    await SynchronizationJob(Live(RUNS), changes=changes).problems("urn", {}, {**WHERE, "configuration": declared})
    state = SynchronizationJobState(changes=changes)
    assert state.preprocess_inputs("", {"configuration": {}}, where) == {"configuration": {}}
    assert state.preprocess_inputs("", {"configuration": {"secrets": "ignored"}}, where) == {"configuration": declared}
