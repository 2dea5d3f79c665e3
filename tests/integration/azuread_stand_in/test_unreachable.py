"""A local Entra that cannot be reached is told in one line."""

from __future__ import annotations

import pytest

from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.azuread_stand_in.graph import Graph
from eptura_scim.plugin_sdk.errors import ResourceError

HOST = "localhost:8443"


VARIABLES = {
    "ARM_METADATA_HOSTNAME": HOST,
    "ARM_TENANT_ID": "tenant",
    "ARM_CLIENT_ID": "client",
    "ARM_CLIENT_SECRET": "secret",
}


async def test_an_unreachable_local_entra_is_a_single_line() -> None:
    connection = Graph(Environment.of({**VARIABLES, "ARM_METADATA_HOSTNAME": "localhost:1"}))
    with pytest.raises(ResourceError, match=r"at localhost:1 \(ARM_METADATA_HOSTNAME\) cannot be reached") as caught:
        await connection.get("/v1.0/applications/x")
    assert "\n" not in str(caught.value)
