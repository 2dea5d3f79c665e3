"""What a job's secrets say about its cycles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eptura_scim.graph.secrets import ConnectionSettings
from eptura_scim.local_entra.provisioning.patch import Dialect, dialect_of
from eptura_scim.local_entra.switches import Switches

__all__ = ["JobSettings"]


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Settings of a cycle."""

    tenant_url: str
    token: str
    sync_all: bool
    skip_out_of_scope: bool
    delete_threshold: int | None
    """Deprovisionings of one cycle above which it is quarantined; None for no limit."""
    dialect: Dialect

    @classmethod
    def of(cls, secrets: Mapping[str, str], switches: Switches) -> JobSettings:
        """Read the saved secrets."""
        settings = ConnectionSettings.from_secrets(secrets)
        scope = switches.scope_when_unset if settings.scope == "unset" else settings.scope
        return cls(
            tenant_url=settings.tenant_url,
            token=secrets.get("SecretToken", ""),
            sync_all=scope == "all",
            skip_out_of_scope=settings.skip_out_of_scope_deletions,
            delete_threshold=settings.accidental_deletion_threshold,
            dialect=dialect_of(settings.tenant_url),
        )
