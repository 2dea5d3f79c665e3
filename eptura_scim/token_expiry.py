"""When Eptura's token expires, where the token itself says so: the only thing of a token that is ever shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from eptura_scim.jwt_claims import jwt_claims
from eptura_scim.quantities import duration

__all__ = ["RENEW", "WARNED_DAYS", "TokenExpiry"]

WARNED_DAYS = 60
"""How many days before its expiry a token is worth knowing about."""

RENEW = "get another from Eptura; set it with `pulumi config set --secret secretToken`, then `pulumi up`"


@dataclass(frozen=True)
class TokenExpiry:
    """The expiry of a token, and when warnings of it begin."""

    expires: datetime
    """With a time zone."""
    warned_from: datetime | None
    """None where no warning is wanted."""

    @classmethod
    def of_token(cls, token: str, warned_days: int = WARNED_DAYS) -> Self | None:
        """The expiry of a token that is a JWT (RFC 7519, 4.1.4); None for any other. The signature is not checked.

        Warnings begin `warned_days` days before the expiry; with 0 there is no warning.
        """
        try:
            expires = datetime.fromtimestamp((jwt_claims(token) or {})["exp"], UTC)
            return cls(expires, expires - timedelta(days=warned_days) if warned_days else None)
        except (ValueError, TypeError, KeyError, OverflowError, OSError):
            return None

    @classmethod
    def of_output(cls, value: object) -> Self | None:
        """The expiry that `output` wrote into a state; None for anything else."""
        if not isinstance(value, Mapping):
            return None
        try:
            expires, warned_from = datetime.fromisoformat(value["expires"]), value.get("warnedFrom")
            found = cls(expires, datetime.fromisoformat(warned_from) if warned_from else None)
        except (ValueError, TypeError, KeyError):
            return None
        return found if all(one is None or one.tzinfo for one in (found.expires, found.warned_from)) else None

    @property
    def output(self) -> dict[str, str]:
        """The expiry for a stack's outputs: two times in ISO 8601, nothing of the token."""
        times = {"expires": self.expires, "warnedFrom": self.warned_from}
        return {name: time.isoformat() for name, time in times.items() if time}

    def is_over(self, now: datetime) -> bool:
        """Whether the token has expired."""
        return self.expires <= now

    def is_warned(self, now: datetime) -> bool:
        """Whether it is time to warn."""
        return self.warned_from is not None and self.warned_from <= now

    def said(self, now: datetime) -> str:
        """The expiry in words: `the token expires on 2026-12-04, in 10 days`."""
        day = f"{self.expires:%Y-%m-%d}"
        if self.is_over(now):
            return f"the token expired on {day}"
        return f"the token expires on {day}, in {duration(self.expires - now)}"
