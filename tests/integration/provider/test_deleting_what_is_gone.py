"""Deleting what is already gone is not an error, for each resource: `destroy --refresh=false` goes through."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eptura_scim.plugin_sdk.provider import _load
from eptura_scim.provider import _RESOURCES
from tests.integration.provider.conftest import ProviderFixture


def application(provider: ProviderFixture) -> None:
    provider.portal.delete_application()


def job(provider: ProviderFixture) -> None:
    provider.portal.delete_job()


@pytest.mark.parametrize("gone", [application, job])
@pytest.mark.parametrize("place", _RESOURCES.values(), ids=lambda place: place.rpartition(":")[2])
async def test_what_is_gone_is_deleted_without_an_error(
    place: str, gone: Callable[[ProviderFixture], None], default_provider: ProviderFixture
) -> None:
    provider = default_provider
    resource = _load(place)(provider.api, provider.consistency)
    gone(provider)
    resource_id = provider.principal if place.endswith(":EnterpriseApplicationName") else provider.id
    await resource.delete(resource_id, provider.where)
