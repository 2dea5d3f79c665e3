"""App role assignments over HTTP, from both sides."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import App, GraphClient, error

NOBODY = "00000000-0000-0000-0000-000000000001"
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
USER_ROLE = "18d14569-c3bd-439b-9a66-3a2aee01d14f"


@pytest.fixture
def adele(entra: LocalEntra) -> str:
    return str(entra.people.add_user(userPrincipalName="adele@contoso.example", displayName="Adele")["id"])


def body(app: App, principal: str, role: str = USER_ROLE) -> dict[str, str]:
    return {"principalId": principal, "resourceId": app.service_principal, "appRoleId": role}


def path_of(app: App) -> str:
    return f"/servicePrincipals/{app.service_principal}/appRoleAssignedTo"


async def assigned(graph: GraphClient, app: App, principal: str) -> Any:
    answer = await graph.ask("POST", path_of(app), body(app, principal))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_user_is_assigned_seen_from_both_sides_and_unassigned(graph: GraphClient, app: App, adele: str) -> None:
    made = await assigned(graph, app, adele)
    assert (made["principalType"], made["principalDisplayName"]) == ("User", "Adele")
    assert made["resourceDisplayName"] == "EpturaScimApplication"
    one = f"{path_of(app)}/{made['id']}"
    assert await graph.get(one) == made
    del made["@odata.context"]
    by_client_id = f"/servicePrincipals(appId='{app.app_id}')/appRoleAssignedTo"
    for path in (path_of(app), by_client_id, f"/users/{adele}/appRoleAssignments"):
        assert (await graph.get(path))["value"] == [made]
    assert (await graph.get(f"{path_of(app)}?$filter=principalId eq {adele}"))["value"] == [made]
    assert (await graph.get(f"{path_of(app)}?$filter=principalId eq {NOBODY}"))["value"] == []

    assert (await graph.ask("DELETE", one)).status_code == 204
    assert (await graph.ask("DELETE", one)).status_code == 404
    assert (await graph.ask("GET", one)).status_code == 404
    assert (await graph.get(path_of(app)))["value"] == []


async def test_a_group_is_assigned_from_its_own_side(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    group = entra.people.add_group(displayName="Facilities")["id"]
    path = f"/groups/{group}/appRoleAssignments"
    made = (await graph.ask("POST", path, body(app, group))).json()
    assert made["principalType"] == "Group"
    assert (await graph.get(path))["value"][0]["id"] == made["id"]
    assert (await graph.ask("DELETE", f"{path}/{NOBODY}")).status_code == 404
    assert (await graph.ask("DELETE", f"{path}/{made['id']}")).status_code == 204
    assert (await graph.get(path_of(app)))["value"] == []


@pytest.mark.parametrize(
    ("changes", "status", "why"),
    [
        ({"principalId": NOBODY}, 404, NOBODY),
        ({"principalId": None}, 400, "'principalId'"),
        ({"appRoleId": "User"}, 400, "'appRoleId'"),
        ({"resourceId": NOBODY}, 400, "differ"),
        ({"appRoleId": DEFAULT_ACCESS}, 400, "was not found on application"),
    ],
)
async def test_an_assignment_that_cannot_be_is_refused(
    graph: GraphClient, app: App, adele: str, changes: dict[str, Any], status: int, why: str
) -> None:
    answer = await graph.ask("POST", path_of(app), {**body(app, adele), **changes})
    assert answer.status_code == status
    assert why in error(answer)["message"]


async def test_an_assignment_can_be_made_once(graph: GraphClient, app: App, adele: str) -> None:
    await assigned(graph, app, adele)
    again = await graph.ask("POST", path_of(app), body(app, adele))
    assert (again.status_code, error(again)["code"]) == (400, "Request_BadRequest")
    assert error(again)["message"] == "Permission being assigned already exists on the object"


async def test_default_access_is_for_apps_without_roles(graph: GraphClient, entra: LocalEntra, adele: str) -> None:
    entra.switches.template_app_roles = False
    bare = await graph.new_app("bare")
    answer = await graph.ask("POST", path_of(bare), body(bare, adele, DEFAULT_ACCESS))
    assert answer.status_code == 201


async def test_assignments_go_and_return_with_their_application(graph: GraphClient, app: App, adele: str) -> None:
    await assigned(graph, app, adele)
    await graph.ask("DELETE", f"/servicePrincipals/{app.service_principal}")
    assert (await graph.ask("GET", path_of(app))).status_code == 404
    assert (await graph.get(f"/users/{adele}/appRoleAssignments"))["value"] == []
    await graph.ask("POST", f"/directory/deletedItems/{app.service_principal}/restore")
    assert len((await graph.get(path_of(app)))["value"]) == 1


async def test_a_users_assignments_include_those_of_its_groups(
    graph: GraphClient, app: App, entra: LocalEntra, adele: str
) -> None:
    inner = entra.people.add_group(displayName="Inner")["id"]
    outer = entra.people.add_group(displayName="Outer")["id"]
    entra.people.add_member(inner, adele)
    entra.people.add_member(outer, inner)
    for group in (inner, outer):
        await assigned(graph, app, group)

    filtered = f"appRoleAssignments?$filter=resourceId eq {app.service_principal}"
    for path in (f"/users/{adele}", f"/groups/{inner}"):
        assert [made["principalId"] for made in (await graph.get(f"{path}/{filtered}"))["value"]] == [inner]
