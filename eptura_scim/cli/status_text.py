"""A status report in words: a block for a terminal, one line for a log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from eptura_scim.jobs.status import (
    ConnectionReport,
    Health,
    JobErrorReport,
    QuarantineReport,
    RunReport,
    State,
    StatusReport,
    TokenReport,
)
from eptura_scim.quantities import duration
from eptura_scim.token_expiry import RENEW, TokenExpiry

__all__ = ["at", "block", "headline", "line", "plain", "rows"]

_HEADLINES: dict[Health, tuple[str, str]] = {
    "healthy": ("Provisioning is on and healthy.", "bold green"),
    "quarantine": ("Provisioning is in quarantine.", "bold red"),
    "errors": ("Provisioning is on; its last run had errors.", "bold yellow"),
    "stopped": ("Provisioning is stopped.", "bold yellow"),
    "neverRan": ("Provisioning is off, and no cycle ever ran.", "bold yellow"),
    "overdue": ("Provisioning is on, but Entra has not run it for too long.", "bold red"),
    "unknown": ("Provisioning is on; Entra gives no status of it.", "bold yellow"),
}
_DISABLED = "Provisioning is off: Entra has disabled it after four weeks in quarantine."
_STATES: dict[State, str] = {
    "running": "running",
    "waiting": "waiting for the next run",
    "stopped": "stopped",
    "quarantine": "tried more and more rarely while in quarantine",
    "notStarted": "not started",
    "unknown": "of an unknown state",
}
_RESULTS = {"Succeeded": "succeeded", "EntryLevelErrors": "ended, some entries failed", "Failed": "failed", "": "runs"}


def block(report: StatusReport) -> RenderableType:
    """The whole report; folded where the terminal is narrow."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in rows(report):
        table.add_row(f"  {label}", Text(text))
    return Group(Text(*headline(report)), table)


def plain(report: StatusReport) -> str:
    """The same for a file or a pipe: nothing is folded."""
    return "\n".join([headline(report)[0], *(f"  {label:<14}{text}" for label, text in rows(report))])


def line(report: StatusReport) -> str:
    """What differs from run to run, in one line."""
    parts = [report.health, f"{report.cycle} cycle {_STATES[report.state]}"]
    if run := report.last_run:
        parts.append(f"last run {_result(run)}{f', {run.failed} failed' if run.failed else ''}")
    if report.synchronized:
        parts.append(_counts(report.synchronized))
    if report.quarantine:
        parts.append(f"{report.quarantine.reason}: {report.quarantine.meaning}")
    if report.token and report.token.warned:
        parts.append(TokenExpiry(report.token.expires, None).said(report.observed_at))
    return f"{report.observed_at:%Y-%m-%dT%H:%M:%SZ} {'; '.join(parts)}"


def headline(report: StatusReport) -> tuple[str, str]:
    """The report in one sentence, and the style of it."""
    if report.health == "healthy" and report.last_run is None:
        return "Provisioning is on; its first cycle has not ended.", "bold green"
    if report.quarantine and report.quarantine.disabled and report.health == "quarantine":
        return (_DISABLED if _four_weeks_over(report) else "Provisioning is in quarantine, and off."), "bold red"
    if report.health == "unknown" and report.status_code:
        said = f"Provisioning is on; Entra gives it the status {report.status_code}, which is not documented."
        return said, "bold yellow"
    return _HEADLINES[report.health]


def rows(report: StatusReport) -> Iterator[tuple[str, str]]:
    """What a report says, as labels and texts; a label is empty where the text before it continues."""
    now = report.observed_at
    yield "Cycle", _cycle(report)
    if report.next_run:
        how = "computed: end of the last run and interval" if report.next_run.basis == "interval" else "set by Entra"
        due = report.next_run.time <= now
        yield "Next run", f"{'due since ' if due else ''}{_when(report.next_run.time, now)} ({how})"
    if report.health == "overdue":
        yield "What to do", "1. Look for an outage of provisioning in Microsoft's service health"
        yield (
            "",
            "2. `eptura-scim pause`, then `eptura-scim start`: Entra schedules the job again and continues from there",
        )
        yield "", "3. Ask Microsoft support, with the ids of the job and of its last run"
    if report.quarantine:
        yield from _quarantine_rows(report.quarantine, now, disabled=_four_weeks_over(report))
    yield "Last run", _run(report.last_run, now)
    known = report.quarantine.error if report.quarantine else None
    if report.last_run and report.last_run.error not in {None, known}:
        yield "", _error(report.last_run.error)
    if report.health == "errors":
        yield "What to do", _after_errors(report.last_run)
    if report.successive_failures > 1:
        yield "", f"failed {report.successive_failures} times in a row"
    if report.escrows_pruned:
        yield (
            "",
            (
                "too many entries failed in the initial cycle: Entra forgot the failures and stops after it. "
                "Correct what the provisioning logs name, then `eptura-scim restart`"
            ),
        )
    success = report.last_success
    yield "Last success", _when(success.ended, now) if success and success.ended else "never"
    yield "Synchronized", _counts(report.synchronized) if report.synchronized else "nothing yet"
    if report.token:
        yield "Token", _token(report.token, now)
    if report.connection:
        yield from _connection_rows(report.connection)
    if report.troubleshooting_url:
        yield "Entra's help", report.troubleshooting_url
    if report.portal_url:
        yield "Portal", report.portal_url
    yield "Job", f"{report.job_id} of service principal {report.service_principal_id}"


def _cycle(report: StatusReport) -> str:
    steady = report.steady_state_first
    kind = f"incremental (everyone was processed first at {at(steady)})" if steady else "initial (not everyone yet)"
    state = "off" if report.quarantine and report.quarantine.disabled else _STATES[report.state]
    told = "; ".join(
        f"{part.done} of {part.total} {part.units or 'units'}" for part in report.progress if part.done < part.total
    )
    return f"{kind}, {state}{f': {told} done' if told else ''}"


def _four_weeks_over(report: StatusReport) -> bool:
    """Whether Entra has disabled the job, as it does four weeks after a quarantine began."""
    found = report.quarantine
    return bool(found and found.disabled and found.disabled_at and found.disabled_at <= report.observed_at)


def _quarantine_rows(found: QuarantineReport, now: datetime, *, disabled: bool) -> Iterator[tuple[str, str]]:
    yield "Why", f"{found.meaning} ({found.reason})"
    if found.error:
        yield "", _error(found.error)
    if found.began:
        renewed = f", renewed {found.times_renewed} times" if found.times_renewed > 1 else ""
        yield "Since", f"{_when(found.began, now)}{renewed}"
    if found.disabled_at and disabled:
        yield "", f"Entra disabled the job at about {at(found.disabled_at)} (computed: after four weeks)"
    elif found.disabled_at and not found.disabled:
        due = "" if found.disabled_at > now else "due since "
        yield "", f"Entra disables the job: {due}{at(found.disabled_at)} (computed: after four weeks)"
    for number, step in enumerate(found.what_to_do, 1):
        yield "What to do" if number == 1 else "", f"{number}. {step}"


def _after_errors(run: RunReport | None) -> str:
    if run and run.result == "Failed" and not run.failed:  # as a whole: it is about no user or group
        return "`pulumi preview` tests the saved connection; the next run tries again"
    return "provisioning logs, Status Failure, name each; `eptura-scim provision-on-demand USER` tries one again"


def _run(run: RunReport | None, now: datetime) -> str:
    if run is None:
        return "never"
    result = _result(run)
    ended = f"{result} {_when(run.ended, now)}" if run.ended else result
    took = f", took {duration(run.ended - run.began)}" if run.ended and run.began else ""
    return (
        f"{ended}{took}: {run.imported} read, {run.in_scope} in scope, {run.exported} of {run.to_export} exported, "
        f"{run.failed} failed"
    )


def _result(run: RunReport) -> str:
    """How a run ended; a run that Entra calls a success may have left users or groups that failed."""
    if run.result == "Succeeded" and run.failed:
        return _RESULTS["EntryLevelErrors"]
    return _RESULTS.get(run.result, run.result)


def _connection_rows(connection: ConnectionReport) -> Iterator[tuple[str, str]]:
    scopes = {
        "all": "all users and groups",
        "assigned": "assigned users and groups",
        "unknown": "not set, so Entra's default",
    }
    yield "Scope", scopes[connection.scope]
    token = "a token is saved" if connection.token_saved else "no token is saved"
    yield "Connection", f"{connection.tenant_url or 'no tenant URL'}, {token}"


def _token(token: TokenReport, now: datetime) -> str:
    said = TokenExpiry(token.expires, None).said(now)
    return f"{said}: {RENEW}" if token.warned else said


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name.partition(' to ')[0]} {count}" for name, count in counts.items())


def _error(error: JobErrorReport) -> str:
    said = ": ".join(part for part in (error.code, error.message) if part) or "no reason is given"
    return f"{said}{' (yours to solve)' if error.yours_to_solve else ''}"


def _when(moment: datetime, now: datetime) -> str:
    away = duration(moment - now)
    return f"{at(moment)}, {f'in {away}' if moment > now else f'{away} ago'}"


def at(moment: datetime) -> str:
    """A moment to the minute, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
