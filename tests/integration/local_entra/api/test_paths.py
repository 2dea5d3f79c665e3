"""The forms of a path that clients of Graph write: all of them lead to the same place.

Sources: Microsoft's page "List synchronization jobs" (a slash at the end), the Graph SDKs (brackets after functions,
`graph.` casts), az rest and scripts (either case), OData 4.01 "URL Conventions".
"""

from __future__ import annotations

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import App, GraphClient, error

NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    "form",
    [
        "/servicePrincipals/{sp}/synchronization/jobs/",
        "/serviceprincipals/{sp}/Synchronization/JOBS",
        "/servicePrincipals/{SP}/synchronization/jobs",
        "/servicePrincipals(appId='{app_id}')/synchronization/jobs",
        "/serviceprincipals(AppId='{APP_ID}')/synchronization/jobs/",
        "/servicePrincipals('{sp}')/synchronization/jobs",
        "/applications(appId='{app_id}')/synchronization/jobs",
    ],
)
async def test_every_form_of_a_path_finds_the_jobs(form: str, graph: GraphClient, app: App) -> None:
    path = form.format(
        sp=app.service_principal, SP=app.service_principal.upper(), app_id=app.app_id, APP_ID=app.app_id.upper()
    )
    found = await graph.get(path)
    assert [job["id"] for job in found["value"]] == [app.job]


async def test_a_job_is_found_in_either_case(graph: GraphClient, app: App) -> None:
    assert (await graph.get(f"{app.synchronization}/jobs/{app.job.upper()}"))["id"] == app.job


@pytest.mark.parametrize("name", ["filterOperators", "functions"])
async def test_functions_may_have_brackets_and_a_namespace(name: str, graph: GraphClient, app: App) -> None:
    plain = (await graph.get(f"{app.schema}/{name}", version="beta"))["value"]
    assert plain
    for form in (f"{name}()", f"microsoft.graph.{name}()", f"microsoft.graph.{name}", f"graph.{name}()"):
        found = await graph.get(f"{app.schema}/{form}", version="beta")
        assert found["value"] == plain
        assert "/beta/$metadata#" in found["@odata.context"]


async def test_the_version_counts_in_either_case(graph: GraphClient) -> None:
    assert (await graph.get("/Users", version="V1.0"))["value"] == []


async def test_members_are_cast_to_a_type(graph: GraphClient, entra: LocalEntra, app: App) -> None:
    ann = entra.people.add_user(userPrincipalName="ann@contoso.example")["id"]
    inner = entra.people.add_group(displayName="Inner")["id"]
    group = entra.people.add_group(displayName="Outer")["id"]
    entra.people.add_member(group, ann, inner, app.service_principal)
    for kind, identifier in (("user", ann), ("group", inner), ("servicePrincipal", app.service_principal)):
        for form in (f"graph.{kind}", f"microsoft.graph.{kind}", f"microsoft.graph.{kind.upper()}"):
            found = (await graph.get(f"/groups/{group}/members/{form}"))["value"]
            assert [item["id"] for item in found] == [identifier]


async def test_an_alternate_key_that_nothing_has_is_404(graph: GraphClient) -> None:
    answer = await graph.ask("GET", f"/servicePrincipals(appId='{NOBODY}')/synchronization/jobs")
    assert (answer.status_code, error(answer)["code"]) == (404, "Request_ResourceNotFound")


async def test_a_permission_counts_for_every_form_of_a_path(graph: GraphClient, app: App) -> None:
    graph.entra.permissions.only("User.Read.All")
    graph.token = (await graph.login()).json()["access_token"]
    for path in (
        "/servicePrincipals/",
        "/SERVICEPRINCIPALS",
        f"/servicePrincipals(appId='{app.app_id}')/synchronization/jobs",
        f"/serviceprincipals/{app.service_principal.upper()}/Synchronization/jobs/",
        "/Directory/deleteditems/microsoft.graph.application",
    ):
        assert (await graph.ask("GET", path)).status_code == 403, path


async def test_the_next_page_of_a_path_is_where_the_client_asked(graph: GraphClient, entra: LocalEntra) -> None:
    entra.people.generate(3)
    page = await graph.get("/Users/?$top=2", version="beta")
    rest = await graph.get(page["@odata.nextLink"].partition("/beta")[2], version="beta")
    assert [item["id"] for item in page["value"] + rest["value"]] == [user["id"] for user in entra.people.users()]
