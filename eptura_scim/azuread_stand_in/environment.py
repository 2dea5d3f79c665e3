"""Where the local Entra is and who asks: the ARM_* variables that azuread reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from eptura_scim.plugin_sdk.errors import ResourceError

__all__ = ["Environment", "must_be_local"]

_LOCAL = ("localhost", "127.0.0.1")
_REQUIRED = ("ARM_METADATA_HOSTNAME", "ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET")


@dataclass(frozen=True)
class Environment:
    """What the stand-in needs to know."""

    host: str
    tenant: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: str | None

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables; every missing one is named in one error, and a host that is not local is refused.

        Raises ResourceError.
        """
        missing = [name for name in _REQUIRED if not variables.get(name)]
        if missing:
            raise ResourceError(
                f"the azuread stand-in needs {', '.join(missing)} in the environment: "
                "`eptura-scim local env` prints what to export"
            )
        must_be_local(f"https://{variables['ARM_METADATA_HOSTNAME']}", "ARM_METADATA_HOSTNAME")
        ca_file = variables.get("SSL_CERT_FILE") or None
        if ca_file and not Path(ca_file).is_file():
            raise ResourceError(f"SSL_CERT_FILE is {ca_file}, which is not a file: is the local Entra running?")
        host, tenant, client_id, client_secret = (variables[name] for name in _REQUIRED)
        return cls(host, tenant, client_id, client_secret, ca_file)


def must_be_local(url: str, named_by: str) -> None:
    """Refuse any other machine: a stand-in must never change a real tenant. Raises ResourceError."""
    host = urlsplit(url).hostname
    if host not in _LOCAL:
        raise ResourceError(
            f"the azuread stand-in talks to a local Entra only, and {named_by} names {host}: "
            "for a real tenant install the azuread plugin (pulumi plugin install resource azuread)"
        )
