"""A job's status as Graph writes it: published answers, times never reached, parts that are null."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eptura_scim.graph.errors import ReplyError
from eptura_scim.graph.job_status import Execution, JobStatus, Quarantine, Schedule
from eptura_scim.graph.synchronization import Job

PUBLISHED = Path(__file__).parents[2] / "fixtures" / "graph"


def published(name: str) -> Job:
    return Job.model_validate(json.loads((PUBLISHED / f"{name}.json").read_text()))


def test_a_published_new_job_has_reached_nothing() -> None:
    job = published("job-created-2021-05")
    assert job.schedule.interval == timedelta(minutes=40)
    assert job.status.steady_state_first_achieved_time is None
    assert not job.status.ever_ran


def test_a_quarantined_job_is_read_with_its_reason_and_next_try() -> None:
    status = published("job-quarantined-2021-05").status
    assert status.ever_ran
    assert status.quarantine is not None
    assert status.quarantine.reason == "EncounteredQuarantineException"
    assert status.quarantine.next_attempt == datetime(2021, 5, 24, 21, 50, 54, 498136, UTC)
    assert status.quarantine.error is not None
    assert status.quarantine.error.tenant_actionable
    assert status.last_execution is not None
    assert status.last_execution.state == "Failed"


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z", "9999-12-31T23:59:59.9999999Z", None],
)
def test_the_zero_date_is_read_as_not_set(written: str | None) -> None:
    assert Quarantine.model_validate({"nextAttempt": written}).next_attempt is None
    assert Execution.model_validate({"timeBegan": written}).time_began is None


@pytest.mark.parametrize(
    ("interval", "expected"),
    [("PT40M", timedelta(minutes=40)), ("P10675199DT2H48M5.4775807S", None), (None, None), ("", None)],
)
def test_the_longest_interval_is_read_as_not_set(interval: str | None, expected: timedelta | None) -> None:
    assert Schedule.model_validate({"interval": interval}).pause_between_runs == expected


def test_counts_are_by_type() -> None:
    pairs: Any = [{"key": "user to User", "value": 2}, {"key": "group to Group", "value": 1}]
    status = JobStatus.model_validate({"synchronizedEntryCountByType": pairs})
    assert status.synchronized_entry_count_by_type == {"user to User": 2, "group to Group": 1}


def test_what_is_null_or_unknown_is_taken() -> None:
    status = JobStatus.model_validate(
        {
            "code": "SomethingNew",
            "progress": None,
            "quarantine": None,
            "synchronizedEntryCountByType": None,
            "lastExecution": {"state": "SomethingNew", "newField": 1, "timeEnded": "2026-11-24T12:00:00Z"},
        }
    )
    assert status.progress == ()
    assert status.synchronized_entry_count_by_type == {}
    assert status.ever_ran


def test_a_null_template_is_read_from_the_jobs_id() -> None:
    job = Job.of({"id": "scim.a80bf6c1.4d89f061", "templateId": None, "schedule": None, "status": None})
    assert (job.template_id, job.schedule.state, job.status.code) == ("scim", "Disabled", "")


def test_a_time_of_any_zone_is_in_utc() -> None:
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    for written in ("2026-11-24T12:00:00", "2026-11-24T14:00:00+02:00", "2026-11-24T12:00:00Z"):
        assert Execution.of({"timeEnded": written}).time_ended == noon


def test_a_job_that_cannot_be_read_names_the_place() -> None:
    with pytest.raises(ReplyError, match=r"Graph's Job is not as documented: schedule\.interval: "):
        Job.of({"id": "scim.x.y", "schedule": {"interval": "every 40 minutes"}})
