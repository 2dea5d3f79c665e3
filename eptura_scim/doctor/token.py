"""When the secret token expires, where the token itself says so."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

from eptura_scim.doctor.finding import Finding

__all__ = ["token_expiry", "token_finding"]

WARNED_BEFORE = timedelta(days=60)
"""How long before its expiry a token is worth knowing about."""

_RENEW = "get another from Eptura; set it with `pulumi config set --secret secretToken`, then `pulumi up`"


def token_expiry(token: str) -> datetime | None:
    """The expiry of a token that is a JWT (RFC 7519, 4.1.4); None for any other. The signature is not looked at."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        return None


def token_finding(token: str, now: datetime) -> list[Finding]:
    """One finding where the token tells its expiry; `now` with a time zone."""
    expiry = token_expiry(token)
    if expiry is None:
        return []
    day = f"{expiry:%Y-%m-%d}"
    if expiry <= now:
        return [Finding("secret token", "red", f"the token expired on {day}", _RENEW)]
    days = (expiry - now).days
    said = f"the token expires on {day}, in {days} {'day' if days == 1 else 'days'}"
    if expiry - now < WARNED_BEFORE:
        return [Finding("secret token", "yellow", said, _RENEW)]
    return [Finding("secret token", "green", said)]
