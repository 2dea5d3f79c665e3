"""The environment of processes: what those that need no credentials see, and what belongs to the local Entra alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["LOCAL_PASSPHRASE", "try_out_leak", "without_credentials"]

_CREDENTIALS = ("ARM_", "AZURE_", "PULUMI_", "ACTIONS_ID_TOKEN_", "ACTIONS_RUNTIME_", "SYSTEM_ACCESSTOKEN")
"""Where logins of Entra, Azure, Pulumi and of pipelines stand; with them goes what only chooses among those."""

LOCAL_PASSPHRASE = "eptura-scim-local"  # noqa: S105  (public: the secrets under it are the local Entra's)
"""Passphrase of stacks against the local Entra, Pulumi.dev.yaml among them."""

_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


def without_credentials(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment without the variables that log in to something."""
    return {name: value for name, value in environment.items() if not name.startswith(_CREDENTIALS)}


def try_out_leak(tenant_url: str, environment: Mapping[str, str]) -> str:
    """What of the environment belongs to the local Entra although the tenant URL is not local, and what to do.

    Empty where nothing does.
    """
    host = urlsplit(tenant_url).hostname
    if not host or host in _LOCAL_HOSTS:
        return ""
    found = []
    if environment.get("PULUMI_CONFIG_PASSPHRASE") == LOCAL_PASSPHRASE:
        found.append("PULUMI_CONFIG_PASSPHRASE is the published passphrase of the local Entra's stacks")
    if _is_local_backend(environment.get("PULUMI_BACKEND_URL", "")):
        found.append("PULUMI_BACKEND_URL is the folder of the local Entra's stacks")
    if not found:
        return ""
    return (
        f"tenantUrl names {host}, which is not local, but {' and '.join(found)}. Run "
        '`eval "$(eptura-scim local env --unset)"`, log in to your own backend (`pulumi login`) and make the stack '
        "there. A token that was encrypted with that passphrase is as good as published: ask Eptura for another"
    )


def _is_local_backend(url: str) -> bool:
    """Whether the backend is a folder in the state of a local Entra, which `local env` has made."""
    parts = urlsplit(url)
    return parts.scheme == "file" and (Path(unquote(parts.path)).parent / "tenant.json").is_file()
