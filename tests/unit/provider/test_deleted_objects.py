"""What a refresh or a failed change says of a service principal or a job that was deleted, and who says it."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import ForbiddenError, GraphError, NotFoundError
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.graph.urls import entity
from eptura_scim.provider.paused_changes import PausedChanges
from eptura_scim.provider.synchronization_job import SynchronizationJob
from tests.unit.job_samples import REF
from tests.unit.told import Told

ID = f"{REF.service_principal}/{REF.job}"
PRINCIPAL = entity("servicePrincipals", REF.service_principal)


class Graph(GraphClient):
    """Knows all objects but one, and no deleted ones."""

    def __init__(self, gone: str) -> None:
        self._gone = gone

    async def request(self, method: str, path: str, *_arguments: Any, **_options: Any) -> Any:
        if self._gone == "hidden":
            raise ForbiddenError("403")
        if path == self._gone or "deletedItems" in path:
            raise NotFoundError("404")
        return {}


@pytest.mark.parametrize(
    ("gone", "has_a_job", "said"),
    [
        ("", True, []),
        ("", False, []),
        (PRINCIPAL, True, []),
        (PRINCIPAL, False, ["the service principal"]),
        (REF.path, True, ["the job"]),
        (REF.path, False, []),
        ("hidden", True, []),
    ],
)
async def test_a_deletion_is_told_by_the_resource_of_the_object(
    gone: str, has_a_job: bool, said: list[str], told: Told
) -> None:
    resource = SynchronizationJob(SynchronizationClient(Graph(gone)), changes=PausedChanges())
    await resource.warn_of_deletion(REF.service_principal, REF.job if has_a_job else None)
    assert [text for text, start in zip(told.warnings, said, strict=True) if not text.startswith(start)] == []


@pytest.mark.parametrize(
    ("error", "gone", "resource_id", "values", "said"),
    [
        (NotFoundError("404"), REF.path, ID, {}, "the job"),
        (NotFoundError("404"), REF.path, "", {"jobId": REF.job}, "the job"),
        (NotFoundError("404"), REF.path, "", {"jobId": REF.path}, "the job"),
        (NotFoundError("404"), REF.path, "", {}, ""),
        (NotFoundError("404"), PRINCIPAL, "", {}, "the service principal"),
        (NotFoundError("404"), PRINCIPAL, ID, {}, "the service principal"),
        (NotFoundError("404"), "", ID, {}, ""),
        (NotFoundError("404"), "hidden", ID, {}, ""),
        (ForbiddenError("403"), REF.path, ID, {}, ""),
    ],
)
async def test_a_failed_change_names_what_was_deleted(
    error: GraphError, gone: str, resource_id: str, values: dict[str, Any], said: str
) -> None:
    resource = SynchronizationJob(SynchronizationClient(Graph(gone)), changes=PausedChanges())
    found = await resource.explanation(error, resource_id, {"servicePrincipalId": PRINCIPAL, **values})
    assert found.startswith(said) if said else found == ""
