"""Whether this machine's clock agrees with Graph's: logins with a certificate or OIDC, and tokens, depend on it."""

from __future__ import annotations

from datetime import datetime, timedelta

from eptura_scim.doctor.finding import Finding
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import GraphError

__all__ = ["clock"]

_FINE = timedelta(seconds=60)
_TOLERATED = timedelta(minutes=5)
"""Source: Microsoft identity platform, clock skew that validation of tokens allows for by default."""


async def clock(client: GraphClient, now: datetime) -> Finding:
    """Compare `now`, with a time zone, to the date of an answer. Needs no login."""
    try:
        skew = now - await client.time()
    except GraphError as error:
        return Finding("clock", "yellow", f"not compared: {error}")
    said = f"{abs(skew).total_seconds():.0f} s {'ahead of' if skew > timedelta() else 'behind'} Graph's"
    if abs(skew) < _FINE:
        return Finding("clock", "green", said)
    todo = "set this machine's clock: Entra refuses logins that are minutes off"
    return Finding("clock", "yellow" if abs(skew) < _TOLERATED else "red", said, todo)
