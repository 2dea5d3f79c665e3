"""A changed source of externalId is warned of as far as users may have been provisioned already."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.errors import ForbiddenError
from eptura_scim.graph.synchronization import Job, JobRef, SynchronizationClient
from eptura_scim.plugin_sdk.difference import Path
from eptura_scim.provider.schema import SynchronizationSchema

WHERE = {"servicePrincipalId": "a", "jobId": "b"}
SOURCE: Path = ("users", "externalId", "source")


class OneJob(SynchronizationClient):
    """Knows one job, or may not read it."""

    def __init__(self, **job: Any) -> None:
        self._job = Job.model_validate({"id": "b", **job}) if job else None

    async def job(self, ref: JobRef) -> Job:
        if self._job is None:
            raise ForbiddenError("403")
        return self._job


async def warnings(api: OneJob, path: Path) -> str:
    return "\n".join(await SynchronizationSchema(api).change_warnings(WHERE, {}, [path]))


RAN = {"schedule": {"state": "Paused"}, "status": {"lastExecution": {"timeBegan": "2026-11-24T12:00:00Z"}}}


@pytest.mark.parametrize("path", [SOURCE, SOURCE[:2]], ids=["changed", "added"])
async def test_after_a_cycle_the_preview_warns_of_wrong_external_ids(path: Path) -> None:
    said = await warnings(OneJob(**RAN), path)
    assert "this application has already run a cycle; the externalId of existing users cannot be corrected" in said


async def test_a_running_or_unreadable_job_may_have_provisioned_users() -> None:
    for api in (OneJob(schedule={"state": "Active"}), OneJob()):
        assert "users who were provisioned before keep their externalId" in await warnings(api, SOURCE)


async def test_before_the_first_cycle_external_ids_are_not_warned_of() -> None:
    assert "externalId" not in await warnings(OneJob(schedule={"state": "Disabled"}), SOURCE)
    assert "externalId" not in await warnings(OneJob(**RAN), ("users", "externalId", "defaultValue"))
    assert "externalId" not in await warnings(OneJob(**RAN), ("users", "title"))
