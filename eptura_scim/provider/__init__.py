"""The Pulumi provider plugin `eptura-scim`: what azuread lacks of Entra's provisioning.

This module is imported at every start of the plugin: it names the resources, their modules are loaded when asked for.
"""

from __future__ import annotations

from eptura_scim import __version__
from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.server import serve

__all__ = ["NAME", "main", "provider"]

NAME = "eptura-scim"

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
    return ResourceProvider(_PACKAGE, _RESOURCES, _FUNCTIONS)


def main() -> None:
    """Serve the provider to the engine that started this process."""
    serve(provider(), __version__)
