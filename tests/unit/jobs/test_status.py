"""What `status` makes of a job: health, exit code, kind of cycle, next run, quarantine and what to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eptura_scim.graph.synchronization import Job
from eptura_scim.jobs.quarantine import REASONS, reason
from eptura_scim.jobs.status import StatusReport, connection_report, status_report
from tests.unit.graph.test_job_status import published
from tests.unit.job_samples import NEVER_RAN, NOW, REF, job, quarantine, run

ENDED_LONG_AGO = {"timeBegan": "2026-11-20T07:59:00Z", "timeEnded": "2026-11-20T08:00:00Z"}
LONG_AGO = run(**ENDED_LONG_AGO)
ON = {"state": "Active", "interval": "PT40M"}


def report(found: Job, now: datetime = NOW, **options: Any) -> StatusReport:
    return status_report(REF, found, now, **options)


@pytest.mark.parametrize(
    ("found", "state", "health", "exit_code"),
    [
        (job(), "waiting", "healthy", 0),
        (job("NotRun", **NEVER_RAN), "running", "healthy", 0),
        (job(progress=[{"completedUnits": 1, "totalUnits": 2}]), "running", "healthy", 0),
        (job(progress=[{"completedUnits": 2, "totalUnits": 2}]), "waiting", "healthy", 0),
        (job(lastExecution=run("", timeEnded="0001-01-01T00:00:00Z")), "running", "healthy", 0),
        (job("Quarantine", quarantine=quarantine("Unknown")), "quarantine", "quarantine", 3),
        (job("Quarantine", "Disabled", quarantine=quarantine("Unknown")), "quarantine", "quarantine", 3),
        (job(lastExecution=run("EntryLevelErrors")), "waiting", "errors", 4),
        (job(lastExecution=run("Failed")), "waiting", "errors", 4),
        (job(lastExecution=run(countEscrowed=2)), "waiting", "errors", 4),
        (job(escrowsPruned=True), "waiting", "errors", 4),
        (job("Paused", "Paused"), "stopped", "stopped", 5),
        (job("Paused", "Disabled"), "stopped", "stopped", 5),
        (job("Paused", "Active", lastExecution=run("Failed")), "stopped", "stopped", 5),
        (published("job-created-2021-05"), "notStarted", "neverRan", 6),
        (job("NotConfigured", "Disabled", **NEVER_RAN), "notStarted", "neverRan", 6),
        (published("job-quarantined-2021-05"), "quarantine", "quarantine", 3),
        (job(lastExecution=run(timeEnded="2026-11-23T11:30:00Z")), "waiting", "healthy", 0),
        (job(lastExecution=LONG_AGO, lastSuccessfulExecution=LONG_AGO), "waiting", "overdue", 7),
        (job(lastExecution=run("Failed", **ENDED_LONG_AGO), lastSuccessfulExecution=None), "waiting", "overdue", 7),
        (job(lastExecution=None, lastSuccessfulExecution=LONG_AGO), "waiting", "overdue", 7),
        (job("Paused", "Paused", lastExecution=LONG_AGO), "stopped", "stopped", 5),
        (
            Job.of({"id": "scim.x.y", "schedule": None, "status": {"code": "NotConfigured"}}),
            "notStarted",
            "neverRan",
            6,
        ),
        (Job.of({"id": "scim.x.y", "schedule": ON, "status": None}), "unknown", "unknown", 1),
        (Job.of({"id": "scim.x.y", "schedule": None, "status": None}), "notStarted", "neverRan", 6),
        (Job.of({"id": "scim.x.y", "schedule": ON, "status": {"code": "Active"}}), "waiting", "healthy", 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_pipeline_can_tell_how_the_job_is(found: Job, state: str, health: str, exit_code: int) -> None:
    seen = report(found)
    assert (seen.state, seen.health, seen.exit_code) == (state, health, exit_code)


def test_the_cycle_is_initial_until_everyone_was_processed_once() -> None:
    assert report(job()).cycle == "incremental"
    assert report(job(steadyStateFirstAchievedTime="0001-01-01T00:00:00Z")).cycle == "initial"


def test_the_next_run_follows_from_the_last_end_and_the_interval() -> None:
    following = report(job()).next_run
    assert following is not None
    assert (following.time, following.basis) == (datetime(2026, 11, 24, 12, 10, tzinfo=UTC), "interval")


def test_in_quarantine_the_next_run_is_what_entra_says() -> None:
    following = report(job("Quarantine", quarantine=quarantine("Unknown"))).next_run
    assert following is not None
    assert (following.time, following.basis) == (datetime(2026, 11, 24, 18, 0, tzinfo=UTC), "quarantine")


@pytest.mark.parametrize(
    "found",
    [job("Paused", "Paused"), job("NotRun", **NEVER_RAN), published("job-created-2021-05")],
    ids=["stopped", "running", "new"],
)
def test_what_does_not_wait_has_no_next_run(found: Job) -> None:
    assert report(found).next_run is None


@pytest.mark.parametrize(
    "name",
    [
        "EncounteredBaseEscrowThreshold",
        "EncounteredTotalEscrowThreshold",
        "EncounteredEscrowProportionThreshold",
        "EncounteredQuarantineException",
        "Unknown",
        "QuarantinedOnDemand",
        "TooManyDeletes",
        "IngestionInterrupted",
    ],
)
def test_each_reason_of_graphs_enum_is_explained_with_a_remedy(name: str) -> None:
    seen = report(job("Quarantine", quarantine=quarantine(name))).quarantine
    assert seen is not None
    assert (seen.meaning, seen.what_to_do) == (REASONS[name].meaning, REASONS[name].remedy)
    assert seen.what_to_do


def test_an_unknown_reason_is_named() -> None:
    report = status_report(REF, job("Quarantine", quarantine=quarantine("WhateverComes")), NOW)
    assert report.quarantine is not None
    assert report.quarantine.reason == "WhateverComes"
    assert report.quarantine.meaning == "a reason that Microsoft does not document"
    assert reason("QuarantineOnDemand") == REASONS["QuarantinedOnDemand"]


def test_deletions_over_the_threshold_name_both_ways_on() -> None:
    remedy = " ".join(REASONS["TooManyDeletes"].remedy)
    assert "eptura-scim restart --force-deletes" in remedy
    assert "only then `eptura-scim restart`" in remedy


def test_a_quarantine_says_when_entra_disables_the_job() -> None:
    seen = report(job("Quarantine", quarantine=quarantine("Unknown"))).quarantine
    assert seen is not None
    assert seen.disabled_at == datetime(2026, 12, 21, 12, 0, tzinfo=UTC)


def test_a_job_that_entra_disabled_has_no_next_run_but_a_hint() -> None:
    """A job as Graph answers it after four weeks of quarantine."""
    long_ago = quarantine("TooManyDeletes", seriesBegan="2024-12-01T00:00:00Z", nextAttempt="2026-11-25T08:00:00Z")
    seen = report(job("Quarantine", "Disabled", quarantine=long_ago))
    assert seen.next_run is None
    assert seen.quarantine is not None
    assert seen.quarantine.disabled
    assert seen.quarantine.disabled_at == datetime(2024, 12, 29, tzinfo=UTC)
    assert "eptura-scim start" in seen.quarantine.what_to_do[-1]


def test_a_quarantine_that_began_at_no_time_disables_at_none() -> None:
    seen = report(job("Quarantine", quarantine={"reason": None, "seriesBegan": "9999-12-31T23:59:59.9999999Z"}))
    assert seen.quarantine is not None
    assert (seen.quarantine.reason, seen.quarantine.began, seen.quarantine.disabled_at) == ("Unknown", None, None)


@pytest.mark.parametrize(
    ("secrets", "scope", "saved"),
    [
        ({"SyncAll": "true", "SecretToken": "*", "BaseAddress": "https://x/"}, "all", True),
        ({"SyncAll": "False", "BaseAddress": "https://x/"}, "assigned", False),
        ({}, "unknown", False),
    ],
)
def test_the_connection_says_scope_and_whether_a_token_is_saved(
    secrets: dict[str, str], scope: str, saved: bool
) -> None:
    seen = connection_report(secrets)
    assert (seen.scope, seen.token_saved, seen.tenant_url) == (scope, saved, secrets.get("BaseAddress"))


def test_a_later_time_alone_is_not_a_change() -> None:
    now = report(job())
    assert report(job(), NOW + timedelta(minutes=3)).same_as(now)
    assert not report(job(), NOW).same_as(None)
    assert not report(job(lastExecution=run(countExported=7))).same_as(now)


def test_the_json_has_exactly_the_documented_fields() -> None:
    full = report(
        job("Quarantine", quarantine=quarantine("TooManyDeletes"), progress=[{"totalUnits": 3}]),
        connection=connection_report({}),
    )
    seen = json.loads(full.model_dump_json())
    assert list(seen) == [
        "servicePrincipalId",
        "jobId",
        "observedAt",
        "health",
        "exitCode",
        "state",
        "cycle",
        "statusCode",
        "scheduleState",
        "intervalSeconds",
        "nextRun",
        "lastRun",
        "lastSuccess",
        "lastSuccessWithExports",
        "secondsSinceSuccess",
        "steadyStateFirst",
        "steadyStateLast",
        "progress",
        "synchronized",
        "successiveFailures",
        "escrowsPruned",
        "quarantine",
        "troubleshootingUrl",
        "portalUrl",
        "connection",
        "token",
    ]
    assert list(seen["lastRun"]) == [
        "result",
        "began",
        "ended",
        "imported",
        "changesImported",
        "inScope",
        "toExport",
        "exported",
        "failed",
        "error",
        "activityId",
    ]
    assert list(seen["quarantine"]) == [
        "reason",
        "meaning",
        "whatToDo",
        "error",
        "began",
        "timesRenewed",
        "nextAttempt",
        "disabledAt",
        "disabled",
    ]
    assert list(seen["quarantine"]["error"]) == ["code", "message", "yoursToSolve"]
    assert list(seen["nextRun"]) == ["time", "basis"]
    assert list(seen["progress"][0]) == ["done", "total", "units"]
    assert list(seen["connection"]) == ["tenantUrl", "tokenSaved", "scope"]
    assert seen["observedAt"] == "2026-11-24T12:00:00Z"
    assert seen["secondsSinceSuccess"] == 1800
