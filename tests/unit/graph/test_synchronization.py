"""What a job says of its cycles."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.synchronization import Job

NEVER = "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("status", "ran"),
    [
        ({"code": "Paused", "lastExecution": None}, False),
        ({"code": "NotRun", "lastExecution": {"timeBegan": NEVER}}, False),
        ({"code": "Paused", "lastExecution": {"timeBegan": "2026-11-24T12:00:00Z"}}, True),
        ({"lastExecution": None, "lastSuccessfulExecution": {"timeBegan": "2026-11-23T12:00:00Z"}}, True),
        ({"lastExecution": {"timeBegan": NEVER, "timeEnded": "2026-11-23T12:00:00Z"}}, True),
        ({}, False),
    ],
    ids=["new", "first one runs", "paused after cycles", "only a success is kept", "no beginning", "no status"],
)
def test_whether_a_cycle_ever_ran_is_read_from_the_status(status: dict[str, Any], ran: bool) -> None:
    assert Job.model_validate({"id": "scim.a.b", "status": status}).status.ever_ran is ran
