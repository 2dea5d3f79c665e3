"""A changed source of externalId is warned of as far as users may have been provisioned already."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from eptura_scim.graph.errors import ForbiddenError
from eptura_scim.graph.synchronization import Job, JobRef, SynchronizationClient
from eptura_scim.mapping import external_id_problem
from eptura_scim.plugin_sdk.difference import Path
from eptura_scim.provider.schema import SynchronizationSchema
from tests.unit.one_job import DOCUMENTED

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


def two_rules(kind: str, *, documented_first: bool, documented_second: bool) -> dict[str, Any]:
    """A schema whose second rule maps users or groups by itself; one that is not as documented has no externalId."""
    schema = copy.deepcopy(DOCUMENTED)
    (first,) = schema["synchronizationRules"]
    second = {**copy.deepcopy(first), "id": "further", "name": "Further", "priority": 99}
    second["objectMappings"] = [one for one in second["objectMappings"] if one["sourceObjectName"] == kind]
    schema["synchronizationRules"].append(second)
    for rule, is_documented in ((first, documented_first), (second, documented_second)):
        for mapping in [] if is_documented else rule["objectMappings"]:
            rows = mapping["attributeMappings"]
            mapping["attributeMappings"] = [row for row in rows if row["targetAttributeName"] != "externalId"]
    return schema


@pytest.mark.parametrize(
    ("kind", "first", "second", "problem"),
    [
        ("User", True, True, ""),
        ("User", True, False, "externalId in the further mapping Further: User to "),
        ("User", False, True, "users.externalId is not mapped"),
        ("User", False, False, "users.externalId is not mapped"),
        ("Group", True, False, ""),
    ],
)
def test_the_external_id_of_each_mapping_of_users_is_checked(
    kind: str, first: bool, second: bool, problem: str
) -> None:
    found = external_id_problem(two_rules(kind, documented_first=first, documented_second=second))
    assert found.startswith(problem) if problem else found == ""


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"type": "Attribute", "name": "objectId", "expression": "[objectId]", "parameters": []}, ""),
        (
            {"type": "Attribute", "name": "mail", "expression": "[mail]", "parameters": []},
            "comes from [mail], not from",
        ),
        (None, "comes from nothing, not from [objectId] as the guide says"),
    ],
)
def test_the_problem_names_where_the_external_id_comes_from(source: Any, problem: str) -> None:
    schema = copy.deepcopy(DOCUMENTED)
    rows = [row for one in schema["synchronizationRules"][0]["objectMappings"] for row in one["attributeMappings"]]
    for row in (row for row in rows if row["targetAttributeName"] == "externalId"):
        row["source"] = source
    found = external_id_problem(schema)
    assert found.startswith(f"users.externalId {problem}") if problem else found == ""
