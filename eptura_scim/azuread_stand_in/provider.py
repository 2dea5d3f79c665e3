"""The provider: which resources and functions there are, and what the environment must hold."""

from __future__ import annotations

import os

from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.plugin_sdk.protocol import provider_pb2 as rpc
from eptura_scim.plugin_sdk.provider import ResourceProvider

__all__ = ["StandIn"]

_HERE = "eptura_scim.azuread_stand_in"
_RESOURCES = {
    "azuread:index/appRoleAssignment:AppRoleAssignment": "app_role_assignment:AppRoleAssignment",
    "azuread:index/applicationFromTemplate:ApplicationFromTemplate": (
        "application_from_template:ApplicationFromTemplate"
    ),
    "azuread:index/servicePrincipal:ServicePrincipal": "service_principal:ServicePrincipal",
    "azuread:index/synchronizationJob:SynchronizationJob": "synchronization_job:SynchronizationJob",
}
_INVOKES = {"azuread:index/getApplication:getApplication": "get_application:get_application"}


class StandIn(ResourceProvider):
    """The azuread stand-in: the types and the function of azuread that this project's program uses."""

    def __init__(self) -> None:
        super().__init__(
            {
                "name": "azuread",
                "version": wanted_version(),
                "description": "A stand-in for the azuread plugin that serves a local Entra only.",
            },
            {token: f"{_HERE}.{place}" for token, place in _RESOURCES.items()},
            {token: f"{_HERE}.{place}" for token, place in _INVOKES.items()},
        )

    async def check_config(self, request: rpc.CheckRequest) -> rpc.CheckResponse:
        """Take any setting, as the real plugin takes its own; none is used."""
        return rpc.CheckResponse(inputs=request.news)

    async def configure(self, request: rpc.ConfigureRequest) -> rpc.ConfigureResponse:
        """Refuse a wrong environment before anything is planned."""
        Environment.of(os.environ)
        return await super().configure(request)

    async def cancel(self) -> None:
        """End what runs and close the connections."""
        from eptura_scim.azuread_stand_in.graph import close_shared

        await super().cancel()
        await close_shared()
