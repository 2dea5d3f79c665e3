"""Synchronization secrets and the connection test."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import App, GraphClient, error, pairs


async def test_sensitive_values_read_back_as_a_star(graph: GraphClient, app: App) -> None:
    await graph.save(app, BaseAddress="https://x.example/scim/v1/", SecretToken="t0k3n", SyncAll="true")

    assert await graph.saved(app) == {
        "BaseAddress": "https://x.example/scim/v1/",
        "SecretToken": "*",
        "SyncAll": "true",
    }


async def test_an_empty_value_removes_a_key(graph: GraphClient, app: App) -> None:
    await graph.save(app, BaseAddress="https://x.example/", SecretToken="t0k3n")
    await graph.save(app, BaseAddress="", SecretToken="")

    assert await graph.saved(app) == {}


@pytest.mark.parametrize(("behaviour", "kept"), [("replace", {"SyncAll"}), ("merge", {"BaseAddress", "SyncAll"})])
async def test_whether_a_put_drops_other_keys_is_a_switch(
    behaviour: Any, kept: set[str], graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.secrets_put = behaviour
    await graph.save(app, BaseAddress="https://x.example/")
    await graph.save(app, SyncAll="false")

    assert (await graph.saved(app)).keys() == kept


@pytest.mark.parametrize(("behaviour", "works"), [("kept", True), ("written", False)])
async def test_a_switch_decides_whether_a_star_overwrites_the_token(
    behaviour: Any, works: bool, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.secrets_put_masked = behaviour
    await graph.connect(app)
    await graph.save(app, **await graph.saved(app))

    answer = await graph.ask("POST", f"{app.job_path}/validateCredentials", {"useSavedCredentials": True})
    assert (answer.status_code == 204) is works


async def test_a_star_for_a_key_that_was_never_saved_saves_nothing(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.secrets_put_masked = "kept"
    await graph.save(app, SecretToken="*")
    assert await graph.saved(app) == {}


@pytest.mark.parametrize(
    "body",
    [
        {"value": pairs(Unknown="x")},
        {"value": [{"key": "SyncAll", "value": True}]},
        {"value": ["SyncAll"]},
        {"value": {"SyncAll": "true"}},
        {},
        None,
    ],
)
async def test_a_put_with_unknown_keys_or_values_changes_nothing(body: Any, graph: GraphClient, app: App) -> None:
    await graph.save(app, SyncAll="true")
    answer = await graph.ask("PUT", app.secrets, body)

    assert answer.status_code == 400
    assert error(answer)
    assert await graph.saved(app) == {"SyncAll": "true"}


async def test_applications_do_not_share_secrets(graph: GraphClient, app: App) -> None:
    other = await graph.new_app("other")
    await graph.save(app, SyncAll="true")
    assert await graph.saved(other) == {}


def given(entra: LocalEntra, **changes: str) -> dict[str, Any]:
    values = {"BaseAddress": entra.scim.url, "SecretToken": entra.scim.token, **changes}
    return {"templateId": "scim", "useSavedCredentials": False, "credentials": pairs(**values)}


@pytest.mark.parametrize("path", ["/jobs/validateCredentials", "/jobs/JOB/validateCredentials"])
async def test_the_connection_test_asks_the_real_scim_server(
    path: str, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    url = f"{app.synchronization}{path.replace('JOB', app.job)}"

    assert (await graph.ask("POST", url, given(entra))).status_code == 204
    refused = await graph.ask("POST", url, given(entra, SecretToken="wr0ng-t0k3n"))
    assert refused.status_code == 400
    assert "401" in error(refused)["message"]
    assert "wr0ng-t0k3n" not in refused.text


async def test_a_flag_in_the_tenant_url_is_not_sent_to_the_endpoint(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    body = given(entra, BaseAddress=f"{entra.scim.url}?aadOptscim062020")
    assert (await graph.ask("POST", f"{app.job_path}/validateCredentials", body)).status_code == 204


async def test_saved_credentials_are_tested_with_the_real_values(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    path = f"{app.job_path}/validateCredentials"
    assert (await graph.ask("POST", path, {"useSavedCredentials": True})).status_code == 400
    await graph.connect(app)
    assert (await graph.ask("POST", path, {"useSavedCredentials": True})).status_code == 204

    entra.scim.accept_tokens(["another"])
    assert (await graph.ask("POST", path, {"useSavedCredentials": True})).status_code == 400
    await graph.save(app, BaseAddress=entra.scim.url, SecretToken=entra.scim.token)
    assert (await graph.ask("POST", path, {"useSavedCredentials": True})).status_code == 204


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("unavailable", "CredentialValidationUnavailable"),
        ("invalid_credentials", "SystemForCrossDomainIdentityManagementInvalidCredentials"),
    ],
)
async def test_the_code_of_a_failed_test_is_a_switch(
    behaviour: Any, code: str, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.validate_failure = behaviour
    answer = await graph.ask("POST", f"{app.job_path}/validateCredentials", given(entra, SecretToken="x"))
    assert (answer.status_code, error(answer)["code"]) == (400, code)


@pytest.mark.parametrize(
    "changes",
    [
        {"BaseAddress": ""},
        {"SecretToken": ""},
        {"BaseAddress": "http://localhost/scim/v1/"},
        {"BaseAddress": "not a url"},
        {"BaseAddress": "https://[broken/"},
        {"BaseAddress": "https://localhost/elsewhere/"},
        {"SecretToken": "line\nbreak"},
        {"SecretToken": "pässword"},
    ],
)
async def test_a_connection_that_cannot_work_fails_the_test(
    changes: dict[str, str], graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    answer = await graph.ask("POST", f"{app.job_path}/validateCredentials", given(entra, **changes))

    assert answer.status_code == 400
    assert error(answer)["code"] == "CredentialValidationUnavailable"
    if changes.get("SecretToken"):
        assert changes["SecretToken"] not in json.loads(answer.text)["error"]["message"]


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, text="<html>sign in</html>"),
        httpx.Response(200, json={"Resources": []}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"schemas": "urn"}),
        httpx.Response(302, headers={"Location": "https://elsewhere.example/"}),
        httpx.Response(500),
        httpx.ReadTimeout("too slow"),
        httpx.ConnectError("certificate verify failed"),
    ],
)
async def test_an_endpoint_that_is_not_scim_fails_the_test(reply: httpx.Response | Exception) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    entra = LocalEntra.in_process(client=lambda: httpx.AsyncClient(transport=httpx.MockTransport(answer)))
    graph = GraphClient.in_process(entra)
    app = await graph.new_app()
    body = given(entra, BaseAddress="https://x.example/scim/v1")

    refused = await graph.ask("POST", f"{app.job_path}/validateCredentials", body)

    assert refused.status_code == 400
    assert error(refused)["code"] == "CredentialValidationUnavailable"
    [request] = asked
    assert request.url.path == "/scim/v1/Users"
    assert request.url.params["filter"].startswith('userName eq "')
    assert request.headers["Authorization"] == f"Bearer {entra.scim.token}"


async def test_the_test_of_a_job_that_does_not_exist_is_404(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    answer = await graph.ask("POST", f"{app.synchronization}/jobs/none/validateCredentials", given(entra))
    assert answer.status_code == 404


async def test_all_secrets_of_a_service_principal_have_1024_bytes(graph: GraphClient, app: App) -> None:
    # Microsoft, "Problem saving administrator credentials while configuring user provisioning".
    address = graph.entra.scim.url
    left = 1024 - len(address)
    assert (await graph.save(app, BaseAddress=address, SecretToken="t" * left)).status_code == 204
    before = await graph.saved(app)

    refused = await graph.save(app, BaseAddress=address, SecretToken="é" * (left // 2 + 1))
    assert refused.status_code == 400
    assert "1024 bytes for all certificates, secret tokens, credentials" in error(refused)["message"]
    assert await graph.saved(app) == before


async def test_a_connection_is_tested_with_a_user_and_a_group(graph: GraphClient, app: App) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        good = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0}
        return httpx.Response(404 if request.url.path.endswith("/Groups") else 200, json=good)

    entra = LocalEntra.in_process(client=lambda: httpx.AsyncClient(transport=httpx.MockTransport(answer)))
    client = GraphClient.in_process(entra)
    made = await client.new_app()
    body = {"credentials": pairs(BaseAddress="https://scim.example/v1/", SecretToken="t")}
    refused = await client.ask("POST", f"{made.job_path}/validateCredentials", body)
    assert asked == ["/v1/Users", "/v1/Groups"]
    assert "/Groups answered 404" in error(refused)["message"]
