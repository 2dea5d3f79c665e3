"""What the synchronization secrets of a service principal stand for: the one reader and writer of their texts.

Sources: Microsoft Graph v1.0, synchronizationSecretKeyStringValuePair; Microsoft, "Skip deletion of user accounts that
go out of scope", "Enable accidental deletions prevention". Values are texts; published ones are spelled "True" as well
as "false".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

__all__ = [
    "COMPLIANCE_FLAG",
    "CONNECTION_FAILS",
    "MANAGED_KEYS",
    "MASKED",
    "SAVED_CONNECTION_FAILED",
    "SAVED_TOKEN_NOT_TESTED",
    "SECRETS_BYTES",
    "ConnectionSettings",
    "Scope",
    "notification_settings",
    "same_endpoint",
    "secrets_size",
    "too_long",
]

MASKED = "*"
"""What Graph shows in place of a secret value."""

SECRETS_BYTES = 1024
"""What a service principal stores of all its secrets together.

Source: Microsoft, "Problem saving administrator credentials while configuring user provisioning"."""

COMPLIANCE_FLAG = "aadOptscim062020"
"""In a tenant URL it has Entra send what the SCIM standard says.

Source: Microsoft, "Known issues and resolutions with SCIM 2.0 protocol compliance"."""

MANAGED_KEYS = ("BaseAddress", "SecretToken", "SyncAll", "SyncNotificationSettings", "SkipOutOfScopeDeletions")
"""The secrets that stand for the fields of `ConnectionSettings`, and the token."""

SAVED_CONNECTION_FAILED = "Entra tested the saved connection and it failed"
SAVED_TOKEN_NOT_TESTED = "the saved token was not tested"  # noqa: S105  (a sentence)
"""How a preview begins to tell of the test of what is saved; nothing that an `up` brings with it."""
CONNECTION_FAILS = "the saved connection fails its test"
"""What a preview shows in place of the token's fingerprint where the test of the saved connection fails."""

Scope = Literal["all", "assigned", "unset"]
"""Who is provisioned. `unset`: SyncAll is missing, or is neither true nor false, and Entra's default decides."""


class ConnectionSettings(BaseModel):
    """The settings of a connection, without its token."""

    model_config = ConfigDict(frozen=True)

    tenant_url: str
    """Empty where none is saved; MASKED where Graph hides it."""
    scope: Scope
    notification_email: str | None = None
    """Who is told when provisioning fails; None without an address."""
    accidental_deletion_threshold: int | None = None
    """Deletions in one cycle above which provisioning stops; None for no limit."""
    skip_out_of_scope_deletions: bool = False

    @classmethod
    def from_secrets(cls, secrets: Mapping[str, str]) -> Self:
        """Read the saved secrets by key. A text that cannot be read counts as missing."""
        settings = notification_settings(secrets)
        threshold = settings.get("DeleteThresholdValue") if settings.get("DeleteThresholdEnabled") is True else None
        recipients = settings.get("Recipients") if settings.get("Enabled") is True else None
        sync_all = _on_off(secrets.get("SyncAll"))
        return cls(
            tenant_url=secrets.get("BaseAddress", ""),
            scope="unset" if sync_all is None else "all" if sync_all else "assigned",
            notification_email=recipients if isinstance(recipients, str) and recipients else None,
            accidental_deletion_threshold=threshold if type(threshold) is int else None,
            skip_out_of_scope_deletions=_on_off(secrets.get("SkipOutOfScopeDeletions")) is True,
        )

    def to_secrets(self, token: str, live: Mapping[str, str]) -> dict[str, str]:
        """All secrets for a PUT, the other `live` ones too: whether a PUT merges or replaces is undocumented."""
        threshold = self.accidental_deletion_threshold
        settings = notification_settings(live)
        settings |= {
            "Enabled": self.notification_email is not None,
            "Recipients": self.notification_email or "",
            "DeleteThresholdEnabled": threshold is not None,
        }
        if threshold is not None:
            settings["DeleteThresholdValue"] = threshold
        secrets = {key: value for key, value in live.items() if value and value != MASKED and key not in MANAGED_KEYS}
        secrets |= {"BaseAddress": self.tenant_url, "SecretToken": token}
        if self.scope != "unset":
            secrets["SyncAll"] = "true" if self.scope == "all" else "false"
        return secrets | {
            "SyncNotificationSettings": json.dumps(settings, separators=(",", ":")),
            "SkipOutOfScopeDeletions": "True" if self.skip_out_of_scope_deletions else "False",
        }


def same_endpoint(left: str, right: str) -> bool:
    """Whether two tenant URLs name one SCIM endpoint; what follows a question mark are flags for Entra."""
    return left.partition("?")[0].rstrip("/") == right.partition("?")[0].rstrip("/")


def secrets_size(secrets: Mapping[str, str]) -> int:
    """How many of the SECRETS_BYTES some secrets take."""
    return sum(len(value.encode()) for value in secrets.values())


def too_long(connection: ConnectionSettings, token: str, live: Mapping[str, str]) -> str:
    """What is wrong where a connection with its token is more than Entra stores; empty where it fits.

    `live` are the secrets that are saved already.
    """
    size = secrets_size(connection.to_secrets(token, live))
    if size <= SECRETS_BYTES:
        return ""
    return (
        f"tenantUrl, secretToken, notificationEmail and the other values of the connection have {size} bytes "
        f"together; Entra stores {SECRETS_BYTES} for all secrets of an application. Ask Eptura for a shorter token"
    )


def notification_settings(secrets: Mapping[str, str]) -> dict[str, Any]:
    """The JSON text of SyncNotificationSettings; a text that cannot be read counts as empty."""
    try:
        settings = json.loads(secrets.get("SyncNotificationSettings") or "{}")
    except ValueError:
        return {}
    return settings if isinstance(settings, dict) else {}


def _on_off(text: str | None) -> bool | None:
    """True for true and 1, False for false and 0, in any case; None for every other text."""
    return {"true": True, "1": True, "false": False, "0": False}.get((text or "").strip().lower())
