"""Deleting what is already gone is not an error, for each resource: `destroy --refresh=false` goes through."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eptura_scim.plugin_sdk.provider import _load
from eptura_scim.provider import _RESOURCES
from tests.integration.provider.conftest import Desk


def application(desk: Desk) -> None:
    desk.portal.delete_application()


def job(desk: Desk) -> None:
    desk.portal.delete_job()


@pytest.mark.parametrize("gone", [application, job])
@pytest.mark.parametrize("place", _RESOURCES.values(), ids=lambda place: place.rpartition(":")[2])
async def test_what_is_gone_is_deleted_without_an_error(
    place: str, gone: Callable[[Desk], None], usual_desk: Desk
) -> None:
    desk = usual_desk
    resource = _load(place)(desk.api, desk.consistency)
    gone(desk)
    resource_id = desk.principal if place.endswith(":EnterpriseApplicationName") else desk.id
    await resource.delete(resource_id, desk.where)
