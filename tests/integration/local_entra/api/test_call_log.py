"""The log of calls: complete, and without a secret in it."""

from __future__ import annotations

import logging

import pytest

from eptura_scim.local_entra import LocalEntra
from eptura_scim.local_entra.api.call_log import area_of, masked
from tests.integration.local_entra.graph_client import App, GraphClient, pairs

TOKEN = "t0k3n-that-nobody-may-see"


async def test_reads_and_writes_are_told_apart(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    await graph.connect(app)
    entra.calls.clear()

    await graph.login()
    await graph.http.get("/metadata/endpoints")
    await graph.ask("GET", app.job_path)
    await graph.ask("POST", f"{app.job_path}/validateCredentials", {"useSavedCredentials": True})
    await graph.ask("POST", f"{app.schema}/parseExpression", {"expression": "[a]"})
    await graph.ask("PUT", app.schema, await graph.get(app.schema))
    await graph.save(app, SyncAll="true")
    await graph.ask("POST", f"{app.job_path}/start")

    calls = entra.calls
    assert [call.area for call in calls.writes()] == ["schema", "secrets", "job"]
    assert [call.action for call in calls.writes()] == ["schema", "secrets", "start"]
    assert [call.area for call in calls.reads()] == ["job", "credentials", "schema", "schema"]
    assert len(calls.logins()) == 1
    assert len(calls) == 9
    assert [call.method for call in calls.of("schema")] == ["POST", "GET", "PUT"]
    assert len(calls.of("schema", "PUT")) == 1


async def test_a_recorded_call_has_caller_request_and_answer(graph: GraphClient, app: App) -> None:
    graph.http.headers["User-Agent"] = "pulumi-test/1"
    answer = await graph.ask("GET", "/servicePrincipals?%24filter=displayName+eq+%27a+b%27", version="beta")

    call = list(graph.entra.calls)[-1]
    assert (call.method, call.path, call.query) == (
        "GET",
        "/beta/servicePrincipals",
        "$filter=displayName eq 'a b'",
    )
    assert (call.status, call.user_agent, call.area) == (200, "pulumi-test/1", "servicePrincipal")
    assert call.request_id == answer.headers["request-id"]
    assert str(call) == "GET /beta/servicePrincipals?$filter=displayName eq 'a b' -> 200"


async def test_the_clients_request_id_comes_back(graph: GraphClient) -> None:
    answer = await graph.http.get("/v1.0/applications", headers={"client-request-id": "mine"})
    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["request-id"] != "mine"


async def test_numbers_go_on_after_clear(graph: GraphClient, entra: LocalEntra) -> None:
    await graph.login()
    entra.calls.clear()
    await graph.login()
    assert [call.number for call in entra.calls] == [2]


async def test_no_secret_is_in_the_calls_or_the_log(
    graph: GraphClient, app: App, entra: LocalEntra, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await graph.save(app, BaseAddress=entra.scim.url, SecretToken=TOKEN, Oauth2ClientSecret=TOKEN, Password=TOKEN)
    body = {"credentials": pairs(BaseAddress=entra.scim.url, SecretToken=TOKEN)}
    await graph.ask("POST", f"{app.job_path}/validateCredentials", body)
    await graph.ask("POST", f"{app.synchronization}/jobs/validateCredentials", body)
    await graph.login(client_secret=TOKEN)
    await graph.login(client_assertion=TOKEN, client_assertion_type="x")
    await graph.http.put(f"/v1.0{app.secrets}", content=f"{TOKEN} no json", headers={"Authorization": TOKEN})

    text = repr(list(entra.calls)) + repr(entra.tenant)
    assert TOKEN not in text
    assert entra.tenant.client_secret not in text
    assert graph.token not in text
    assert TOKEN not in caplog.text
    [put] = [call for call in entra.calls.of("secrets", "PUT") if call.status == 204]
    assert {pair["key"]: pair["value"] for pair in put.body["value"]}["BaseAddress"] == entra.scim.url


async def test_requests_of_the_scim_server_are_not_calls_of_graph(graph: GraphClient, entra: LocalEntra) -> None:
    await graph.http.get(f"{entra.scim.url}Users", headers={"Authorization": f"Bearer {entra.scim.token}"})
    assert len(entra.calls) == 0


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/metadata/endpoints", "metadata"),
        ("/x/oauth2/v2.0/token", "login"),
        ("/v1.0/applicationTemplates/x/instantiate", "template"),
        ("/v1.0/applications/x", "application"),
        ("/beta/servicePrincipals(appId='x')", "servicePrincipal"),
        ("/v1.0/servicePrincipals/x/synchronization/templates", "template"),
        ("/v1.0/servicePrincipals/x/synchronization/jobs/y/pause", "job"),
        ("/v1.0/users", "people"),
        ("/v1.0/groups/x/members", "people"),
        ("/v1.0/users/x/appRoleAssignments", "assignment"),
        ("/v1.0/servicePrincipals/x/appRoleAssignedTo/y", "assignment"),
        ("/v1.0/organization", "other"),
    ],
)
def test_an_area_is_read_off_the_path(path: str, area: str) -> None:
    assert area_of(path) == area


def test_masking_leaves_what_is_not_secret() -> None:
    value = {
        "a": [{"key": "SecretToken", "value": "x"}, {"key": "SyncAll", "value": "true"}],
        "newPassword": "x",
        "n": 1,
    }
    assert masked(value) == {
        "a": [{"key": "SecretToken", "value": "*"}, {"key": "SyncAll", "value": "true"}],
        "newPassword": "*",
        "n": 1,
    }
