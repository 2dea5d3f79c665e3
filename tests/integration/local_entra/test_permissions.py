"""Permissions: what a token says, what a call needs, and what a client can find out about both."""

from __future__ import annotations

import pytest

from eptura_scim.jwt_claims import jwt_claims
from eptura_scim.local_entra import LocalEntra, Tenant
from eptura_scim.local_entra.permissions import PERMISSION_IDS
from eptura_scim.local_entra.tenant import ALL_PERMISSIONS
from tests.integration.local_entra.graph_client import App, GraphClient, error, pairs

OWNED, ALL = "Application.ReadWrite.OwnedBy", "Application.ReadWrite.All"
SYNC, SYNC_READ = "Synchronization.ReadWrite.All", "Synchronization.Read.All"
NOBODY = "00000000-0000-0000-0000-000000000001"
TEMPLATE = "/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate"


async def having(graph: GraphClient, *permissions: str) -> None:
    """Log in again with exactly these permissions."""
    graph.entra.permissions.only(*permissions)
    graph.token = (await graph.login()).json()["access_token"]


async def allowed(graph: GraphClient, method: str, path: str, body: object = None) -> bool:
    """Whether a call is not refused for lack of a permission; it may fail for another reason."""
    answer = await graph.ask(method, path, body)
    if answer.status_code != 403:
        return True
    assert error(answer)["code"] == "Authorization_RequestDenied"
    assert error(answer)["message"] == "Insufficient privileges to complete the operation."
    return False


CALLS = {
    "instantiate": ("POST", TEMPLATE, {"displayName": "x"}),
    "applications": ("GET", "/applications", None),
    "application": ("GET", "/applications/{application}", None),
    "rename": ("PATCH", "/applications/{application}", {"displayName": "x"}),
    "principal": ("GET", "/servicePrincipals(appId='{app_id}')", None),
    "edit principal": ("PATCH", "/servicePrincipals/{principal}", {"notes": "x"}),
    "delete principal": ("DELETE", "/servicePrincipals/{principal}", None),
    "owners": ("GET", "/servicePrincipals/{principal}/owners", None),
    "add owner": ("POST", "/servicePrincipals/{principal}/owners/$ref", {"@odata.id": f"x/{NOBODY}"}),
    "remove owner": ("DELETE", f"/applications/{{application}}/owners/{NOBODY}/$ref", None),
    "jobs": ("GET", "/servicePrincipals/{principal}/synchronization/jobs", None),
    "create job": ("POST", "/servicePrincipals/{principal}/synchronization/jobs", {"templateId": "scim"}),
    "start": ("POST", "/servicePrincipals/{principal}/synchronization/jobs/{job}/start", None),
    "schema": ("GET", "/servicePrincipals/{principal}/synchronization/jobs/{job}/schema", None),
    "parse": (
        "POST",
        "/servicePrincipals/{principal}/synchronization/jobs/{job}/schema/parseExpression",
        {"expression": "[mail]"},
    ),
    "discover": ("POST", "/servicePrincipals/{principal}/synchronization/jobs/{job}/schema/directories/x/discover", {}),
    "validate": ("POST", "/servicePrincipals/{principal}/synchronization/jobs/{job}/validateCredentials", {}),
    "save secrets": ("PUT", "/servicePrincipals/{principal}/synchronization/secrets", {"value": pairs()}),
    "assignments": ("GET", "/servicePrincipals/{principal}/appRoleAssignedTo", None),
    "assign": ("POST", "/servicePrincipals/{principal}/appRoleAssignedTo", {}),
    "unassign": ("DELETE", "/servicePrincipals/{principal}/appRoleAssignedTo/x", None),
    "assignments of a user": ("GET", "/users/x/appRoleAssignments", None),
    "own permissions": ("GET", "/servicePrincipals/{me}/appRoleAssignments", None),
    "users": ("GET", "/users", None),
    "add user": ("POST", "/users", {}),
    "groups": ("GET", "/groups", None),
    "members": ("GET", "/groups/x/members", None),
    "add member": ("POST", "/groups/x/members/$ref", {"@odata.id": f"x/{NOBODY}"}),
    "delete group": ("DELETE", "/groups/x", None),
    "organization": ("GET", "/organization", None),
    "grants": ("GET", "/oauth2PermissionGrants", None),
    "deleted applications": ("GET", "/directory/deletedItems/microsoft.graph.application", None),
    "deleted principals": ("GET", "/directory/deleteditems/microsoft.graph.servicePrincipal", None),
    "deleted users": ("GET", "/directory/deletedItems/microsoft.graph.user", None),
}


async def permitted(graph: GraphClient, app: App) -> set[str]:
    """Which of the calls are permitted; those that delete come last."""
    values = {
        "application": app.application,
        "app_id": app.app_id,
        "principal": app.service_principal,
        "job": app.job,
        "me": graph.entra.tenant.principal_id,
    }
    found = set()
    for name, (method, path, body) in sorted(CALLS.items(), key=lambda item: item[1][0] == "DELETE"):
        if await allowed(graph, method, path.format(**values), body):
            found.add(name)
    return found


async def test_by_default_everything_is_permitted(graph: GraphClient, app: App) -> None:
    assert await permitted(graph, app) == set(CALLS)


async def test_without_any_permission_nothing_is(graph: GraphClient, app: App) -> None:
    await having(graph)
    assert await permitted(graph, app) == set()


READ_APPLICATIONS = {"applications", "application", "principal", "owners", "assignments"}
READ_SYNCHRONIZATION = {"jobs", "schema", "parse"}
WRITE_SYNCHRONIZATION = {"create job", "start", "validate", "save secrets"}


@pytest.mark.parametrize(
    ("permissions", "calls"),
    [
        (
            ["Application.Read.All"],
            READ_APPLICATIONS | {"own permissions", "deleted applications", "deleted principals"},
        ),
        ([SYNC_READ], READ_SYNCHRONIZATION),
        ([SYNC], READ_SYNCHRONIZATION | WRITE_SYNCHRONIZATION),
        (
            [OWNED],
            READ_APPLICATIONS
            | READ_SYNCHRONIZATION
            | WRITE_SYNCHRONIZATION
            | {"instantiate", "rename", "edit principal", "delete principal", "discover"},
        ),
        (
            [ALL],
            READ_APPLICATIONS
            | {
                "own permissions",
                "deleted applications",
                "deleted principals",
                "instantiate",
                "rename",
                "edit principal",
                "delete principal",
            },
        ),
        (
            ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"],
            READ_APPLICATIONS
            | {
                "own permissions",
                "deleted applications",
                "deleted principals",
                "assign",
                "unassign",
                "assignments of a user",
            },
        ),
        (["AppRoleAssignment.ReadWrite.All"], {"assignments of a user"}),
        (["User.Read.All"], {"users", "deleted users"}),
        (["User.ReadWrite.All"], {"users", "deleted users", "add user"}),
        (["GroupMember.Read.All"], {"groups", "members"}),
        (["GroupMember.ReadWrite.All"], {"groups", "members", "add member"}),
        (["Group.ReadWrite.All"], {"groups", "members", "add member", "delete group"}),
        (["Organization.Read.All"], {"organization"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_each_permission_opens_what_its_pages_say(
    permissions: list[str], calls: set[str], graph: GraphClient, app: App
) -> None:
    await having(graph, *permissions)
    assert await permitted(graph, app) == calls


async def test_owned_by_permits_changes_of_own_applications_alone(graph: GraphClient, app: App) -> None:
    graph.entra.portal.create_application("by hand")
    by_hand = graph.entra.portal.of("by hand").service_principal()["id"]
    await having(graph, OWNED)
    assert await allowed(graph, "PATCH", f"/servicePrincipals/{app.service_principal}", {"notes": "x"})
    assert await allowed(graph, "GET", f"/servicePrincipals/{by_hand}")
    assert not await allowed(graph, "PATCH", f"/servicePrincipals/{by_hand}", {"notes": "x"})
    assert not await allowed(graph, "GET", f"/servicePrincipals/{by_hand}/synchronization/jobs")
    missing = await graph.ask("PATCH", f"/servicePrincipals/{NOBODY}", {})
    assert missing.status_code == 404, "what is not there is not found"

    await having(graph, OWNED, SYNC)
    assert await allowed(graph, "GET", f"/servicePrincipals/{by_hand}/synchronization/jobs")
    assert await allowed(graph, "DELETE", f"/applications/{app.application}")
    assert await allowed(graph, "POST", f"/directory/deletedItems/{app.application}/restore")
    graph.entra.portal.of("by hand").delete_application()
    assert not await allowed(graph, "POST", f"/directory/deletedItems/{by_hand}/restore")


async def test_owned_by_and_reading_the_directory_may_change_owners(graph: GraphClient, app: App) -> None:
    path = f"/servicePrincipals/{app.service_principal}/owners/{NOBODY}/$ref"
    await having(graph, OWNED)
    assert not await allowed(graph, "DELETE", path)
    await having(graph, OWNED, "Directory.Read.All")
    assert await allowed(graph, "DELETE", path)


async def test_a_user_in_the_bin_needs_the_users_permission(graph: GraphClient) -> None:
    adele = graph.entra.people.add_user(userPrincipalName="adele@contoso.example")["id"]
    graph.entra.people.delete_user(adele)
    await having(graph, ALL)
    assert not await allowed(graph, "GET", f"/directory/deletedItems/{adele}")
    await having(graph, "User.Read.All")
    assert await allowed(graph, "GET", f"/directory/deletedItems/{adele}")
    assert not await allowed(graph, "POST", f"/directory/deletedItems/{adele}/restore")


@pytest.mark.parametrize("behaviour", ["refused", "allowed"])
async def test_whether_a_reader_may_test_a_connection_is_a_switch(behaviour: str, graph: GraphClient, app: App) -> None:
    graph.entra.switches.read_only_validates = behaviour  # type: ignore[assignment]
    await having(graph, SYNC_READ)
    body = {"useSavedCredentials": True}
    assert await allowed(graph, "POST", f"{app.job_path}/validateCredentials", body) == (behaviour == "allowed")


@pytest.mark.parametrize("behaviour", ["refused", "allowed"])
async def test_whether_application_permissions_synchronize_is_a_switch(
    behaviour: str, graph: GraphClient, app: App
) -> None:
    graph.entra.switches.application_permissions_synchronize = behaviour  # type: ignore[assignment]
    await having(graph, "Application.Read.All")
    assert await allowed(graph, "GET", app.job_path) == (behaviour == "allowed")
    assert not await allowed(graph, "POST", f"{app.job_path}/pause")
    await having(graph, ALL)
    assert await allowed(graph, "POST", f"{app.job_path}/pause") == (behaviour == "allowed")


async def test_a_revoked_permission_ends_with_the_token(graph: GraphClient, app: App) -> None:
    assert await allowed(graph, "GET", app.job_path)
    graph.entra.permissions.revoke(SYNC)
    assert await allowed(graph, "GET", app.job_path), "the token still has it"
    graph.token = ""
    assert not await allowed(graph, "GET", app.job_path)
    graph.entra.permissions.grant(SYNC_READ)
    graph.token = ""
    assert await allowed(graph, "GET", app.job_path)


def test_a_permission_that_does_not_exist_is_named(entra: LocalEntra) -> None:
    with pytest.raises(ValueError, match=r"Synchronisation\.Read\.All is not one of the permissions"):
        entra.permissions.grant("Synchronisation.Read.All")
    with pytest.raises(ValueError, match="x is not one of"):
        LocalEntra.in_process(tenant=Tenant(permissions=("x",)))
    assert entra.permissions.granted == sorted(ALL_PERMISSIONS)


async def test_a_client_can_list_its_permissions(graph: GraphClient) -> None:
    await having(graph, SYNC_READ, "Application.Read.All")
    claims = jwt_claims(graph.token)
    assert claims
    assert claims["roles"] == ["Application.Read.All", SYNC_READ]

    me = f"/servicePrincipals(appId='{graph.entra.tenant.client_id}')"
    assert (await graph.get(me))["id"] == graph.entra.tenant.principal_id
    assigned = (await graph.get(f"{me}/appRoleAssignments"))["value"]
    graph_principal = await graph.get(f"/servicePrincipals/{assigned[0]['resourceId']}")
    names = {role["id"]: role["value"] for role in graph_principal["appRoles"]}
    assert [names[item["appRoleId"]] for item in assigned] == claims["roles"]
    found = await graph.get("/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'")
    assert [item["displayName"] for item in found["value"]] == ["Microsoft Graph"]


async def test_the_organization_is_the_tenant(graph: GraphClient) -> None:
    tenant = graph.entra.tenant
    [found] = (await graph.get("/organization"))["value"]
    assert (found["id"], found["verifiedDomains"][0]["name"]) == (tenant.id, tenant.domain)
    assert (await graph.get(f"/organization/{tenant.id}"))["displayName"] == found["displayName"]
    assert (await graph.ask("GET", f"/organization/{NOBODY}")).status_code == 404


async def test_the_login_is_an_application_without_a_user(graph: GraphClient, app: App) -> None:
    for path in ("/me", "/me/memberOf", "/me?$select=id"):
        answer = await graph.ask("GET", path)
        assert answer.status_code == 400
        assert error(answer)["message"] == "/me request is only valid with delegated authentication flow."
    for path in ("/oauth2PermissionGrants", f"/servicePrincipals/{app.service_principal}/oauth2PermissionGrants"):
        assert (await graph.get(path))["value"] == []
    assert (await graph.get(f"/servicePrincipals/{app.service_principal}/appRoleAssignments"))["value"] == []


def test_ids_of_permissions_are_those_of_the_reference() -> None:
    assert PERMISSION_IDS[SYNC] == "9b50c33d-700f-43b1-b2eb-87e89b703581"
    assert len(set(PERMISSION_IDS.values())) == len(PERMISSION_IDS)
