"""When a token expires: read from a JWT, and never guessed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from eptura_scim.doctor.token import token_finding
from eptura_scim.token_expiry import TokenExpiry

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
    assert TokenExpiry.of_token(token) is None
    assert token_finding(token, NOW) == []


@pytest.mark.parametrize(("days", "status"), [(60, "yellow"), (10, "yellow"), (9, "green"), (0, "green")])
def test_the_days_of_the_warning_are_a_setting(days: int, status: str) -> None:
    token = jwt({"exp": int(datetime(2026, 12, 4, 12, tzinfo=UTC).timestamp())})
    (finding,) = token_finding(token, NOW, days)
    assert finding.status == status


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        (datetime(2026, 11, 24, 12, tzinfo=UTC), "the token expired on 2026-11-24"),
        (datetime(2026, 11, 24, 13, tzinfo=UTC), "the token expires on 2026-11-24, in 1 hour"),
        (datetime(2026, 11, 25, 12, tzinfo=UTC), "the token expires on 2026-11-25, in 1 day"),
    ],
)
def test_the_last_days_are_told_in_words(expires: datetime, said: str) -> None:
    assert TokenExpiry(expires, None).said(NOW) == said


@pytest.mark.parametrize("days", [0, 60])
def test_an_expiry_comes_back_from_the_outputs_of_a_stack(days: int) -> None:
    found = TokenExpiry.of_token(jwt({"exp": 1_800_000_000, "sub": "private"}), days)
    assert found is not None
    assert TokenExpiry.of_output(json.loads(json.dumps(found.output))) == found
    assert set(found.output) <= {"expires", "warnedFrom"}


@pytest.mark.parametrize("value", [None, "soon", {}, {"expires": 5}, {"expires": "2026-01-01"}, {"expires": "no"}])
def test_other_outputs_tell_no_expiry(value: object) -> None:
    assert TokenExpiry.of_output(value) is None
