"""Applications and service principals."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.integration.local_entra.graph_client import App, GraphClient, error

TEMPLATE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
NOBODY = "00000000-0000-0000-0000-000000000001"


async def test_the_template_makes_application_and_service_principal(graph: GraphClient) -> None:
    answer = await graph.ask("POST", f"/applicationTemplates/{TEMPLATE}/instantiate", {"displayName": "Eptura"})

    assert answer.status_code == 201
    application, principal = answer.json()["application"], answer.json()["servicePrincipal"]
    assert application["appId"] == principal["appId"]
    assert application["applicationTemplateId"] == principal["applicationTemplateId"] == TEMPLATE
    assert application["displayName"] == principal["displayName"] == "Eptura"
    assert len({application["id"], principal["id"], application["appId"]}) == 3


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"/applicationTemplates/{NOBODY}/instantiate", {"displayName": "x"}, 404),
        (f"/applicationTemplates/{TEMPLATE}/instantiate", {}, 400),
        (f"/applicationTemplates/{TEMPLATE}/instantiate", ["x"], 400),
    ],
)
async def test_an_unknown_template_or_a_wrong_body_makes_nothing(
    path: str, body: Any, status: int, graph: GraphClient
) -> None:
    answer = await graph.ask("POST", path, body)

    assert answer.status_code == status
    assert error(answer)
    assert (await graph.get("/applications"))["value"] == []


async def test_many_applications_live_beside_each_other(graph: GraphClient) -> None:
    made = [await graph.new_app(f"app {number}") for number in range(5)]

    names = [item["displayName"] for item in await graph.own_service_principals()]
    assert names == [f"app {number}" for number in range(5)]
    assert len({app.job for app in made}) == 5

    assert (await graph.ask("DELETE", f"/applications/{made[2].application}")).status_code == 204
    assert len(await graph.own_service_principals()) == 4
    assert (await graph.ask("GET", made[3].job_path)).status_code == 200


@pytest.mark.parametrize("kind", ["applications", "servicePrincipals"])
@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_a_filter_finds_by_client_id_and_by_name_form_encoded(
    kind: str, version: str, graph: GraphClient
) -> None:
    app = await graph.new_app("Eptura's app")
    await graph.new_app("another")

    for condition in (f"appId eq '{app.app_id}'", "displayName eq 'Eptura''s app'", "displayName eq 'eptura''s APP'"):
        found = await graph.get(f"/{kind}?%24filter={quote_plus(condition)}", version=version)
        assert [item["appId"] for item in found["value"]] == [app.app_id]
    both = quote_plus(f"appId eq '{app.app_id}' and displayName eq 'another'")
    assert (await graph.get(f"/{kind}?%24filter={both}"))["value"] == []


async def test_select_returns_what_is_named(graph: GraphClient, app: App) -> None:
    found = await graph.get(f"/servicePrincipals/{app.service_principal}?%24select=id,samlMetadataUrl", version="beta")
    assert found.keys() == {"@odata.context", "id", "samlMetadataUrl"}
    assert (await graph.get("/applications?$select=appId"))["value"] == [{"appId": app.app_id}]


async def test_a_long_list_comes_in_pages(graph: GraphClient) -> None:
    for number in range(3):
        await graph.new_app(str(number), job=False)

    first = await graph.get("/applications?$top=2&$select=displayName")
    assert [item["displayName"] for item in first["value"]] == ["0", "1"]
    rest = await graph.get(first["@odata.nextLink"].partition("/v1.0")[2])
    assert [item["displayName"] for item in rest["value"]] == ["2"]
    assert "@odata.nextLink" not in rest
    assert (await graph.ask("GET", "/applications?$top=x")).status_code == 400


async def test_an_object_is_found_by_its_client_id_as_well(graph: GraphClient, app: App) -> None:
    found = await graph.get(f"/servicePrincipals(appId='{app.app_id}')")
    assert found["id"] == app.service_principal
    assert (await graph.ask("GET", f"/applications(appId='{NOBODY}')")).status_code == 404


async def test_patch_changes_only_the_named_properties(graph: GraphClient, app: App) -> None:
    path = f"/servicePrincipals/{app.service_principal}"
    before = await graph.get(path)

    body = {"@odata.type": "#microsoft.graph.servicePrincipal", "accountEnabled": False, "notes": "managed"}
    assert (await graph.ask("PATCH", path, body)).status_code == 204

    assert await graph.get(path) == {**before, "accountEnabled": False, "notes": "managed"}


async def test_renaming_the_application_renames_the_service_principal(graph: GraphClient, app: App) -> None:
    body = {"displayName": "renamed"}
    assert (await graph.ask("PATCH", f"/applications/{app.application}", body)).status_code == 204

    assert (await graph.get(f"/servicePrincipals/{app.service_principal}"))["displayName"] == "renamed"


async def test_an_id_cannot_be_changed(graph: GraphClient, app: App) -> None:
    answer = await graph.ask("PATCH", f"/applications/{app.application}", {"appId": NOBODY})
    assert answer.status_code == 400
    assert "appId" in error(answer)["message"]


async def test_deleting_an_application_deletes_its_principal_and_job(graph: GraphClient, app: App) -> None:
    await graph.connect(app)
    assert (await graph.ask("DELETE", f"/applications/{app.application}")).status_code == 204

    for path in (f"/applications/{app.application}", f"/servicePrincipals/{app.service_principal}", app.job_path):
        answer = await graph.ask("GET", path)
        assert answer.status_code == 404
        assert error(answer)["code"] == "Request_ResourceNotFound"


async def test_deleting_the_service_principal_leaves_the_application(graph: GraphClient, app: App) -> None:
    assert (await graph.ask("DELETE", f"/servicePrincipals/{app.service_principal}")).status_code == 204

    assert (await graph.ask("GET", f"/applications/{app.application}")).status_code == 200
    assert await graph.own_service_principals() == []
    assert (await graph.ask("GET", app.secrets)).status_code == 404


async def test_the_creator_of_an_application_owns_it(graph: GraphClient, app: App) -> None:
    me = graph.entra.tenant.principal_id
    for path in (f"/applications/{app.application}", f"/servicePrincipals/{app.service_principal}"):
        [owner] = (await graph.get(f"{path}/owners"))["value"]
        assert (owner["@odata.type"], owner["id"]) == ("#microsoft.graph.servicePrincipal", me)
    assert (await graph.ask("GET", f"/applications/{NOBODY}/owners")).status_code == 404
    by_hand = graph.entra.portal.create_application("by hand")
    assert (await graph.get(f"/servicePrincipals/{by_hand}/owners"))["value"] == []


@pytest.mark.parametrize("kind", ["applications", "servicePrincipals"])
async def test_owners_are_added_once_and_removed(kind: str, graph: GraphClient, app: App) -> None:
    path = f"/{kind}/{app.application if kind == 'applications' else app.service_principal}/owners"
    adele = graph.entra.people.add_user(userPrincipalName="adele@contoso.example")["id"]
    body = {"@odata.id": f"{graph.entra.url}/v1.0/directoryObjects/{adele}"}

    assert (await graph.ask("POST", f"{path}/$ref", body)).status_code == 204
    again = await graph.ask("POST", f"{path}/$ref", body)
    assert (again.status_code, error(again)["code"]) == (400, "Request_BadRequest")
    assert [item["@odata.type"] for item in (await graph.get(path))["value"]] == [
        "#microsoft.graph.servicePrincipal",
        "#microsoft.graph.user",
    ]
    nobody = {"@odata.id": f"{graph.entra.url}/v1.0/directoryObjects/{NOBODY}"}
    assert (await graph.ask("POST", f"{path}/$ref", nobody)).status_code == 404
    assert (await graph.ask("POST", f"{path}/$ref", {"id": adele})).status_code == 400

    assert (await graph.ask("DELETE", f"{path}/{graph.entra.tenant.principal_id}/$ref")).status_code == 204
    assert (await graph.ask("DELETE", f"{path}/{NOBODY}/$ref")).status_code == 404
    assert [item["id"] for item in (await graph.get(path))["value"]] == [adele]
    graph.entra.people.delete_user(adele)
    assert (await graph.get(path))["value"] == []


async def test_an_application_of_the_template_has_microsofts_roles(graph: GraphClient, app: App) -> None:
    for path in (f"/applications/{app.application}", f"/servicePrincipals/{app.service_principal}"):
        roles = (await graph.get(path))["appRoles"]
        assert [role["displayName"] for role in roles] == ["User", "msiam_access"]
        assert roles[0]["id"] == "18d14569-c3bd-439b-9a66-3a2aee01d14f"
    graph.entra.switches.template_app_roles = False
    bare = await graph.new_app("bare")
    assert (await graph.get(f"/servicePrincipals/{bare.service_principal}"))["appRoles"] == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/devices"), ("POST", "/invitations"), ("GET", "/servicePrincipals/x/y")]
)
async def test_an_unmodelled_endpoint_answers_with_its_name(method: str, path: str, graph: GraphClient) -> None:
    answer = await graph.ask(method, path, {} if method == "POST" else None)
    assert answer.status_code == 501
    assert path in error(answer)["message"]


@pytest.mark.parametrize("named", [f"/{NOBODY}", "/%3F", f"(appId='{NOBODY}')", "(appId='it's')"])
async def test_an_id_that_nothing_has_is_404(named: str, graph: GraphClient, app: App) -> None:
    for kind in ("applications", "servicePrincipals"):
        answer = await graph.ask("GET", f"/{kind}{named}")
        assert (answer.status_code, error(answer)["code"]) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize("depth", [102, 100_000])
async def test_a_body_that_is_nested_without_end_is_refused(depth: int, graph: GraphClient, app: App) -> None:
    before = await graph.get(app.schema)
    headers = {"Authorization": f"Bearer {graph.token}"}
    answer = await graph.http.put(f"/v1.0{app.schema}", content=b"[" * depth + b"]" * depth, headers=headers)
    assert answer.status_code == 400
    assert "Unable to read JSON request payload" in error(answer)["message"]
    assert await graph.get(app.schema) == before


async def test_a_method_that_a_path_does_not_have_is_405(graph: GraphClient, app: App) -> None:
    answer = await graph.ask("POST", app.job_path, {})
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert error(answer)
