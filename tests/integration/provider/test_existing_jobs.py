"""A job that exists is taken over, paused before a change, or deleted: what is read of it, and what is waited for."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.errors import GraphError
from eptura_scim.local_entra import Fault
from eptura_scim.provider.base import parse_id
from eptura_scim.provider.synchronization_job import SynchronizationJobInputs
from tests.integration.provider.conftest import ProviderFixture

BEFORE = {"secrets": "a", "mappings": "a", "assignments": "", "provisioningStatus": "On"}
AFTER = {**BEFORE, "secrets": "b", "mappings": "b"}


async def _take_over(provider: ProviderFixture, configuration: dict[str, Any]) -> list[str]:
    """The calls that it takes; the job is the one that exists."""
    calls = len(list(provider.entra.calls))
    inputs = {"servicePrincipalId": provider.principal, "configuration": configuration}
    made = await provider.synchronization_job.create("", SynchronizationJobInputs.model_validate(inputs))
    assert parse_id(made.id).job == provider.job
    return [call.action for call in list(provider.entra.calls)[calls:]]


async def test_a_running_job_is_paused_if_several_settings_change(default_provider: ProviderFixture) -> None:
    await default_provider.provision()
    await _take_over(default_provider, AFTER)
    assert default_provider.portal.job()["schedule"]["state"] != "Active"


async def test_the_last_whole_run_counts_where_entra_cannot_be_read(default_provider: ProviderFixture) -> None:
    await default_provider.provision()
    default_provider.synchronization_job.changes.of(default_provider.principal).completed = BEFORE
    default_provider.entra.faults.add(Fault(method="GET", path="/(secrets|schema)$", status=403, times=99))
    await _take_over(default_provider, AFTER)
    assert default_provider.portal.job()["schedule"]["state"] != "Active"


async def test_a_stopped_job_is_taken_over_without_more_reads(default_provider: ProviderFixture) -> None:
    await default_provider.provision("Off")
    assert await _take_over(default_provider, AFTER) == ["jobs", default_provider.job]


@pytest.mark.parametrize("changes", [{"secrets": "b", "mappings": "b"}, {"provisioningStatus": "Off"}])
@pytest.mark.parametrize("status", [403, 404, 409])
async def test_a_pause_before_a_change_waits_for_consistency(
    default_provider: ProviderFixture, status: int, changes: dict[str, str]
) -> None:
    provider = default_provider
    await provider.provision()
    provider.entra.faults.add(Fault(path="/pause$", status=status, times=2))
    inputs = {"servicePrincipalId": provider.principal, "configuration": {**BEFORE, **changes}}
    await provider.synchronization_job.update(
        "", provider.id, {"configuration": BEFORE}, SynchronizationJobInputs.model_validate(inputs)
    )
    assert provider.portal.job()["schedule"]["state"] != "Active"


@pytest.mark.parametrize("status", [403, 404, 409])
async def test_a_deletion_of_the_job_waits_for_consistency(default_provider: ProviderFixture, status: int) -> None:
    default_provider.entra.faults.add(Fault(method="DELETE", status=status))
    await default_provider.synchronization_job.delete(default_provider.id, {})
    assert default_provider.portal.jobs() == []


@pytest.mark.parametrize(
    "fault",
    [Fault(kind="reset", applied=True), Fault(kind="truncate"), Fault(kind="garble"), Fault(status=500, applied=True)],
    ids=["lost", "truncated", "no JSON", "500"],
)
async def test_a_job_whose_answer_is_lost_is_found_and_made_once(
    default_provider: ProviderFixture, fault: Fault
) -> None:
    provider = default_provider
    provider.portal.delete_job()
    provider.entra.faults.add(fault.model_copy(update={"method": "POST", "path": "/jobs$"}))
    inputs = SynchronizationJobInputs(service_principal_id=provider.principal)
    made = await provider.synchronization_job.create("", inputs)
    assert provider.portal.jobs() == [parse_id(made.id).job]


@pytest.mark.parametrize("template", ["scim", "other"])
async def test_a_job_that_was_not_made_is_an_error(default_provider: ProviderFixture, template: str) -> None:
    provider = default_provider
    if template == "scim":
        provider.portal.delete_job()
        provider.entra.faults.add(Fault(method="POST", path="/jobs$", status=500, times=99))
    before = provider.portal.jobs()
    inputs = SynchronizationJobInputs(service_principal_id=provider.principal, template_id=template)
    with pytest.raises(GraphError, match=r"POST .*/jobs"):
        await provider.synchronization_job.create("", inputs)
    assert provider.portal.jobs() == before
