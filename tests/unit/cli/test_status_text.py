"""A status report in words."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from eptura_scim.cli.status_text import block, line, plain
from eptura_scim.graph.synchronization import Job
from eptura_scim.jobs.status import connection_report, status_report
from eptura_scim.token_expiry import TokenExpiry
from tests.unit.job_samples import NEVER_RAN, NOW, REF, job, quarantine, run


def said(*arguments: Any, connection: dict[str, str] | None = None, **status: Any) -> str:
    found = job(*arguments, **status)
    saved = None if connection is None else connection_report(connection)
    return plain(status_report(REF, found, NOW, connection=saved, portal_url="https://portal.example"))


def test_a_healthy_job_reads_as_one() -> None:
    assert said().splitlines() == [
        "Provisioning is on and healthy.",
        "  Cycle         incremental (everyone was processed first at 2026-11-20 08:00 UTC), waiting for the next run",
        "  Next run      2026-11-24 12:10 UTC, in 10 minutes (computed: end of the last run and interval)",
        "  Last run      succeeded 2026-11-24 11:30 UTC, 30 minutes ago, took 41 seconds: "
        "5 read, 4 in scope, 3 of 3 exported, 0 failed",
        "  Last success  2026-11-24 11:30 UTC, 30 minutes ago",
        "  Synchronized  User 3, Group 1",
        "  Portal        https://portal.example",
        "  Job           scim.x.y of service principal 11111111-1111-1111-1111-111111111111",
    ]


def test_a_run_that_left_failures_is_not_called_a_success() -> None:
    text = said(lastExecution=run(countEscrowed=1))
    assert "  Last run      ended, some entries failed 2026-11-24 11:30 UTC" in text
    assert "1 failed" in text


def test_what_never_happened_is_never() -> None:
    text = said("Paused", "Disabled", **NEVER_RAN)
    assert text.startswith("Provisioning is off, and no cycle ever ran.")
    assert "  Last run      never\n  Last success  never\n  Synchronized  nothing yet\n" in text
    assert "0001" not in text


def test_a_running_first_cycle_is_shown_with_its_progress() -> None:
    text = said("NotRun", **NEVER_RAN, progress=[{"completedUnits": 40, "totalUnits": 100, "units": "users"}])
    assert text.startswith("Provisioning is on; its first cycle has not ended.")
    assert "initial (not everyone yet), running: 40 of 100 users done" in text


def test_a_quarantine_is_explained_with_entras_words_and_steps() -> None:
    text = said("Quarantine", quarantine=quarantine("TooManyDeletes"), countSuccessiveCompleteFailures=3)
    assert text.startswith("Provisioning is in quarantine.")
    assert "accidentalDeletionThreshold allows (TooManyDeletes)" in text
    assert "SomeCode: Some message. (yours to solve)" in text
    assert "2026-11-23 12:00 UTC, 1 day ago, renewed 3 times" in text
    assert "Entra disables the job: 2026-12-21 12:00 UTC (computed: after four weeks)" in text
    assert "2026-11-24 18:00 UTC, in 6 hours (set by Entra)" in text
    assert "1. See who" in text
    assert "failed 3 times in a row" in text


def test_a_job_that_entra_disabled_is_said_to_be_off() -> None:
    found = quarantine("TooManyDeletes", seriesBegan="2024-12-01T00:00:00Z", nextAttempt="2026-11-25T08:00:00Z")
    text = said("Quarantine", "Disabled", quarantine=found)
    assert text.startswith("Provisioning is off: Entra has disabled it after four weeks in quarantine.")
    assert "Entra disabled the job at about 2024-12-29 00:00 UTC (computed: after four weeks)" in text
    assert "When that is done, `eptura-scim start`" in text
    assert "Next run" not in text
    assert "in 20 hours" not in text


def test_a_quarantine_after_four_weeks_is_shown_as_due() -> None:
    text = said("Quarantine", quarantine=quarantine("Unknown", seriesBegan="2026-10-01T00:00:00Z"))
    assert "Entra disables the job: due since 2026-10-29 00:00 UTC" in text


def test_a_next_run_in_the_past_is_due() -> None:
    text = said(lastExecution=run(timeEnded="2026-11-24T11:10:00Z"), lastSuccessfulExecution=None)
    assert "Next run      due since 2026-11-24 11:50 UTC, 10 minutes ago" in text
    assert text.startswith("Provisioning is on and healthy.")


def test_a_job_that_has_not_run_for_days_is_overdue() -> None:
    old = run(timeBegan="2026-11-20T07:59:00Z", timeEnded="2026-11-20T08:00:00Z")
    text = said(lastExecution=old, lastSuccessfulExecution=old)
    assert text.startswith("Provisioning is on, but Entra has not run it for too long.")
    assert "due since 2026-11-20 08:40 UTC, 4 days ago" in text
    assert "2. `eptura-scim pause`, then `eptura-scim start`" in text


def test_a_job_without_a_status_is_not_called_off() -> None:
    document = {"id": "scim.x.y", "schedule": {"state": "Active"}, "status": None}
    text = plain(status_report(REF, Job.of(document), NOW))
    assert text.startswith("Provisioning is on; Entra gives no status of it.")


def test_a_status_that_is_not_documented_is_named() -> None:
    report = status_report(REF, job("Hibernating"), NOW)
    assert plain(report).startswith(
        "Provisioning is on; Entra gives it the status Hibernating, which is not documented."
    )
    assert (report.health, report.exit_code) == ("unknown", 1)
    text = said("Quarantine", quarantine=quarantine("NewReason"))
    assert "a reason that Microsoft does not document (NewReason)" in text


def test_counts_without_a_name_are_shown() -> None:
    assert "Synchronized  unnamed 3" in said(synchronizedEntryCountByType=[{"key": None, "value": 3}])


def test_the_same_error_is_told_once() -> None:
    error = {"code": "Same", "message": "as before", "tenantActionable": False}
    broken = {"quarantine": quarantine("Unknown", error=error), "lastExecution": run("Failed", error=error)}
    assert said("Quarantine", **broken).count("Same: as before") == 1
    assert said(lastExecution=run("Failed", error=error)).count("Same: as before") == 1


def test_entras_own_help_is_linked() -> None:
    assert "  Entra's help  https://aka.ms/why" in said(troubleshootingUrl="https://aka.ms/why").splitlines()


def test_a_run_that_failed_as_a_whole_leads_to_the_connection() -> None:
    text = said(lastExecution=run("Failed", countEscrowed=0))
    assert "`pulumi preview` tests the saved connection; the next run tries again" in text
    assert "provision-on-demand" not in text


def test_failed_entries_and_forgotten_failures_are_told() -> None:
    text = said(lastExecution=run("EntryLevelErrors"), escrowsPruned=True)
    assert text.startswith("Provisioning is on; its last run had errors.")
    assert "ended, some entries failed 2026-11-24 11:30 UTC" in text
    assert "2 of 3 exported, 1 failed" in text
    assert "What to do" in text
    assert "provision-on-demand USER" in text
    assert "Entra forgot the failures" in text


@pytest.mark.parametrize(
    ("secrets", "rows"),
    [
        (
            {"SyncAll": "true", "BaseAddress": "https://x/", "SecretToken": "*"},
            ["all users and groups", "https://x/, a token is saved"],
        ),
        ({"SyncAll": "false"}, ["assigned users and groups", "no tenant URL, no token is saved"]),
        ({}, ["not set", "no token is saved"]),
    ],
)
def test_scope_and_connection_are_shown_where_they_were_read(secrets: dict[str, str], rows: list[str]) -> None:
    text = said(connection=secrets)
    for row in rows:
        assert row in text
    assert "Scope" not in said()


def test_a_line_holds_what_a_log_needs() -> None:
    found = job("Quarantine", quarantine=quarantine("TooManyDeletes"), lastExecution=run("Failed"))
    text = line(status_report(REF, found, NOW))
    assert text.startswith("2026-11-24T12:00:00Z quarantine; incremental cycle tried more and more rarely")
    assert "last run failed, 1 failed; User 3, Group 1; TooManyDeletes: more users" in text
    assert "\n" not in text


def test_a_narrow_terminal_folds_and_loses_nothing() -> None:
    out = io.StringIO()
    found = status_report(REF, job("Quarantine", quarantine=quarantine("TooManyDeletes")), NOW)
    Console(file=out, width=50).print(block(found))
    assert "".join(out.getvalue().split()) == "".join(plain(found).split())
    assert all(len(row) <= 50 for row in out.getvalue().splitlines())


@pytest.mark.parametrize(
    ("days", "warned", "told"),
    [
        (30, True, "the token expires on 2026-12-24, in 30 days: get another from Eptura"),
        (-1, True, "the token expired on 2026-11-23: get another from Eptura"),
        (30, False, "the token expires on 2026-12-24, in 30 days\n"),
    ],
)
def test_the_tokens_expiry_is_shown_with_what_to_do_near_it(days: int, warned: bool, told: str) -> None:
    expires = NOW + timedelta(days=days)
    found = status_report(REF, job(), NOW, token=TokenExpiry(expires, NOW if warned else None))
    assert f"  Token         {told}" in plain(found)
    assert (told.partition(":")[0].strip() in line(found)) is warned
