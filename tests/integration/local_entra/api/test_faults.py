"""Faults on request: counted, never timed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from eptura_scim.local_entra import Fault, LocalEntra
from tests.integration.local_entra.graph_client import App, GraphClient, error


@pytest.mark.parametrize(
    ("retry_after", "header"),
    [(None, None), (7, "7"), (datetime(2026, 11, 24, 12, 30, tzinfo=UTC), "Tue, 24 Nov 2026 12:30:00 GMT")],
)
async def test_throttling_is_answered_as_often_as_asked(
    retry_after: Any, header: str | None, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.faults.add(Fault(method="GET", path="/secrets$", status=429, times=2, retry_after=retry_after))

    answers = [await graph.ask("GET", app.secrets) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers.get("retry-after") == header
    assert error(answers[0])["code"] == "TooManyRequests"
    assert entra.faults.pending() == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 500, 502, 503, 504, 418])
async def test_any_status_has_the_shape_of_graphs_errors(
    status: int, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.faults.add(Fault(status=status, message="on purpose"))
    answer = await graph.ask("GET", app.secrets)
    assert answer.status_code == status
    assert error(answer)["message"] == "on purpose"


async def test_a_fault_meets_only_matching_calls_after_its_delay(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.faults.add(Fault(method="put", path="/secrets$", after=1, code="Mine"))

    assert (await graph.ask("GET", app.secrets)).status_code == 200
    assert (await graph.save(app, SyncAll="true")).status_code == 204
    refused = await graph.save(app, SyncAll="false")
    assert (refused.status_code, error(refused)["code"]) == (503, "Mine")
    assert await graph.saved(app) == {"SyncAll": "true"}


async def test_the_login_can_fail_as_well(graph: GraphClient, entra: LocalEntra) -> None:
    entra.faults.add(Fault(path="/oauth2/v2.0/token$", status=503))
    assert (await graph.login()).status_code == 503
    assert (await graph.login()).status_code == 200


@pytest.mark.parametrize("applied", [True, False])
async def test_a_lost_answer_may_hide_a_change_that_happened(
    applied: bool, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.faults.add(
        Fault(method="PUT", path="/secrets$", kind="reset", applied=applied),
        Fault(method="PUT", path="/secrets$", status=504, applied=applied),
    )

    with pytest.raises(ConnectionResetError):
        await graph.save(app, SyncAll="true")
    assert bool(await graph.saved(app)) is applied
    assert (await graph.save(app, SyncAll="false")).status_code == 504
    assert await graph.saved(app) == ({"SyncAll": "false"} if applied else {})


async def test_a_slow_answer_waits_as_long_as_asked(entra: LocalEntra, graph: GraphClient, app: App) -> None:
    entra.faults.add(Fault(path="/secrets$", kind="slow", delay=0.0))
    assert (await graph.ask("GET", app.secrets)).status_code == 200
    assert [call.fault for call in entra.calls][-1] == "slow"


async def test_a_garbled_answer_is_a_page_although_the_change_happened(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.faults.add(Fault(method="PUT", path="/secrets$", kind="garble"))
    answer = await graph.save(app, SyncAll="true")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert await graph.saved(app) == {"SyncAll": "true"}


async def test_a_fault_may_be_for_one_client_alone(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    entra.faults.add(Fault(path="/secrets$", user_agent="^azuread"), Fault(path="/secrets$", user_agent="httpx"))
    assert (await graph.ask("GET", app.secrets)).status_code == 503
    assert [fault.user_agent for fault in entra.faults.pending()] == ["^azuread"]


@pytest.mark.parametrize(("applied", "seen"), [(True, {"SyncAll": "true"}), (False, {})])
async def test_an_answer_may_be_late_before_the_connection_ends(applied: bool, seen: dict[str, str]) -> None:
    waited: list[tuple[float, dict[str, str]]] = []

    async def note(seconds: float) -> None:
        waited.append((seconds, entra.portal.secrets()))

    entra = LocalEntra.in_process(sleep=note)
    graph = GraphClient.in_process(entra)
    app = await graph.new_app()
    entra.faults.add(Fault(method="PUT", path="/secrets$", kind="reset", applied=applied, delay=120))
    with pytest.raises(ConnectionResetError):
        await graph.save(app, SyncAll="true")
    assert waited == [(120, seen)]
    await graph.http.aclose()


async def test_a_new_application_is_not_visible_for_a_while(graph: GraphClient, entra: LocalEntra) -> None:
    entra.faults.add(Fault(method="POST", path="/instantiate$", kind="lag", times=2))
    app = await graph.new_app(job=False)

    path = f"/applications/{app.application}"
    answers = [await graph.ask("GET", path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert error(answers[0])["code"] == "Request_ResourceNotFound"

    # The service principal lags on its own, in lists and for what is below it.
    assert await graph.own_service_principals() == []
    assert (await graph.ask("POST", f"{app.synchronization}/jobs", {"templateId": "scim"})).status_code == 404
    assert len(await graph.own_service_principals()) == 1


async def test_a_new_job_is_not_visible_for_a_while(graph: GraphClient, entra: LocalEntra) -> None:
    entra.faults.add(Fault(method="POST", path="/jobs$", kind="lag", times=1))
    app = await graph.new_app()

    assert (await graph.ask("GET", app.schema)).status_code == 404
    assert (await graph.ask("GET", app.job_path, version="beta")).status_code == 200


async def test_reads_after_a_write_may_be_stale(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    await graph.save(app, SyncAll="true")
    entra.faults.add(Fault(path="/secrets$", kind="stale", times=2))
    await graph.save(app, SyncAll="false")

    seen = [(await graph.saved(app))["SyncAll"] for _ in range(3)]
    assert seen == ["true", "true", "false"]

    await graph.save(app, SyncAll="true")
    assert (await graph.saved(app))["SyncAll"] == "false"
    entra.faults.clear()
    assert (await graph.saved(app))["SyncAll"] == "true"


async def test_a_job_may_look_paused_after_it_was_started(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    await graph.connect(app)
    entra.faults.add(Fault(method="POST", path="/start$", kind="stale", times=1))
    await graph.ask("POST", f"{app.job_path}/start")

    assert (await graph.get(app.job_path))["schedule"]["state"] == "Disabled"
    assert (await graph.get(app.job_path))["schedule"]["state"] == "Active"


async def test_a_deleted_job_may_still_be_seen_and_a_schema_may_be_old(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.faults.add(Fault(kind="stale", times=1, path="/schema$"), Fault(kind="stale", method="DELETE", times=1))
    old = await graph.get(app.schema)
    await graph.ask("PUT", app.schema, old)
    assert await graph.get(app.schema) == old
    assert await graph.get(app.schema) != old

    await graph.ask("DELETE", app.job_path)
    assert (await graph.ask("GET", app.job_path)).status_code == 200
    assert (await graph.ask("GET", app.job_path)).status_code == 404


async def test_a_refused_write_makes_nothing_stale(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    entra.faults.add(Fault(kind="stale", times=1))
    assert (await graph.save(app, Unknown="x")).status_code == 400
    entra.portal.set_scope("all")
    assert await graph.saved(app) == {"SyncAll": "true"}


async def test_clearing_ends_a_lag(graph: GraphClient, entra: LocalEntra) -> None:
    entra.faults.add(Fault(kind="lag", times=99))
    app = await graph.new_app(job=False)
    assert len(entra.faults.pending()) == 1

    entra.faults.clear()
    assert (await graph.ask("GET", f"/applications/{app.application}")).status_code == 200


async def test_a_fault_says_at_once_that_its_pattern_is_wrong() -> None:
    with pytest.raises(ValidationError, match="not a regular expression"):
        Fault(path="(")


async def test_a_bug_of_the_local_entra_is_a_500_without_details(
    graph: GraphClient, entra: LocalEntra, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = await graph.new_app()

    def fail(*_: object) -> None:
        raise RuntimeError("t0k3n")

    monkeypatch.setattr("eptura_scim.local_entra.synchronization.jobs.Synchronization.secrets", fail)
    answer = await graph.ask("GET", app.secrets)
    assert answer.status_code == 500
    assert "t0k3n" not in answer.text
    assert error(answer)["code"] == "InternalServerError"
    assert isinstance(answer, httpx.Response)
    assert "failed" in caplog.text
