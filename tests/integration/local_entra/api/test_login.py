"""Logging in: the token endpoint, discovery, and Graph's answers without a valid token."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eptura_scim.local_entra import Fault, LocalEntra, Tenant
from eptura_scim.local_entra.tenant import ALL_PERMISSIONS
from tests.integration.local_entra.graph_client import GraphClient, error
from tests.unit.local_entra.fixed_clock import NOW, FixedClock


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def assertion(expires: datetime) -> str:
    return f"{part({'alg': 'RS256'})}.{part({'sub': 'x', 'exp': expires.timestamp()})}.c2ln"


ASSERTION = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}


async def test_a_client_secret_gives_a_token_that_names_the_client(graph: GraphClient, entra: LocalEntra) -> None:
    answer = await graph.login()

    assert answer.status_code == 200
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3599)
    payload = token["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["oid"] == entra.tenant.principal_id
    assert claims["tid"] == entra.tenant.id
    assert claims["appid"] == entra.tenant.client_id
    assert claims["roles"] == sorted(ALL_PERMISSIONS)
    assert claims["exp"] - claims["iat"] == 3599


async def test_the_domain_may_stand_for_the_tenant_id(graph: GraphClient) -> None:
    secret = graph.entra.tenant.client_secret
    assert (await graph.login(tenant="contoso.example", client_secret=secret)).status_code == 200


async def test_a_client_assertion_gives_a_token(graph: GraphClient) -> None:
    valid = assertion(datetime.now(UTC) + timedelta(minutes=5))
    assert (await graph.login(client_assertion=valid, **ASSERTION)).status_code == 200


@pytest.mark.parametrize("value", ["a", "/w=="], ids=["no base64", "no text"])
async def test_unreadable_basic_authentication_is_refused(value: str, graph: GraphClient, entra: LocalEntra) -> None:
    answer = await graph.http.post(
        f"/{entra.tenant.id}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials", "scope": f"{entra.url}/.default", "client_id": entra.tenant.client_id
        },
        headers={"Authorization": f"Basic {value}"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["error_codes"]) == (401, [7000218])


async def test_basic_authentication_works_as_well(graph: GraphClient, entra: LocalEntra) -> None:
    answer = await graph.http.post(
        f"/{entra.tenant.id}/oauth2/v2.0/token",
        data={"grant_type": "client_credentials", "scope": f"{entra.url}/.default"},
        auth=(entra.tenant.client_id, entra.tenant.client_secret),
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "word", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_id": "wrong", "client_secret": "x"}, 400, "unauthorized_client", 700016),
        ({"tenant": "nobody.example", "client_secret": "x"}, 400, "invalid_request", 90002),
        ({"grant_type": "password", "client_secret": "x"}, 400, "unsupported_grant_type", 70003),
        ({"scope": "User.Read", "client_secret": "x"}, 400, "invalid_scope", 1002012),
        ({"nothing": "x"}, 401, "invalid_client", 7000218),
        ({"client_assertion": "abc", **ASSERTION}, 401, "invalid_client", 50027),
        ({"client_assertion": assertion(NOW - timedelta(days=900)), **ASSERTION}, 401, "invalid_client", 700024),
        ({"client_assertion": "abc", "client_assertion_type": "x"}, 401, "invalid_client", 7000216),
    ],
)
async def test_a_wrong_login_is_refused_in_the_platforms_words(
    form: dict[str, str], status: int, word: str, number: int, graph: GraphClient
) -> None:
    answer = await graph.login(**form)

    assert answer.status_code == status
    assert answer.json()["error"] == word
    assert answer.json()["error_description"].startswith(f"AADSTS{number}: ")
    assert answer.json()["error_codes"] == [number]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "empty"),
        ({"Authorization": "Basic eDp5"}, "empty"),
        ({"Authorization": "Bearer x"}, "well formed"),
        ({"Authorization": "Bearer a.b.c"}, "well formed"),
        ({"Authorization": f"Bearer {part({})}.{part({'exp': 1e12})}.c2ln"}, "signature"),
    ],
)
async def test_graph_refuses_a_call_without_a_valid_token(
    headers: dict[str, str], words: str, graph: GraphClient
) -> None:
    answer = await graph.http.get("/v1.0/applications", headers=headers)

    assert answer.status_code == 401
    assert error(answer)["code"] == "InvalidAuthenticationToken"
    assert words in error(answer)["message"]
    assert "Bearer" in answer.headers["www-authenticate"]


async def test_a_token_expires() -> None:
    clock = FixedClock()
    graph = GraphClient.in_process(LocalEntra.in_process(clock=clock, tenant=Tenant(token_lifetime=60)))
    await graph.get("/applications")

    clock.now += timedelta(seconds=60)

    answer = await graph.ask("GET", "/applications")
    assert answer.status_code == 401
    assert "expired" in error(answer)["message"]


async def test_the_metadata_leads_to_login_and_graph(graph: GraphClient, entra: LocalEntra) -> None:
    found = (await graph.http.get("/metadata/endpoints?api-version=2022-09-01")).json()

    assert found["authentication"]["loginEndpoint"] == entra.url
    assert found["microsoftGraphResourceId"] == f"{entra.url}/"
    assert found["resourceManager"] == entra.url


async def test_discovery_names_the_token_endpoint(graph: GraphClient, entra: LocalEntra) -> None:
    found = (await graph.http.get(f"/{entra.tenant.id}/v2.0/.well-known/openid-configuration")).json()
    assert found["token_endpoint"] == f"{entra.url}/{entra.tenant.id}/oauth2/v2.0/token"

    instance = (await graph.http.get("/common/discovery/instance")).json()
    assert instance["metadata"][0]["aliases"] == ["localhost"]


async def test_an_expired_secret_is_told_as_that() -> None:
    graph = GraphClient.in_process(LocalEntra.in_process(tenant=Tenant(client_secret_expired=True)))
    answer = await graph.login()
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_codes"] == [7000222]
    assert answer.json()["error_description"].startswith("AADSTS7000222: The provided client secret keys for app")
    assert (await graph.login(client_secret="wrong")).json()["error_codes"] == [7000215]


@pytest.mark.parametrize("name", ["grant_type", "client_id", "scope"])
async def test_a_parameter_that_is_missing_is_named(name: str, graph: GraphClient) -> None:
    answer = await graph.login(client_secret="x", **{name: ""})
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [900144])
    assert f"must contain the following parameter: '{name}'" in answer.json()["error_description"]


async def test_a_token_is_valid_for_its_own_existing_resource_alone(graph: GraphClient) -> None:
    unknown = await graph.login(client_secret=graph.entra.tenant.client_secret, scope="https://nobody.example/.default")
    assert (unknown.status_code, unknown.json()["error"]) == (400, "invalid_resource")
    assert unknown.json()["error_codes"] == [500011]

    for audience, status in (
        ("https://management.azure.com", 401),
        ("https://graph.microsoft.com", 200),
        ("https://localhost/", 200),
    ):
        answer = await graph.login(client_secret=graph.entra.tenant.client_secret, scope=f"{audience}/.default")
        graph.token = answer.json()["access_token"]
        read = await graph.ask("GET", "/organization")
        assert read.status_code == status, audience
        if status == 401:
            assert error(read)["code"] == "InvalidAuthenticationToken"
            assert "Invalid audience" in error(read)["message"]


async def test_openid_configuration_of_an_unknown_tenant_is_refused(graph: GraphClient) -> None:
    answer = await graph.http.get("/nobody.example/v2.0/.well-known/openid-configuration")
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])
    known = await graph.http.get("/common/v2.0/.well-known/openid-configuration")
    assert (await graph.http.get(known.json()["jwks_uri"])).json() == {"keys": []}


@pytest.mark.parametrize(
    ("status", "name", "number"),
    [
        (429, "temporarily_unavailable", 90055),
        (503, "temporarily_unavailable", 90033),
        (401, "invalid_client", 7000215),
    ],
)
async def test_a_fault_of_the_login_has_the_platforms_body(
    status: int, name: str, number: int, graph: GraphClient
) -> None:
    graph.entra.faults.add(Fault(path="/token$", status=status, retry_after=7))
    answer = await graph.login()
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (status, name, [number])
    assert answer.headers["Retry-After"] == "7"
    assert body["correlation_id"] in body["error_description"]
    assert body["error_uri"] == f"https://localhost/error?code={number}"
