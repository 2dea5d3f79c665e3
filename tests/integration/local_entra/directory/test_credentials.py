"""Credentials of applications and service principals, and what a service principal shows of its application.

Right values: Microsoft Graph, resource types federatedIdentityCredential, keyCredential, oAuth2PermissionGrant,
servicePrincipal, "servicePrincipal: addTokenSigningCertificate"; the requests are those of the azuread provider.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from eptura_scim.local_entra.permissions import PERMISSION_IDS
from tests.integration.local_entra.graph_client import App, GraphClient, error

GITHUB = {
    "name": "github",
    "issuer": "https://token.actions.githubusercontent.com",
    "subject": "repo:contoso/app:environment:prod",
    "audiences": ["api://AzureADTokenExchange"],
}
FLEXIBLE = {
    "name": "flexible",
    "issuer": GITHUB["issuer"],
    "audiences": GITHUB["audiences"],
    "claimsMatchingExpression": {"value": "claims['sub'] matches 'repo:contoso/*'", "languageVersion": 1},
}
USER_READ = "e1fe6dd8-ba31-4d61-89e7-88639da4683d"
"""Id of the delegated permission User.Read (permissions reference)."""


@pytest.fixture
async def registered(graph: GraphClient) -> App:
    """An application that a program registered, with its service principal."""
    made = (await graph.ask("POST", "/applications", {"displayName": "Program"})).json()
    principal = (await graph.ask("POST", "/servicePrincipals", {"appId": made["appId"]})).json()
    return App(made["id"], made["appId"], principal["id"])


async def test_a_federated_credential_is_added_changed_and_removed(graph: GraphClient, registered: App) -> None:
    path = f"/applications/{registered.application}/federatedIdentityCredentials"
    answer = await graph.ask("POST", path, GITHUB)
    made = answer.json()
    assert answer.status_code == 201
    assert {name: made[name] for name in GITHUB} == GITHUB
    assert "claimsMatchingExpression" not in made
    by_name = await graph.get(f"{path}/github")
    assert by_name["id"] == made["id"]
    changes = {**GITHUB, "description": "builds", "subject": "repo:contoso/app:ref:refs/heads/main"}
    assert (await graph.ask("PATCH", f"{path}/{made['id']}", changes)).status_code == 204
    [kept] = (await graph.get(path))["value"]
    assert (kept["description"], kept["subject"]) == ("builds", changes["subject"])
    assert (await graph.ask("DELETE", f"{path}/{made['id']}")).status_code == 204
    assert (await graph.ask("GET", f"{path}/{made['id']}")).status_code == 404
    assert (await graph.get(path))["value"] == []


async def test_a_flexible_federated_credential_is_of_the_beta_version(graph: GraphClient, registered: App) -> None:
    path = f"/applications/{registered.application}/federatedIdentityCredentials"
    assert (await graph.ask("POST", path, FLEXIBLE)).status_code == 400
    made = (await graph.ask("POST", path, FLEXIBLE, version="beta")).json()
    found = await graph.get(f"{path}/{made['id']}", version="beta")
    assert found["claimsMatchingExpression"] == FLEXIBLE["claimsMatchingExpression"]
    assert found["subject"] is None


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"name": "other"}, 409, "issuer"),
        ({"subject": "other"}, 409, "name"),
        ({"name": "not friendly/", "subject": "x"}, 400, "name"),
        ({"name": "x" * 121, "subject": "x"}, 400, "name"),
        ({"name": "x", "subject": None}, 400, "subject"),
        ({"name": "x", "subject": "x", "audiences": ["a", "b"]}, 400, "audiences"),
        ({"name": "x", "subject": "x", "issuer": ""}, 400, "issuer"),
        ({"name": "x", "subject": "x", "audiences": 5}, 400, "audiences"),
    ],
)
async def test_a_federated_credential_that_cannot_be_is_refused(
    changes: dict[str, Any], status: int, word: str, graph: GraphClient, registered: App
) -> None:
    path = f"/applications/{registered.application}/federatedIdentityCredentials"
    assert (await graph.ask("POST", path, GITHUB)).status_code == 201
    answer = await graph.ask("POST", path, {**GITHUB, **changes})
    assert answer.status_code == status
    assert word in error(answer)["message"]
    assert len((await graph.get(path))["value"]) == 1


async def test_an_application_has_at_most_twenty_federated_credentials(graph: GraphClient, registered: App) -> None:
    path = f"/applications/{registered.application}/federatedIdentityCredentials"
    for number in range(20):
        body = {**GITHUB, "name": f"n{number}", "subject": f"s{number}"}
        assert (await graph.ask("POST", path, body)).status_code == 201
    assert (await graph.ask("POST", path, GITHUB)).status_code == 400
    assert (await graph.ask("PATCH", f"{path}/n0", {"name": "renamed"})).status_code == 400


async def test_a_certificate_shows_its_key_only_on_select(graph: GraphClient, registered: App) -> None:
    pem = trustme.CA().cert_pem.bytes()
    certificate = x509.load_pem_x509_certificate(pem)
    key = base64.b64encode(pem).decode()
    path = f"/applications/{registered.application}"
    wanted = {"keyId": "c0ffee00-0000-0000-0000-000000000001", "type": "AsymmetricX509Cert", "usage": "Verify"}
    body = {"keyCredentials": [{**wanted, "key": key}]}
    assert (await graph.ask("PATCH", path, body)).status_code == 204
    [kept] = (await graph.get(path))["keyCredentials"]
    assert kept["customKeyIdentifier"] == certificate.fingerprint(hashes.SHA1()).hex().upper()
    assert kept["startDateTime"] == f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}"
    assert kept["endDateTime"] == f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
    assert kept["key"] is None
    # Sent again as a read shows it, beside a second one, it keeps its key.
    second = {**body["keyCredentials"][0], "keyId": "c0ffee00-0000-0000-0000-000000000002"}
    assert (await graph.ask("PATCH", path, {"keyCredentials": [kept, second]})).status_code == 204
    shown = (await graph.get(f"{path}?$select=keyCredentials"))["keyCredentials"]
    assert [item["key"] for item in shown] == [key, key]
    [listed] = [item for item in (await graph.get("/applications"))["value"] if item["id"] == registered.application]
    assert {item["key"] for item in listed["keyCredentials"]} == {None}


@pytest.mark.parametrize(
    "credential",
    [
        {"type": "AsymmetricX509Cert", "usage": "Verify", "key": "not a certificate"},
        {"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.b64encode(b"x").decode()},
        {"type": "AsymmetricX509Cert", "usage": "Verify"},
        {"key": "eA=="},
        {"nonsense": 1},
    ],
)
async def test_an_invalid_certificate_is_refused(
    credential: dict[str, Any], graph: GraphClient, registered: App
) -> None:
    for path in (f"/applications/{registered.application}", f"/servicePrincipals/{registered.service_principal}"):
        assert (await graph.ask("PATCH", path, {"keyCredentials": [credential]})).status_code == 400
        assert (await graph.get(path))["keyCredentials"] == []


async def test_a_signing_certificate_is_two_keys_and_a_password(graph: GraphClient, registered: App) -> None:
    path = f"/servicePrincipals/{registered.service_principal}"
    made = (await graph.ask("POST", f"{path}/addTokenSigningCertificate", {"displayName": "CN=Contoso"})).json()
    certificate = x509.load_der_x509_certificate(base64.b64decode(made["key"]))
    thumbprint = certificate.fingerprint(hashes.SHA1())
    assert certificate.subject.rfc4514_string() == "CN=Contoso"
    assert made["thumbprint"] == thumbprint.hex().upper()
    assert base64.b64decode(made["customKeyIdentifier"]) == thumbprint
    shown = await graph.get(f"{path}?$select=keyCredentials,passwordCredentials")
    assert {item["usage"]: item["type"] for item in shown["keyCredentials"]} == {
        "Sign": "X509CertAndPassword",
        "Verify": "AsymmetricX509Cert",
    }
    [verify] = [item for item in shown["keyCredentials"] if item["usage"] == "Verify"]
    assert verify["key"] == made["key"]
    every = [*shown["keyCredentials"], *shown["passwordCredentials"]]
    assert {item["customKeyIdentifier"] for item in every} == {made["customKeyIdentifier"]}
    lifetime = certificate.not_valid_after_utc - datetime.now(UTC)
    assert 365 * 3 - 1 <= lifetime.days <= 365 * 3 + 1
    for body in ({"displayName": "Contoso"}, {"endDateTime": "2000-01-01T00:00:00Z"}, {"endDateTime": 5}):
        assert (await graph.ask("POST", f"{path}/addTokenSigningCertificate", body)).status_code == 400


async def test_a_service_principal_shows_scopes_and_roles_of_its_app(graph: GraphClient, registered: App) -> None:
    role = {
        "id": "11111111-1111-1111-1111-111111111111",
        "allowedMemberTypes": ["User"],
        "displayName": "Admin",
        "description": "Admins",
        "isEnabled": True,
        "value": "Admin.All",
    }
    scope = {"id": "22222222-2222-2222-2222-222222222222", "type": "User", "value": "administer", "isEnabled": True}
    changes = {
        "appRoles": [role],
        "api": {"oauth2PermissionScopes": [scope]},
        "identifierUris": ["api://program"],
        "web": {"homePageUrl": "https://program.example", "redirectUris": ["https://program.example/back"]},
    }
    assert (await graph.ask("PATCH", f"/applications/{registered.application}", changes)).status_code == 204
    found = await graph.get(f"/servicePrincipals/{registered.service_principal}")
    assert found["appRoles"] == [role]
    assert found["oauth2PermissionScopes"] == [scope]
    assert found["servicePrincipalNames"] == [registered.app_id, "api://program"]
    assert found["homepage"] == "https://program.example"
    assert found["replyUrls"] == ["https://program.example/back"]


async def test_own_properties_of_a_service_principal_stay_as_they_are(graph: GraphClient, registered: App) -> None:
    own = f"/servicePrincipals/{registered.service_principal}"
    assert (await graph.ask("PATCH", own, {"homepage": "https://other.example"})).status_code == 204
    await graph.ask("PATCH", f"/applications/{registered.application}", {"identifierUris": ["api://x"]})
    assert (await graph.get(own))["homepage"] == "https://other.example"


@pytest.mark.parametrize(
    ("kind", "name", "part"),
    [
        ("applications", "optionalClaims", {"idToken": [{"name": "userclaim"}]}),
        ("servicePrincipals", "samlSingleSignOnSettings", {"relayState": "/samlHome"}),
    ],
)
async def test_an_empty_value_removes_claims_and_sign_on_settings(
    kind: str, name: str, part: dict[str, Any], graph: GraphClient, registered: App
) -> None:
    path = f"/{kind}/{registered.application if kind == 'applications' else registered.service_principal}"
    assert (await graph.ask("PATCH", path, {name: part})).status_code == 204
    assert (await graph.get(path))[name] == part
    assert (await graph.ask("PATCH", path, {name: {"@odata.type": f"#microsoft.graph.{name}"}})).status_code == 204
    assert (await graph.get(path))[name] is None


async def test_a_group_shows_that_it_is_not_written_back(graph: GraphClient) -> None:
    group = graph.entra.people.add_group(displayName="Facilities")["id"]
    found = await graph.get(f"/groups/{group}", version="beta")
    assert found["writebackConfiguration"] == {"isEnabled": None, "onPremisesGroupType": None}
    for changes in ({"isEnabled": True, "onPremisesGroupType": "universalSecurityGroup"}, {"isEnabled": False}):
        body = {"writebackConfiguration": changes}
        assert (await graph.ask("PATCH", f"/groups/{group}", body, version="beta")).status_code == 204
    found = await graph.get(f"/groups/{group}", version="beta")
    expected = {"isEnabled": False, "onPremisesGroupType": "universalSecurityGroup"}
    assert found["writebackConfiguration"] == expected


async def test_microsoft_graph_shows_its_delegated_permissions(graph: GraphClient) -> None:
    found = await graph.get("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')")
    scopes = {item["value"]: item["id"] for item in found["oauth2PermissionScopes"]}
    assert scopes["User.Read"] == USER_READ
    assert {"openid", "profile", "email", "offline_access", "User.ReadWrite"} <= scopes.keys()
    assert {item["value"] for item in found["appRoles"]} == PERMISSION_IDS.keys()


async def test_a_delegated_permission_is_granted_changed_and_revoked(graph: GraphClient, registered: App) -> None:
    resource = (await graph.get("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')"))["id"]
    body = {
        "clientId": registered.service_principal,
        "consentType": "AllPrincipals",
        "principalId": None,
        "resourceId": resource,
        "scope": "openid User.Read",
    }
    answer = await graph.ask("POST", "/oauth2PermissionGrants", body)
    made = answer.json()
    assert answer.status_code == 201
    assert {name: made[name] for name in body} == body
    assert (await graph.ask("POST", "/oauth2PermissionGrants", body)).status_code == 409
    path = f"/oauth2PermissionGrants/{made['id']}"
    assert (await graph.ask("PATCH", path, {"scope": "openid"})).status_code == 204
    assert (await graph.ask("PATCH", path, {"consentType": "Principal"})).status_code == 400
    for place in (
        "/oauth2PermissionGrants",
        f"/servicePrincipals/{registered.service_principal}/oauth2PermissionGrants",
    ):
        assert [item["scope"] for item in (await graph.get(place))["value"]] == ["openid"]
    assert (await graph.ask("DELETE", path)).status_code == 204
    assert (await graph.ask("GET", path)).status_code == 404


async def test_a_delegated_permission_of_a_user_names_this_user(graph: GraphClient, registered: App) -> None:
    user = graph.entra.people.add_user(userPrincipalName="ann@contoso.example")["id"]
    body = {
        "clientId": registered.service_principal,
        "consentType": "Principal",
        "principalId": user,
        "resourceId": registered.service_principal,
        "scope": "read",
    }
    for wrong in ({"principalId": None}, {"consentType": "AllPrincipals"}, {"consentType": "x"}, {"clientId": None}):
        assert (await graph.ask("POST", "/oauth2PermissionGrants", {**body, **wrong})).status_code == 400
    unknown = {"principalId": "00000000-0000-0000-0000-000000000001"}
    assert (await graph.ask("POST", "/oauth2PermissionGrants", {**body, **unknown})).status_code == 404
    made = (await graph.ask("POST", "/oauth2PermissionGrants", body)).json()
    assert [item["id"] for item in (await graph.get(f"/users/{user}/oauth2PermissionGrants"))["value"]] == [made["id"]]
    await graph.ask("DELETE", f"/servicePrincipals/{registered.service_principal}")
    assert (await graph.get("/oauth2PermissionGrants"))["value"] == []


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("POST", "/applications/{application}/federatedIdentityCredentials", "Application.ReadWrite.All"),
        ("POST", "/applications", "Application.ReadWrite.OwnedBy"),
        ("POST", "/applications/{application}/addPassword", "Application.ReadWrite.All"),
        ("POST", "/applications/{application}/removePassword", "Application.ReadWrite.All"),
        ("POST", "/servicePrincipals/{principal}/addPassword", "Application.ReadWrite.All"),
        ("POST", "/servicePrincipals/{principal}/addTokenSigningCertificate", "Application.ReadWrite.All"),
        ("POST", "/oauth2PermissionGrants", "DelegatedPermissionGrant.ReadWrite.All"),
        ("GET", "/oauth2PermissionGrants", "Directory.Read.All"),
    ],
)
async def test_each_call_needs_its_permission(
    method: str, path: str, permission: str, graph: GraphClient, registered: App
) -> None:
    asked = path.format(application=registered.application, principal=registered.service_principal)
    for granted, refused in (("Synchronization.Read.All", True), (permission, False)):
        graph.entra.permissions.only(granted)
        graph.token = (await graph.login()).json()["access_token"]
        answer = await graph.ask(method, asked, {} if method == "POST" else None)
        assert (answer.status_code == 403) == refused
