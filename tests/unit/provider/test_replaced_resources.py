"""Which resources are replaced, and which of one program manage the same object."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.synchronization import Job, JobRef, SynchronizationClient
from eptura_scim.plugin_sdk.protocol import provider_pb2 as rpc
from eptura_scim.plugin_sdk.values import UNKNOWN, encode
from eptura_scim.provider import provider
from eptura_scim.provider.paused_changes import PausedChanges
from eptura_scim.provider.synchronization_job import SynchronizationJob, SynchronizationJobInputs

ONE = "0f0e0d0c-0b0a-4908-8706-050403020100"
OTHER = "1f0e0d0c-0b0a-4908-8706-050403020100"

JOB = {"servicePrincipalId": ONE, "templateId": "scim"}
BELOW_A_JOB = {"servicePrincipalId": ONE, "jobId": "scim.1"}


@pytest.mark.parametrize(
    ("resource", "inputs", "change"),
    [
        ("SynchronizationJob", JOB, {"servicePrincipalId": OTHER}),
        ("SynchronizationJob", JOB, {"templateId": "other"}),
        ("SynchronizationSecrets", BELOW_A_JOB, {"servicePrincipalId": OTHER}),
        ("SynchronizationSecrets", BELOW_A_JOB, {"jobId": "scim.2"}),
        ("SynchronizationSchema", BELOW_A_JOB, {"jobId": "scim.2"}),
        ("SynchronizationJobState", BELOW_A_JOB, {"jobId": "scim.2"}),
    ],
)
async def test_a_resource_of_another_object_is_replaced(
    resource: str, inputs: dict[str, Any], change: dict[str, Any]
) -> None:
    found = await provider().diff(
        rpc.DiffRequest(
            urn=f"urn:pulumi:dev::eptura::eptura-scim:index:{resource}::eptura",
            olds=encode(inputs),
            news=encode({**inputs, **change}),
        )
    )
    assert list(found.replaces) == list(change)


async def test_a_program_may_have_jobs_of_two_apps_or_templates() -> None:
    job = SynchronizationJob(changes=PausedChanges())
    assert await job.problems("urn:first", {}, JOB) == []
    assert await job.problems("urn:second", {}, {**JOB, "servicePrincipalId": OTHER}) == []
    assert await job.problems("urn:third", {}, {**JOB, "templateId": "other"}) == []


async def test_two_resources_of_one_job_are_refused() -> None:
    job = SynchronizationJob(changes=PausedChanges())
    assert await job.problems("urn:first", {}, JOB) == []
    [(name, reason)] = await job.problems("urn:second", {}, {**JOB, "servicePrincipalId": f"/servicePrincipals/{ONE}"})
    assert name == "servicePrincipalId"
    assert "urn:first manages the same object" in reason


class Jobs(SynchronizationClient):
    """A service principal with jobs of two templates."""

    def __init__(self) -> None:
        pass

    async def jobs(self, service_principal: ServicePrincipalId) -> list[Job]:
        return [Job.model_validate({"id": name}) for name in ("scim.1", "scim.2", "other.1")]

    async def job(self, ref: JobRef) -> Job:
        return Job.model_validate({"id": ref.job})


async def kept(job: SynchronizationJob, *names: str) -> list[str]:
    """Which jobs stay when the resources are deleted that had them before."""
    await job.problems("urn:renamed", {}, JOB)
    await job.problems("urn:other", {}, OTHER_TEMPLATE)
    before = {name: {**JOB, "templateId": name.partition(".")[0]} for name in names}
    return [name for name, old in before.items() if job.is_declared(f"{ONE}/{name}", old)]


OTHER_TEMPLATE = {**JOB, "templateId": "other"}
BOTH = ("scim.1", "scim.2")


async def test_a_job_is_kept_whose_resource_was_renamed() -> None:
    job = SynchronizationJob(Jobs(), changes=PausedChanges())
    for declared in (JOB, OTHER_TEMPLATE):
        await job.create("", SynchronizationJobInputs.model_validate(declared))
    assert await kept(job, "scim.1", "other.1") == ["scim.1", "other.1"]


async def test_a_job_is_deleted_where_an_import_takes_another_job() -> None:
    job = SynchronizationJob(Jobs(), changes=PausedChanges())
    await job.read(f"{ONE}/scim.2", {})
    assert await kept(job, *BOTH) == ["scim.2"]


async def test_a_refresh_takes_no_other_job() -> None:
    job = SynchronizationJob(Jobs(), changes=PausedChanges())
    for name in BOTH:
        await job.read(f"{ONE}/{name}", JOB)
    assert await kept(job, *BOTH) == [*BOTH]


async def test_jobs_of_unknown_applications_are_not_compared() -> None:
    job = SynchronizationJob(changes=PausedChanges())
    unknown = {**JOB, "servicePrincipalId": UNKNOWN}
    assert [await job.problems(urn, {}, unknown) for urn in ("urn:first", "urn:second")] == [[], []]


def test_a_state_without_an_id_is_of_no_declared_object() -> None:
    assert not SynchronizationJob(changes=PausedChanges()).is_declared(f"{ONE}/scim.1", {"servicePrincipalId": ONE})
