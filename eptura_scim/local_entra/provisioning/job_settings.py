"""What a job's secrets say about its cycles.

Sources: Microsoft, "Skip deletion of user accounts that go out of scope", "Enable accidental deletions prevention";
published secrets (values are texts, and spelled "True" as well as "false").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
        scope = secrets.get("SyncAll")
        url = secrets.get("BaseAddress", "")
        return cls(
            tenant_url=url,
            token=secrets.get("SecretToken", ""),
            sync_all=switches.scope_when_unset == "all" if scope is None else _is_true(scope),
            skip_out_of_scope=_is_true(secrets.get("SkipOutOfScopeDeletions", "")),
            delete_threshold=_threshold(secrets.get("SyncNotificationSettings", "")),
            dialect=dialect_of(url),
        )


def _is_true(text: str) -> bool:
    return text.strip().lower() in {"true", "1"}


def _threshold(text: str) -> int | None:
    try:
        settings: Any = json.loads(text)
    except ValueError:
        return None
    if not isinstance(settings, dict) or settings.get("DeleteThresholdEnabled") is not True:
        return None
    value = settings.get("DeleteThresholdValue")
    return value if isinstance(value, int) and not isinstance(value, bool) else None
