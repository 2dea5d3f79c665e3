"""Administrative units, claims mapping policies, logos, and what a user may have as password and manager.

Right values: Microsoft Graph, resource types administrativeUnit, claimsMappingPolicy, application (`logo`), "Remove
manager"; Microsoft, "Password policies and account restrictions in Microsoft Entra ID". The requests are those of the
azuread provider.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eptura_scim.local_entra import LocalEntra, StateCorruptError
from eptura_scim.local_entra.storage.store import FolderStore
from eptura_scim.local_entra.tenant import Tenant
from tests.integration.local_entra.graph_client import GraphClient, error

UNITS = "/directory/administrativeUnits"
POLICIES = "/policies/claimsMappingPolicies"
UNIT = {"@odata.type": "#microsoft.graph.administrativeUnit", "displayName": "Munich", "description": "one site"}
GROUP = {
    "@odata.type": "#microsoft.graph.group",
    "displayName": "In Munich",
    "mailEnabled": False,
    "mailNickname": "munich",
    "securityEnabled": True,
}
POLICY = {"definition": ['{"ClaimsMappingPolicy":{"Version":1}}'], "displayName": "Employee ids"}
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def ref(identifier: str) -> dict[str, str]:
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{identifier}"}


async def test_a_unit_is_made_changed_and_deleted(graph: GraphClient) -> None:
    unit = await graph.create(UNITS, UNIT)
    path = f"{UNITS}/{unit['id']}"
    assert (await graph.ask("PATCH", path, {"displayName": "München", "description": None})).status_code == 204
    [found] = (await graph.get(f"{UNITS}?$filter=displayName eq 'München'"))["value"]
    assert (found["id"], found["description"], found["visibility"]) == (unit["id"], None, None)
    assert (await graph.get(f"/directoryObjects/{unit['id']}"))["@odata.type"] == "#microsoft.graph.administrativeUnit"
    # On beta they are also at the root; the azuread provider deletes them there.
    assert (await graph.ask("DELETE", f"/administrativeUnits/{unit['id']}", version="beta")).status_code == 204
    assert (await graph.ask("GET", path)).status_code == 404
    assert (await graph.get(UNITS))["value"] == []


async def test_members_of_a_unit_are_listed_on_both_sides(graph: GraphClient, entra: LocalEntra) -> None:
    unit = await graph.create(UNITS, UNIT)
    members = f"{UNITS}/{unit['id']}/members"
    user = entra.people.add_user(userPrincipalName="a@contoso.example")["id"]
    assert (await graph.ask("POST", f"{members}/$ref", ref(user))).status_code == 204
    again = await graph.ask("POST", f"{members}/$ref", ref(user))
    assert again.status_code == 400
    assert "already exist" in error(again)["message"]
    group = await graph.create(members, GROUP)
    assert [item["id"] for item in (await graph.get(members))["value"]] == [user, group["id"]]
    assert (await graph.get(f"{members}/{user}"))["@odata.type"] == "#microsoft.graph.user"
    [belongs] = (await graph.get(f"/groups/{group['id']}/memberOf"))["value"]
    assert (belongs["id"], belongs["@odata.type"]) == (unit["id"], "#microsoft.graph.administrativeUnit")
    assert (await graph.ask("DELETE", f"{members}/{user}/$ref")).status_code == 204
    assert (await graph.ask("DELETE", f"{members}/{user}/$ref")).status_code == 404
    assert (await graph.get(f"/users/{user}/memberOf"))["value"] == []
    assert (await graph.ask("DELETE", f"{UNITS}/{unit['id']}")).status_code == 204
    assert (await graph.get(f"/groups/{group['id']}"))["displayName"] == "In Munich"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", UNITS, {"description": "without a name"}, 400),
        ("POST", UNITS, {"displayName": 5}, 400),
        ("POST", UNITS, {"displayName": "x", "colour": "red"}, 400),
        ("PATCH", f"{UNITS}/{{unit}}", {"isMemberManagementRestricted": True}, 400),
        ("POST", f"{UNITS}/{{unit}}/members", {"displayName": "x"}, 400),
        ("POST", f"{UNITS}/{{unit}}/members/$ref", ref("00000000-0000-0000-0000-000000000009"), 404),
        ("GET", f"{UNITS}/{{unit}}/scopedRoleMembers", None, 501),
        ("POST", POLICIES, {"displayName": "without a definition"}, 400),
        ("POST", POLICIES, {"definition": ["{}"]}, 400),
        ("POST", POLICIES, {**POLICY, "definition": "{}"}, 400),
    ],
)
async def test_a_body_that_makes_no_sense_is_refused(
    method: str, path: str, body: Any, status: int, graph: GraphClient
) -> None:
    unit = await graph.create(UNITS, UNIT)
    answer = await graph.ask(method, path.format(unit=unit["id"]), body)
    assert answer.status_code == status, answer.text
    assert [item["displayName"] for item in (await graph.get(UNITS))["value"]] == ["Munich"]
    assert (await graph.get(POLICIES))["value"] == []


async def test_a_policy_is_assigned_read_and_taken_away(graph: GraphClient) -> None:
    app = await graph.new_app(job=False)
    policy = await graph.create(POLICIES, POLICY)
    assert (policy["definition"], policy["isOrganizationDefault"]) == (POLICY["definition"], False)
    path = f"/servicePrincipals/{app.service_principal}/claimsMappingPolicies"
    assert (await graph.ask("POST", f"{path}/$ref", ref(policy["id"]))).status_code == 204
    assert (await graph.ask("POST", f"{path}/$ref", ref(policy["id"]))).status_code == 400
    assert (await graph.ask("PATCH", f"{POLICIES}/{policy['id']}", {"displayName": "Renamed"})).status_code == 204
    [found] = (await graph.get(path))["value"]
    assert (found["id"], found["displayName"]) == (policy["id"], "Renamed")
    assert (await graph.ask("DELETE", f"{path}/{policy['id']}/$ref")).status_code == 204
    assert (await graph.get(path))["value"] == []
    assert (await graph.ask("DELETE", f"{path}/{policy['id']}/$ref")).status_code == 404


async def test_a_deleted_policy_is_assigned_no_longer(graph: GraphClient) -> None:
    app = await graph.new_app(job=False)
    policy = await graph.create(POLICIES, POLICY)
    path = f"/servicePrincipals/{app.service_principal}/claimsMappingPolicies"
    assert (await graph.ask("POST", f"{path}/$ref", ref(policy["id"]))).status_code == 204
    assert (await graph.ask("DELETE", f"{POLICIES}/{policy['id']}")).status_code == 204
    assert (await graph.get(path))["value"] == []


async def test_a_logo_is_kept_and_another_one_has_another_address(graph: GraphClient) -> None:
    app = await graph.new_app(job=False)
    path = f"/v1.0/applications/{app.application}/logo"
    assert (await graph.ask("GET", path.removeprefix("/v1.0"))).status_code == 404
    headers = {"Authorization": f"Bearer {graph.token}", "Content-Type": "image/png"}
    assert (await graph.http.put(path, content=PNG, headers=headers)).status_code == 204
    kept = await graph.http.get(path, headers=headers)
    assert (kept.content, kept.headers["content-type"]) == (PNG, "image/png")
    first = (await graph.get(f"/applications/{app.application}"))["info"]["logoUrl"]
    assert (await graph.http.put(path, content=PNG + b"!", headers=headers)).status_code == 204
    assert (await graph.get(f"/applications/{app.application}"))["info"]["logoUrl"] != first
    text = await graph.http.put(path, content=b"a text", headers={**headers, "Content-Type": "text/plain"})
    other = await graph.http.put(path, content=b"GIF89a", headers=headers)
    assert (text.status_code, other.status_code) == (400, 400)


@pytest.mark.parametrize(
    ("password", "policies", "status"),
    [
        ("B", None, 400),
        ("lowercase-only", None, 400),
        ("Lower-and-upper", None, 204),
        ("lower4nd-upper", None, 204),
        ("A1!" + "x" * 254, None, 400),
        ("lowercase-only", "DisablePasswordExpiration", 400),
        ("lowercase-only", "DisablePasswordExpiration, DisableStrongPassword", 204),
    ],
)
async def test_a_weak_password_is_refused(
    password: str, policies: str | None, status: int, graph: GraphClient, entra: LocalEntra
) -> None:
    user = entra.people.add_user(userPrincipalName="a@contoso.example", passwordPolicies=policies)["id"]
    answer = await graph.ask("PATCH", f"/users/{user}", {"passwordProfile": {"password": password}})
    assert answer.status_code == status
    if status == 400:
        assert "does not comply with password complexity requirements" in error(answer)["message"]


async def test_a_deleted_manager_can_be_removed_and_does_not_return(graph: GraphClient, entra: LocalEntra) -> None:
    user, boss = (entra.people.add_user(userPrincipalName=f"{name}@contoso.example")["id"] for name in ("a", "boss"))
    path = f"/users/{user}/manager/$ref"
    assert (await graph.ask("DELETE", path)).status_code == 404
    assert (await graph.ask("PUT", path, ref(boss))).status_code == 204
    entra.people.delete_user(boss)
    assert (await graph.ask("DELETE", path)).status_code == 204
    entra.people.restore(boss)
    assert (await graph.ask("GET", f"/users/{user}/manager")).status_code == 404


async def test_units_policies_and_logos_survive_a_restart(tmp_path: Path) -> None:
    def started(store: FolderStore) -> GraphClient:
        return GraphClient.in_process(LocalEntra(tenant=Tenant(), url="https://localhost", store=store))

    with closing(FolderStore(tmp_path)) as store:
        graph = started(store)
        app = await graph.new_app(job=False)
        unit, policy = await graph.create(UNITS, UNIT), await graph.create(POLICIES, POLICY)
        group = await graph.create(f"{UNITS}/{unit['id']}/members", GROUP)
        assigned = f"/servicePrincipals/{app.service_principal}/claimsMappingPolicies"
        await graph.ask("POST", f"{assigned}/$ref", ref(policy["id"]))
        logo = f"/v1.0/applications/{app.application}/logo"
        headers = {"Authorization": f"Bearer {graph.token}", "Content-Type": "image/png"}
        await graph.http.put(logo, content=PNG, headers=headers)
        await graph.http.aclose()

    with closing(FolderStore(tmp_path)) as store:
        graph = started(store)
        [member] = (await graph.get(f"{UNITS}/{unit['id']}/members"))["value"]
        [found] = (await graph.get(assigned))["value"]
        assert (member["id"], found["id"]) == (group["id"], policy["id"])
        headers = {"Authorization": f"Bearer {graph.token}"}
        assert (await graph.http.get(logo, headers=headers)).content == PNG
        await graph.http.aclose()

    (tmp_path / "administrative-units.json").write_text('{"id": 5}')
    with (
        closing(FolderStore(tmp_path)) as store,
        pytest.raises(StateCorruptError, match=r"administrative-units\.json"),
    ):
        started(store)


@pytest.mark.parametrize(
    ("permissions", "method", "path", "status"),
    [
        (("AdministrativeUnit.Read.All",), "GET", UNITS, 200),
        (("AdministrativeUnit.Read.All",), "POST", UNITS, 403),
        (("AdministrativeUnit.ReadWrite.All",), "POST", UNITS, 201),
        (("Group.ReadWrite.All",), "GET", UNITS, 403),
        (("Policy.Read.All",), "GET", POLICIES, 200),
        (("Policy.Read.All",), "POST", POLICIES, 403),
        (("Policy.ReadWrite.ApplicationConfiguration",), "POST", POLICIES, 201),
        (("Policy.Read.All",), "POST", "/servicePrincipals/{sp}/claimsMappingPolicies/$ref", 403),
        (("Policy.Read.All", "Application.ReadWrite.All"), "POST", "/servicePrincipals/{sp}/claimsMappingPolicies/$ref",
         404),
    ],
)  # fmt: skip
async def test_each_call_needs_the_permissions_of_its_page(
    permissions: tuple[str, ...], method: str, path: str, status: int, graph: GraphClient, entra: LocalEntra
) -> None:
    app = await graph.new_app(job=False)
    entra.permissions.only(*permissions)
    graph.token = ""
    body = {UNITS: UNIT, POLICIES: POLICY}.get(path, ref("x"))
    answer = await graph.ask(method, path.format(sp=app.service_principal), None if method == "GET" else body)
    assert answer.status_code == status, answer.text
