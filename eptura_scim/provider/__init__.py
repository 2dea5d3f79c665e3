"""The Pulumi provider plugin `eptura-scim`: what azuread lacks of Entra's provisioning.

This module is imported at every start of the plugin: it names the resources, their modules are loaded when asked for.
The program imports it too, with what it shares with the plugin, and needs none of the server.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from eptura_scim import __version__

if TYPE_CHECKING:
    from eptura_scim.plugin_sdk.provider import ResourceProvider

__all__ = ["NAME", "main", "provider"]

NAME = "eptura-scim"

_OBJECTS_BEFORE_A_COLLECTION = 50_000
"""Loading modules makes many objects and little garbage; with Python's own threshold (700) an eighth of the time that
it takes is spent on looking for garbage.
"""

_PACKAGE = {
    "name": NAME,
    "version": __version__,
    "displayName": "Eptura SCIM",
    "description": "Provisioning of Microsoft Entra ID: a job, its secrets, attribute mappings and state.",
    "publisher": "eptura-scim",
}

_RESOURCES = {
    f"{NAME}:index:EnterpriseApplicationName": "eptura_scim.provider.application_name:EnterpriseApplicationName",
    f"{NAME}:index:SynchronizationJob": "eptura_scim.provider.synchronization_job:SynchronizationJob",
    f"{NAME}:index:SynchronizationSecrets": "eptura_scim.provider.secrets:SynchronizationSecrets",
    f"{NAME}:index:SynchronizationSchema": "eptura_scim.provider.schema:SynchronizationSchema",
    f"{NAME}:index:SynchronizationJobState": "eptura_scim.provider.job_state:SynchronizationJobState",
}

_FUNCTIONS = {
    f"{NAME}:index:checkLogin": "eptura_scim.provider.login:check_login",
    f"{NAME}:index:sealingKey": "eptura_scim.provider.secrets:sealing_key",
}


def provider() -> ResourceProvider:
    """The provider with its resources."""
    from eptura_scim.plugin_sdk.provider import ResourceProvider

    return ResourceProvider(_PACKAGE, _RESOURCES, _FUNCTIONS)


def main() -> None:
    """Serve the provider to the engine that started this process."""
    gc.set_threshold(_OBJECTS_BEFORE_A_COLLECTION)
    from eptura_scim.plugin_sdk.server import serve

    serve(provider(), __version__)
