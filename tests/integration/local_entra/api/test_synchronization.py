"""Synchronization jobs and templates."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import App, GraphClient, error


async def test_a_new_job_is_off_and_named_by_template_tenant_and_app(graph: GraphClient, entra: LocalEntra) -> None:
    app = await graph.new_app(job=False)
    answer = await graph.ask("POST", f"{app.synchronization}/jobs", {"templateId": "scim"})

    assert answer.status_code == 201
    job = answer.json()
    assert job["id"] == f"scim.{uuid.UUID(entra.tenant.id).hex}.{app.app_id}"
    assert job["schedule"] == {"expiration": None, "interval": "PT40M", "state": "Disabled"}
    assert job["status"]["code"] == "Paused"
    assert job["status"]["steadyStateFirstAchievedTime"] == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize("code", ["Paused", "NotConfigured"])
async def test_the_status_of_a_new_job_is_a_switch(code: Any, graph: GraphClient, entra: LocalEntra) -> None:
    entra.switches.fresh_job_code = code
    app = await graph.new_app()
    assert (await graph.get(app.job_path))["status"]["code"] == code


async def test_a_job_that_was_deleted_comes_back_under_another_id(graph: GraphClient, app: App) -> None:
    assert (await graph.ask("DELETE", app.job_path)).status_code == 204
    answer = await graph.ask("GET", app.job_path)
    assert answer.status_code == 404
    assert error(answer)["code"] == "ResourceNotFound"
    assert (await graph.ask("DELETE", app.job_path)).status_code == 404

    again = (await graph.ask("POST", f"{app.synchronization}/jobs", {"templateId": "scim"})).json()
    assert again["id"] != app.job


async def test_jobs_are_listed_and_filtered_by_template(graph: GraphClient, app: App) -> None:
    await graph.ask("POST", f"{app.synchronization}/jobs", {"templateId": "customappsso"})

    assert len((await graph.get(f"{app.synchronization}/jobs"))["value"]) == 2
    found = await graph.get(f"{app.synchronization}/jobs?$filter=templateid eq 'scim'")
    assert [job["id"] for job in found["value"]] == [app.job]


@pytest.mark.parametrize("body", [{}, {"templateId": "nothing"}, {"templateId": None}])
async def test_a_job_needs_a_template_that_exists(body: Any, graph: GraphClient, app: App) -> None:
    answer = await graph.ask("POST", f"{app.synchronization}/jobs", body)
    assert answer.status_code == 400
    assert error(answer)


@pytest.mark.parametrize("kind", ["servicePrincipals", "applications"])
async def test_templates_are_listed_with_their_schema(kind: str, graph: GraphClient, app: App) -> None:
    object_id = app.service_principal if kind == "servicePrincipals" else app.application
    base = f"/{kind}/{object_id}/synchronization/templates"

    found = (await graph.get(base))["value"]
    assert [(item["id"], item["default"]) for item in found] == [("scim", True), ("customappsso", False)]
    assert (await graph.get(f"{base}/scim"))["applicationId"] == app.app_id
    assert len((await graph.get(f"{base}/scim/schema"))["directories"]) == 2
    assert (await graph.ask("GET", f"{base}/x/schema")).status_code == 404
    assert (await graph.ask("GET", f"{base}/x")).status_code == 404


async def test_start_makes_the_job_active_and_not_yet_run(graph: GraphClient, app: App) -> None:
    await graph.connect(app)
    assert (await graph.ask("POST", f"{app.job_path}/start")).status_code == 204

    job = await graph.get(app.job_path)
    assert (job["schedule"]["state"], job["status"]["code"]) == ("Active", "NotRun")


async def test_start_without_credentials_may_be_refused(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    entra.switches.start_without_credentials = "refused"
    answer = await graph.ask("POST", f"{app.job_path}/start")

    assert answer.status_code == 400
    assert error(answer)["code"] == "CredentialsMissing"
    assert (await graph.get(app.job_path))["schedule"]["state"] == "Disabled"


async def test_a_job_without_credentials_is_quarantined_by_its_cycle(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    assert (await graph.ask("POST", f"{app.job_path}/start")).status_code == 204

    job = await graph.get(app.job_path)
    assert (job["schedule"]["state"], job["status"]["code"]) == ("Active", "NotRun")
    await entra.provisioning.run_cycle()
    job = await graph.get(app.job_path)
    assert (job["schedule"]["state"], job["status"]["code"]) == ("Active", "Quarantine")
    assert job["status"]["quarantine"]["error"]["tenantActionable"] is True

    await graph.connect(app)
    await graph.ask("POST", f"{app.job_path}/start")
    job = await graph.get(app.job_path)
    assert (job["status"]["code"], job["status"]["quarantine"]) == ("NotRun", None)


@pytest.mark.parametrize("state", ["Paused", "Disabled"])
async def test_the_schedule_after_a_pause_is_a_switch(
    state: Any, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.state_after_pause = state
    await graph.connect(app)
    await graph.ask("POST", f"{app.job_path}/start")
    assert (await graph.ask("POST", f"{app.job_path}/pause")).status_code == 204

    job = await graph.get(app.job_path)
    assert (job["schedule"]["state"], job["status"]["code"]) == (state, "Paused")


@pytest.mark.parametrize(
    ("body", "scopes"),
    [
        (None, ["QuarantineState", "Watermark", "Escrows"]),
        ({}, ["QuarantineState", "Watermark", "Escrows"]),
        ({"criteria": {"resetScope": ""}}, ["QuarantineState", "Watermark", "Escrows"]),
        ({"criteria": {"resetScope": "Watermark, Escrows"}}, ["Watermark", "Escrows"]),
        ({"criteria": {"resetScope": "ForceDeletes"}}, ["ForceDeletes"]),
    ],
)
async def test_a_restart_records_its_scopes(
    body: Any, scopes: list[str], graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    assert (await graph.ask("POST", f"{app.job_path}/restart", body)).status_code == 204
    assert entra.portal.restarts() == [scopes]


async def test_a_restart_ends_a_quarantine(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    await graph.ask("POST", f"{app.job_path}/start")
    await entra.provisioning.run_cycle()

    await graph.ask("POST", f"{app.job_path}/restart", {"criteria": {"resetScope": "Watermark"}})
    assert (await graph.get(app.job_path))["status"]["code"] == "Quarantine"
    await graph.ask("POST", f"{app.job_path}/restart", {"criteria": {"resetScope": "Full"}})
    assert (await graph.get(app.job_path))["status"]["code"] == "NotRun"


@pytest.mark.parametrize("body", [{"criteria": {"resetScope": "Everything"}}, {"criteria": "Full"}])
async def test_an_unknown_reset_scope_is_refused(body: Any, graph: GraphClient, app: App) -> None:
    answer = await graph.ask("POST", f"{app.job_path}/restart", body)
    assert answer.status_code == 400
    assert error(answer)


@pytest.mark.parametrize("path", ["/bulkUpload"])
async def test_what_a_job_cannot_do_yet_is_said(path: str, graph: GraphClient, app: App) -> None:
    answer = await graph.ask("POST", f"{app.job_path}{path}", {})
    assert answer.status_code == 501
    assert path[1:] in error(answer)["message"]


async def test_acquiring_an_access_token_is_not_modelled(graph: GraphClient, app: App) -> None:
    answer = await graph.ask("POST", f"{app.synchronization}/acquireAccessToken", {"credentials": []})
    assert answer.status_code == 501
