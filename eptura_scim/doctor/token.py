"""Whether the secret token expires soon."""

from __future__ import annotations

from datetime import datetime

from eptura_scim.doctor.finding import Finding
from eptura_scim.token_expiry import RENEW, WARNED_DAYS, TokenExpiry

__all__ = ["token_finding"]


def token_finding(token: str, now: datetime, warned_days: int = WARNED_DAYS) -> list[Finding]:
    """One finding where the token tells its expiry; `now` with a time zone."""
    expiry = TokenExpiry.of_token(token, warned_days)
    if expiry is None:
        return []
    if not expiry.is_warned(now):
        return [Finding("secret token", "green", expiry.said(now))]
    return [Finding("secret token", "red" if expiry.is_over(now) else "yellow", expiry.said(now), RENEW)]
