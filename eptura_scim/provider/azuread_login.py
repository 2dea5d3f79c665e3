"""Whether azuread logs in as this plugin does.

azuread reads its configuration first and the ARM_* variables after that, this plugin the variables alone. No I/O.
"""

from __future__ import annotations

from collections.abc import Mapping

from eptura_scim.graph.cloud import Cloud, named
from eptura_scim.graph.identity import Identity
from eptura_scim.graph.ids import is_object_id
from eptura_scim.plugin_sdk.resource import Inputs

__all__ = ["AzureadLogin", "differing_logins"]


class AzureadLogin(Inputs):
    """What the configuration of azuread says of its login; what is empty comes from the environment.

    Source: Pulumi Registry, "Azure Active Directory: Installation & Configuration".
    """

    tenant_id: str = ""
    client_id: str = ""
    environment: str = ""
    metadata_host: str = ""
    has_credential: bool = False
    """Whether a secret, a certificate or a token is configured as well."""


def differing_logins(
    azuread: AzureadLogin, environment: Mapping[str, str], cloud: Cloud, identity: Identity, login_method: str
) -> list[str]:
    """A sentence for each setting of azuread that names another login than the one of this plugin.

    `cloud`, `identity` and `login_method` (in words) are this plugin's. What a token does not tell is compared with the
    variables. Raises LoginError where azuread's environment has no known name.
    """
    found = [
        _other_tenant(azuread.tenant_id, {identity.tenant_id, environment.get("ARM_TENANT_ID", "")}, login_method),
        _other_client(azuread, environment, identity, login_method),
        _other_cloud(azuread, environment, cloud),
    ]
    return [sentence for sentence in found if sentence]


def _other_tenant(configured: str, ours: set[str], login_method: str) -> str:
    """A tenant has an id and any number of domains: only names of one kind can be compared."""
    alike = sorted(name for name in ours if name and is_object_id(name) == is_object_id(configured))
    if not configured or not alike or configured.lower() in {name.lower() for name in alike}:
        return ""
    return (
        f"azuread:tenantId is {configured}, and eptura-scim logs in to the tenant {alike[0]} ({login_method}): "
        "set ARM_TENANT_ID to the tenant that is meant and remove azuread:tenantId"
    )


def _other_client(azuread: AzureadLogin, environment: Mapping[str, str], identity: Identity, login_method: str) -> str:
    if identity.kind == "person" and not azuread.has_credential:  # azuread uses `az login` as well
        return ""
    ours = identity.client_id or environment.get("ARM_CLIENT_ID", "")
    if not azuread.client_id or not ours or azuread.client_id.lower() == ours.lower():
        return ""
    who = identity.name if identity.kind == "person" else f"the application {ours}"
    return (
        f"azuread:clientId is {azuread.client_id}, and eptura-scim logs in as {who} ({login_method}): "
        "set ARM_CLIENT_ID and its credential to those that are meant and remove azuread:clientId"
    )


def _other_cloud(azuread: AzureadLogin, environment: Mapping[str, str], cloud: Cloud) -> str:
    host = environment.get("ARM_METADATA_HOSTNAME", "")
    if azuread.metadata_host and azuread.metadata_host != host:
        return (
            f"azuread:metadataHost is {azuread.metadata_host}, and ARM_METADATA_HOSTNAME is {host or 'not set'}: "
            "set the variable and remove azuread:metadataHost"
        )
    if azuread.environment and not host and named(azuread.environment, "azuread:environment") != cloud:
        ours = environment.get("ARM_ENVIRONMENT") or "public"
        return (
            f"azuread:environment is {azuread.environment}, and ARM_ENVIRONMENT is {ours}: "
            "set the variable and remove azuread:environment"
        )
    return ""
