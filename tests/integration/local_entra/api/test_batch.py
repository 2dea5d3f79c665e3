"""`$batch` (Microsoft Graph, "Combine multiple HTTP requests using JSON batching")."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.local_entra import Fault, LocalEntra
from tests.integration.local_entra.graph_client import App, GraphClient, error

USER = {
    "accountEnabled": True,
    "displayName": "Ann",
    "mailNickname": "ann",
    "userPrincipalName": "ann@contoso.example",
    "passwordProfile": {"password": "P4ss-that-stays-secret"},
}


async def batch(graph: GraphClient, *requests: dict[str, Any]) -> dict[str, Any]:
    answer = await graph.ask("POST", "/$batch", {"requests": list(requests)})
    assert answer.status_code == 200, answer.text
    return {part["id"]: part for part in answer.json()["responses"]}


async def test_each_request_is_answered_and_noted(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    entra.calls.clear()
    found = await batch(
        graph,
        {"id": "1", "method": "POST", "url": "/users", "body": USER, "headers": {"Content-Type": "application/json"}},
        {"id": "2", "method": "GET", "url": "/users?$select=displayName", "dependsOn": ["1"]},
        {"id": "3", "method": "GET", "url": f"{app.job_path}/"},
        {"id": "4", "method": "GET", "url": "/devices"},
        {"id": "5", "method": "GET", "url": f"{entra.url}/v1.0/organization"},
    )
    assert {identifier: part["status"] for identifier, part in found.items()} == {
        "1": 201,
        "2": 200,
        "3": 200,
        "4": 501,
        "5": 200,
    }
    assert found["2"]["body"]["value"] == [{"displayName": "Ann"}]
    assert found["3"]["body"]["id"] == app.job
    assert found["4"]["body"]["error"]["code"] == "NotImplemented"
    assert [user["displayName"] for user in entra.people.users()] == ["Ann"]
    assert [call.path for call in entra.calls] == [
        "/v1.0/users",
        "/v1.0/users",
        f"/v1.0{app.job_path}/",
        "/v1.0/devices",
        "/v1.0/organization",
        "/v1.0/$batch",
    ]


async def test_what_depends_on_a_failure_is_not_done(graph: GraphClient, entra: LocalEntra) -> None:
    found = await batch(
        graph,
        {"id": "1", "method": "GET", "url": "/users/nobody@contoso.example"},
        {"id": "2", "method": "POST", "url": "/users", "body": USER, "dependsOn": ["1"]},
        {"id": "3", "method": "GET", "url": "/users", "dependsOn": ["2"]},
    )
    assert [part["status"] for part in found.values()] == [404, 424, 424]
    assert entra.people.users() == []


async def test_permissions_and_faults_count_inside(graph: GraphClient, entra: LocalEntra, app: App) -> None:
    entra.permissions.only("User.Read.All")
    graph.token = (await graph.login()).json()["access_token"]
    entra.faults.add(Fault(path="/users$", status=429, retry_after=3))
    found = await batch(
        graph,
        {"id": "1", "method": "GET", "url": "/users"},
        {"id": "2", "method": "DELETE", "url": f"/applications/{app.application}"},
        {"id": "3", "method": "GET", "url": "/users", "headers": {"Authorization": "Bearer stolen"}},
    )
    assert [part["status"] for part in found.values()] == [429, 403, 200]
    assert found["1"]["headers"]["Retry-After"] == "3"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"requests": []},
        {"requests": [{"id": "1", "method": "GET", "url": "/users"}] * 2},
        {"requests": [{"id": str(number), "method": "GET", "url": "/users"} for number in range(21)]},
        {"requests": [{"id": "1", "method": "GET"}]},
        {"requests": [5]},
        {"requests": [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]}]},
        {"requests": [{"id": "1", "method": "GET", "url": "/users", "headers": ["x"]}]},
    ],
)
async def test_a_batch_that_makes_no_sense_is_refused(body: dict[str, Any], graph: GraphClient) -> None:
    answer = await graph.ask("POST", "/$batch", body)
    assert answer.status_code == 400
    assert "batch" in error(answer)["message"]


async def test_a_batch_needs_a_token(graph: GraphClient) -> None:
    graph.token = "x"
    assert (await graph.ask("POST", "/$batch", {"requests": []})).status_code == 401
