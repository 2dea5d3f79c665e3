"""When a token expires: read from a JWT, and never guessed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from eptura_scim.doctor.token import token_expiry, token_finding

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def jwt(claims: Any) -> str:
    parts = [{"alg": "HS256"}, claims]
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "s"]
    )


@pytest.mark.parametrize(
    ("expiry", "status", "said"),
    [
        (datetime(2026, 11, 24, 11, tzinfo=UTC), "red", "the token expired on 2026-11-24"),
        (datetime(2026, 12, 4, 12, tzinfo=UTC), "yellow", "the token expires on 2026-12-04, in 10 days"),
        (datetime(2027, 6, 1, tzinfo=UTC), "green", "the token expires on 2027-06-01"),
    ],
)
def test_an_expiry_is_told_sixty_days_before(expiry: datetime, status: str, said: str) -> None:
    (finding,) = token_finding(jwt({"exp": int(expiry.timestamp())}), NOW)
    assert (finding.status, finding.said.startswith(said)) == (status, True)


@pytest.mark.parametrize(
    "token", ["opaque", "a.b.c", "..", jwt({}), jwt({"exp": "soon"}), jwt({"exp": 10**30}), jwt([]), jwt(None), "é.é.é"]
)
def test_a_token_that_tells_no_expiry_has_no_finding(token: str) -> None:
    assert token_expiry(token) is None
    assert token_finding(token, NOW) == []
