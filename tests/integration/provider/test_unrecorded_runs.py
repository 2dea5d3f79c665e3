"""What a job's check reads of Entra: only what no refresh told, and only where the check needs it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.provider.conftest import ProviderFixture

CONFIGURATION = {"secrets": "a", "mappings": "a", "assignments": "", "provisioningStatus": "On"}


async def _reads(provider: ProviderFixture, old: dict[str, Any], configuration: Any) -> list[str]:
    before = len(list(provider.entra.calls))
    new = {"servicePrincipalId": provider.principal, "templateId": "scim", "configuration": configuration}
    assert await provider.synchronization_job.problems("urn", old, new) == []
    return [call.action for call in list(provider.entra.calls)[before:] if call.action != "token"]


async def test_the_live_configuration_counts_without_a_known_run(
    default_provider: ProviderFixture,
) -> None:
    await default_provider.provision()
    assert await _reads(default_provider, {"templateId": "scim"}, CONFIGURATION)
    assert default_provider.synchronization_job.changes.of(default_provider.principal).completed["secrets"]


@pytest.mark.parametrize(
    ("old", "configuration", "completed"),
    [
        pytest.param({}, CONFIGURATION, None, id="a new resource"),
        pytest.param({"templateId": "scim"}, None, None, id="nothing declared"),
        pytest.param({"templateId": "scim"}, CONFIGURATION, CONFIGURATION, id="a refresh told"),
    ],
)
async def test_a_check_asks_entra_for_nothing_else(
    default_provider: ProviderFixture, old: dict[str, Any], configuration: Any, completed: Any
) -> None:
    await default_provider.provision()
    default_provider.synchronization_job.changes.of(default_provider.principal).completed = completed
    assert await _reads(default_provider, old, configuration) == []
    assert default_provider.synchronization_job.changes.of(default_provider.principal).completed == completed


async def test_an_application_without_a_job_is_asked_only_for_jobs(default_provider: ProviderFixture) -> None:
    default_provider.portal.delete_job()
    assert await _reads(default_provider, {"templateId": "scim"}, CONFIGURATION) == ["jobs"]
    assert default_provider.synchronization_job.changes.of(default_provider.principal).completed is None
