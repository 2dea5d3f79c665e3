"""What the benchmarks make of calls and durations."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.calls import Traffic, by_resource
from benchmarks.figures import Figure, at_most, exactly, take_turns
from benchmarks.report import BenchmarkReport
from eptura_scim.local_entra import Calls

OURS = "eptura-scim"
OUR_LOGIN = "azsdk-python-identity/1.27.0 Python/3.11"
THE_REAL_AZUREAD = "Go-http-client/1.1"
JOB = "/v1.0/servicePrincipals/1/synchronization/jobs/2"


@pytest.fixture
def calls() -> Calls:
    made = Calls()
    for user_agent, method, path in [
        ("Python/3.11 aiohttp/3.14.5", "GET", "/metadata/endpoints"),
        (OUR_LOGIN, "POST", "/tenant/oauth2/v2.0/token"),
        (OURS, "GET", JOB),
        (OURS, "POST", f"{JOB}/validateCredentials"),
        (OURS, "PUT", "/v1.0/servicePrincipals/1/synchronization/secrets"),
        (OURS, "GET", f"{JOB}/schema"),
        (OURS, "POST", f"{JOB}/start"),
        (THE_REAL_AZUREAD, "POST", "/tenant/oauth2/v2.0/token"),
        (THE_REAL_AZUREAD, "POST", "/v1.0/applicationTemplates/1/instantiate"),
        (THE_REAL_AZUREAD, "GET", "/v1.0/applications/1"),
    ]:
        made.record(
            method=method,
            path=path,
            query="",
            status=200,
            request_id="",
            user_agent=user_agent,
            body=b"",
            fault=None,
        )
    return made


def test_calls_are_told_apart_by_plugin_and_resource(calls: Calls) -> None:
    counted = {key: count for key, count in by_resource(calls).items() if str(count)}
    assert counted == {
        ("eptura-scim", "login"): Traffic(logins=1),
        ("eptura-scim", "SynchronizationSecrets"): Traffic(tests=1, writes=1),
        ("eptura-scim", "SynchronizationSchema"): Traffic(reads=1),
        ("eptura-scim", "SynchronizationJob, SynchronizationJobState"): Traffic(reads=1, writes=1),
        ("azuread", "login"): Traffic(logins=1),
        ("azuread", "ApplicationFromTemplate"): Traffic(reads=1, writes=1),
    }


def test_a_change_is_shown_with_calls_by_plugin_and_our_writes(calls: Calls, tmp_path: Path) -> None:
    report = BenchmarkReport(1, changes={"scope": list(calls)})
    shown = io.StringIO()
    report.show(Console(file=shown, width=160))
    assert "PUT secrets, POST start" in shown.getvalue()
    assert "2 reads, 1 test, 2 writes, 1 login" in shown.getvalue()
    report.write(tmp_path / "figures.json")
    assert json.loads((tmp_path / "figures.json").read_text())["changes"]["scope"]["eptura-scim login"]["logins"] == 1


def test_an_extra_call_breaks_a_promise_and_a_slow_run_does_not() -> None:
    assert Figure("ratio", "times", (1.1, 1.2, 9.0), at_most(1.5)).holds
    assert not Figure("reads", "calls", (3, 3, 4), at_most(3)).holds
    assert not Figure("writes", "calls", (0, 1), exactly(0)).holds
    assert Figure("seconds", "s", (1.0,)).holds is None


def test_the_first_round_is_not_counted_and_the_sides_take_turns() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return float(len(order))

    one, other = take_turns(2, lambda: side("one"), lambda: side("other"))
    assert (one, other) == ((3.0, 6.0), (4.0, 5.0))
    assert order == ["other", "one", "one", "other", "other", "one"]


def test_a_broken_promise_is_named_in_what_is_shown_and_written(tmp_path: Path) -> None:
    report = BenchmarkReport(1, figures={"start": [Figure("ratio", "times", (1.8,), at_most(1.5))]})
    shown = io.StringIO()
    report.show(Console(file=shown, width=100))
    assert "Promises kept: 0 of 1" in shown.getvalue()
    assert "BROKEN: start: ratio" in shown.getvalue()
    report.write(tmp_path / "figures.json")
    assert '"holds": false' in (tmp_path / "figures.json").read_text()
