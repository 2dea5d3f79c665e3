"""Query options over every endpoint: carried out, or refused by name. None is ignored.

Sources: Microsoft Graph, "Use query parameters to customize responses", "Use the $filter query parameter", "Advanced
query capabilities on Microsoft Entra ID objects".
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote

import pytest

from eptura_scim.local_entra import LocalEntra
from eptura_scim.local_entra.api.graph_http import GraphRoute
from eptura_scim.local_entra.odata.query import OPTIONS
from tests.integration.local_entra.graph_client import App, GraphClient, error

EVENTUAL = {"ConsistencyLevel": "eventual"}
VALUES = {"$filter": "id eq 'x'", "$select": "id", "$orderby": "displayName", "$count": "true", "$top": "1"}
ROUTES = [route for route in LocalEntra.in_process().routes if isinstance(route, GraphRoute)]


def concrete(path: str, app: App, entra: LocalEntra) -> str:
    """A path of a route with ids that exist, where it takes some."""
    kind = path.split("/")[1]
    identifier = {"servicePrincipals": app.service_principal, "applications": app.application}.get(kind, "x")
    for name, value in {
        "id": entra.tenant.id if kind == "organization" else identifier,
        "job": app.job,
        "template": "scim",
        "type": "user",
        "path:path": "memberOf",
    }.items():
        path = path.replace(f"{{{name}}}", value)
    return re.sub(r"\{[^}]+\}", "x", path)


@pytest.mark.parametrize("option", OPTIONS)
async def test_no_endpoint_ignores_an_option(option: str, graph: GraphClient, app: App, entra: LocalEntra) -> None:
    assert len(ROUTES) > 90
    for route in ROUTES:
        if "GET" not in (route.methods or ()) or option in route.options:
            continue
        asked = f"{concrete(route.path, app, entra)}?{option}={quote(VALUES.get(option, 'x'))}"
        answer = await graph.ask("GET", asked)
        assert answer.status_code == 501, f"{asked}: {answer.status_code}"
        assert option in error(answer)["message"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_no_write_ignores_an_option(method: str, graph: GraphClient, app: App, entra: LocalEntra) -> None:
    for route in ROUTES:
        if method in (route.methods or ()):
            answer = await graph.ask(method, f"{concrete(route.path, app, entra)}?$expand=x", {})
            assert answer.status_code == 501, f"{method} {route.path}: {answer.status_code}"
            assert "$expand" in error(answer)["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/servicePrincipals/{sp}/synchronization/jobs/{job}"),
        ("POST", "/servicePrincipals/{sp}/synchronization/acquireAccessToken"),
        ("PATCH", "/organization/{tenant}"),
        ("PUT", "/servicePrincipals/{sp}/synchronization/jobs/{job}/bulkUpload"),
        ("POST", "/domains"),
        ("GET", "/groups/x/owners/$ref"),
    ],
)
async def test_a_method_that_graph_has_and_this_does_not_is_501(
    method: str, path: str, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    asked = path.format(sp=app.service_principal, job=app.job, tenant=entra.tenant.id)
    answer = await graph.ask(method, asked, None if method == "GET" else {})
    assert answer.status_code == 501
    assert f"{method} {asked}" in error(answer)["message"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_method_that_graph_does_not_have_is_405(method: str, graph: GraphClient) -> None:
    answer = await graph.ask(method, "/users", {})
    assert (answer.status_code, error(answer)["code"]) == (405, "MethodNotAllowed")


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_an_option_that_does_not_exist_is_400(version: str, graph: GraphClient) -> None:
    answer = await graph.ask("GET", "/users?$foo=bar", version=version)
    assert answer.status_code == 400
    assert "$foo" in error(answer)["message"]


@pytest.mark.parametrize("name", ["nope", "ID", "members", "id,nope"])
@pytest.mark.parametrize("path", ["/users", "/users/ann@contoso.example", "/applications", "/servicePrincipals"])
async def test_a_property_that_does_not_exist_cannot_be_selected(
    name: str, path: str, graph: GraphClient, entra: LocalEntra
) -> None:
    entra.people.add_user(userPrincipalName="ann@contoso.example")
    answer = await graph.ask("GET", f"{path}?$select={name}")
    assert (answer.status_code, error(answer)["code"]) == (400, "BadRequest")
    assert (
        f"Could not find a property named '{name.rsplit(',', maxsplit=1)[-1]}' on type 'microsoft.graph." in answer.text
    )


async def test_a_property_that_graph_has_and_this_does_not_is_501(graph: GraphClient) -> None:
    for path in ("/users?$select=assignedLicenses", "/users?$filter=assignedLicenses/any()", "/users?$select=*"):
        answer = await graph.ask("GET", path)
        assert answer.status_code == 501, path


async def test_on_beta_the_dollar_is_optional(graph: GraphClient, entra: LocalEntra) -> None:
    entra.people.generate(3)
    found = await graph.get("/users?top=1&select=id", version="beta")
    assert [set(item) for item in found["value"]] == [{"id"}]
    assert "$skiptoken" in unquote(found["@odata.nextLink"])
    assert len((await graph.get("/users?top=1"))["value"]) == 3


async def names(graph: GraphClient, condition: str, *, eventual: bool = False, path: str = "/users") -> list[str]:
    query = f"{path}?$filter={quote(condition)}"
    if eventual:
        graph.http.headers.update(EVENTUAL)
        query += "&$count=true"
    found = [str(item["displayName"]) for item in (await graph.get(query))["value"]]
    graph.http.headers.pop("ConsistencyLevel", None)
    return found


@pytest.fixture
def people(entra: LocalEntra) -> LocalEntra:
    described: dict[str, dict[str, Any]] = {
        "Ann": {"department": "Sales", "mail": "ann@contoso.example", "employeeHireDate": "2020-03-01T00:00:00Z"},
        "Bob": {"department": "R&D", "accountEnabled": False, "otherMails": ["bob@home.example"]},
        "Cid": {"onPremisesExtensionAttributes": {"extensionAttribute1": "it's"}},
    }
    for name, properties in described.items():
        entra.people.add_user(userPrincipalName=f"{name}@contoso.example", displayName=name, **properties)
    return entra


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("displayName eq 'ANN'", ["Ann"]),
        ("accountEnabled eq false", ["Bob"]),
        ("startsWith(displayName, 'b')", ["Bob"]),
        ("startswith(displayName,'b') eq true", ["Bob"]),
        ("displayName in ('ann', 'cid', 'x')", ["Ann", "Cid"]),
        ("displayName eq 'ann' or displayName eq 'bob'", ["Ann", "Bob"]),
        ("accountEnabled eq true and displayName eq 'ann' or displayName eq 'bob'", ["Ann", "Bob"]),
        ("accountEnabled eq true and (displayName eq 'ann' or displayName eq 'bob')", ["Ann"]),
        ("department eq null", ["Cid"]),
        ("displayName ge 'bob'", ["Bob", "Cid"]),
        ("displayName le 'bob'", ["Ann", "Bob"]),
        ("employeeHireDate lt 2020-03-01T00:00:00.0000001Z or displayName eq 'x'", []),
        ("employeeHireDate ge 2020-03-01T00:00:00Z", ["Ann"]),
        ("otherMails/any(m:m eq 'bob@home.example')", ["Bob"]),
        ("otherMails/any(m: startswith(m, 'bob') and m ge 'a')", ["Bob"]),
        ("onPremisesExtensionAttributes/extensionAttribute1 eq 'it''s'", ["Cid"]),
    ],
)
async def test_a_filter_finds_matching_objects_alone(
    condition: str, found: list[str], graph: GraphClient, people: LocalEntra
) -> None:
    assert await names(graph, condition) == found


@pytest.mark.parametrize(
    ("condition", "found", "operator"),
    [
        ("displayName ne 'ann'", ["Bob", "Cid"], "NotEqualsMatch"),
        ("department ne null", ["Ann", "Bob"], "NotEqualsMatch"),
        ("not(displayName eq 'ann')", ["Bob", "Cid"], "Not"),
        ("not startswith(displayName, 'a') and accountEnabled eq true", ["Cid"], "Not"),
        ("endswith(mail, '@contoso.example')", ["Ann"], "EndsWith"),
    ],
)
async def test_an_advanced_filter_needs_its_header_and_count(
    condition: str, found: list[str], operator: str, graph: GraphClient, people: LocalEntra
) -> None:
    refused = await graph.ask("GET", f"/users?$filter={quote(condition)}")
    assert (refused.status_code, error(refused)["code"]) == (400, "Request_UnsupportedQuery")
    assert error(refused)["message"].startswith(f"Operator '{operator}' is not supported because")
    assert await names(graph, condition, eventual=True) == found


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("displayName eq 'x' and", "BadRequest"),
        ("displayName = 'x'", "BadRequest"),
        ("displayName eqq 'x'", "BadRequest"),
        ("startswith(displayName,x)", "BadRequest"),
        ("nonsense eq 'x'", "BadRequest"),
        ("accountEnabled eq 'true'", "BadRequest"),
        ("displayName eq", "BadRequest"),
        ("", "BadRequest"),
        ("(displayName eq 'x'", "BadRequest"),
        ("(" * 500 + "displayName eq 'x'" + ")" * 500, "BadRequest"),
        ("businessPhones eq 'x'", "Request_UnsupportedQuery"),
        ("aboutMe eq 'x'", "Request_UnsupportedQuery"),
        ("contains(displayName, 'x')", "Request_UnsupportedQuery"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_refused(condition: str, code: str, graph: GraphClient) -> None:
    answer = await graph.ask("GET", f"/users?$filter={quote(condition)}")
    assert (answer.status_code, error(answer)["code"]) == (400, code)


async def test_a_service_principal_is_found_by_any_of_its_names(graph: GraphClient, app: App) -> None:
    condition = f"servicePrincipalNames/any(c:c eq '{app.app_id}')"
    found = await graph.get(f"/servicePrincipals?$filter={quote(condition)}")
    assert [item["id"] for item in found["value"]] == [app.service_principal]
    assert (await graph.get(f"/servicePrincipals?$filter={quote(condition.replace(app.app_id, 'x'))}"))["value"] == []


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/users/$count?$filter=accountEnabled eq true", "2"),
        ("/users/$count?$filter=accountEnabled ne true", "1"),
        ("/users/$count", "3"),
        ("/groups/$count", "1"),
        ("/groups/{group}/members/$count", "2"),
        ("/groups/{group}/members/$count?$filter=displayName eq 'bob'", "1"),
        ("/applications/$count", "1"),
        ("/servicePrincipals/$count?$filter=displayName eq 'EpturaScimApplication'", "1"),
    ],
)
async def test_a_count_counts_what_the_filter_leaves(
    path: str, count: str, graph: GraphClient, people: LocalEntra, app: App
) -> None:
    ids = {user["displayName"]: user["id"] for user in people.people.users()}
    group = people.portal.people.add_group("Both", ids["Ann"], ids["Bob"])
    graph.http.headers.update(EVENTUAL)
    assert (await graph.ask("GET", path.format(group=group))).text == count


async def test_what_belongs_to_an_object_is_filtered_too(graph: GraphClient, people: LocalEntra, app: App) -> None:
    ids = {user["displayName"]: user["id"] for user in people.people.users()}
    group = people.portal.people.add_group("Both", ids["Ann"], ids["Bob"])
    nobody = quote("displayName eq 'nobody'")
    for path in (
        f"/groups/{group}/members",
        f"/users/{ids['Ann']}/memberOf",
        f"/servicePrincipals/{app.service_principal}/owners",
        "/organization",
    ):
        assert (await graph.get(path))["value"]
        assert (await graph.get(f"{path}?$filter={nobody}"))["value"] == []
    templates = f"{app.synchronization}/templates"
    assert [item["id"] for item in (await graph.get(f"{templates}?$filter=id eq 'scim'"))["value"]] == ["scim"]


async def test_a_list_is_sorted(graph: GraphClient, people: LocalEntra) -> None:
    found = await graph.get("/users?$orderby=displayName desc&$select=displayName&$top=2")
    assert [item["displayName"] for item in found["value"]] == ["Cid", "Bob"]
    refused = await graph.ask("GET", "/users?$orderby=mail")
    assert (refused.status_code, error(refused)["code"]) == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize("body", [{"nonsense": 1}, {"displayName": 5}, {"accountEnabled": "yes"}, {"tags": "x"}])
async def test_a_patch_with_unknown_properties_or_types_is_refused(
    body: dict[str, Any], graph: GraphClient, app: App
) -> None:
    path = f"/servicePrincipals/{app.service_principal}"
    before = await graph.get(path)
    answer = await graph.ask("PATCH", path, body)
    assert answer.status_code == 400
    assert next(iter(body)) in error(answer)["message"]
    assert await graph.get(path) == before
    if "accountEnabled" not in body:
        assert (await graph.ask("PATCH", f"/applications/{app.application}", body)).status_code == 400
