"""Ids, outputs and tags look as those of the pulumi_azuread SDK do."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.azuread_stand_in.app_role_assignment import AppRoleAssignment
from eptura_scim.azuread_stand_in.application_from_template import ApplicationFromTemplate
from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.azuread_stand_in.features import Feature, FeatureTag, feature_tag, older_feature, tags_of
from eptura_scim.azuread_stand_in.get_application import get_application
from eptura_scim.azuread_stand_in.graph import Graph
from eptura_scim.azuread_stand_in.service_principal import ServicePrincipal
from eptura_scim.azuread_stand_in.synchronization_job import SynchronizationJob
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.plugin_sdk.resource import Resource

PRINCIPAL = "a3a86aea-c049-4bc6-8d35-7ff8472dace9"
CLIENT = "b77a8d1b-90d9-4e7c-92c9-2bd9a054e2ce"
LIVE = {
    "id": PRINCIPAL,
    "appId": CLIENT,
    "displayName": "Eptura",
    "accountEnabled": True,
    "appRoles": [
        {"id": "r", "value": "Role", "displayName": "Role", "isEnabled": True, "allowedMemberTypes": ["User"]}
    ],
    "oauth2PermissionScopes": [{"id": "s", "value": "read", "type": "User", "isEnabled": True}],
    "servicePrincipalNames": [CLIENT.upper(), "https://eptura.example"],
    "tags": ["hideapp", "WindowsAzureActiveDirectoryIntegratedApp"],
    "api": {"oauth2PermissionScopes": [{"id": "s", "value": "read"}]},
    "info": {"logoUrl": "https://logo.example"},
    "web": {"redirectUris": ["https://web.example"], "implicitGrantSettings": {"enableIdTokenIssuance": True}},
    "spa": {},
    "groupMembershipClaims": "SecurityGroup, DirectoryRole",
    "requiredResourceAccess": [{"resourceAppId": "a", "resourceAccess": [{"id": "i", "type": "Role"}]}],
    "optionalClaims": {"idToken": [{"name": "email", "essential": False}]},
}


def sdk_names(module: str, class_name: str) -> set[str]:
    """The names on the wire of a class of the SDK, read from its source: importing it takes seconds."""
    package = find_spec("pulumi_azuread")
    assert package and package.origin
    tree = ast.parse((Path(package.origin).parent / f"{module}.py").read_text("utf-8"))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name).body
    return {_wire_name(node) for node in body if isinstance(node, ast.FunctionDef) and _is_property(node)}


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(item, ast.Attribute) and item.attr == "property" for item in node.decorator_list)


def _wire_name(node: ast.FunctionDef) -> str:
    for decorator in node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else []:
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return node.name


@pytest.fixture
def connection() -> Graph:
    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/metadata/endpoints":
            host = "https://localhost"
            metadata = {"microsoftGraphResourceId": host, "authentication": {"loginEndpoint": host}}
            return httpx.Response(200, json=metadata)
        if path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t"})
        if path.endswith("/owners"):
            return httpx.Response(200, json={"value": [{"id": "owner"}]})
        if path.endswith("/appRoleAssignedTo/x"):
            assignment = {"appRoleId": CLIENT, "principalId": CLIENT, "resourceId": PRINCIPAL, "principalType": "Group"}
            return httpx.Response(200, json=assignment)
        if path.endswith("/synchronization/jobs/scim.x"):
            return httpx.Response(200, json={"templateId": "scim", "schedule": {"state": "Active"}})
        return httpx.Response(200, json=LIVE)

    return Graph(Environment("localhost", "t", "c", "s", None), httpx.MockTransport(answer))


def test_the_version_is_the_version_of_the_sdk() -> None:
    package = find_spec("pulumi_azuread")
    assert package and package.origin
    assert (
        wanted_version()
        == json.loads((Path(package.origin).parent / "pulumi-plugin.json").read_text("utf-8"))["version"]
    )


async def test_outputs_of_a_service_principal_have_names_of_the_sdk(connection: Graph) -> None:
    found = await ServicePrincipal(connection).read(f"/servicePrincipals/{PRINCIPAL}", {"useExisting": True})
    assert found
    inputs, outputs = found
    assert {*outputs, "useExisting"} == sdk_names("service_principal", "ServicePrincipal")
    assert inputs.use_existing
    for name, class_name in [
        ("appRoles", "ServicePrincipalAppRole"),
        ("featureTags", "ServicePrincipalFeatureTag"),
        ("features", "ServicePrincipalFeature"),
        ("oauth2PermissionScopes", "ServicePrincipalOauth2PermissionScope"),
    ]:
        assert set(outputs[name][0]) == sdk_names("outputs", class_name)
    assert set(outputs["samlSingleSignOn"]) == sdk_names("outputs", "ServicePrincipalSamlSingleSignOn")
    assert outputs["servicePrincipalNames"] == ["https://eptura.example"]
    assert outputs["owners"] == ["owner"]
    assert outputs["appRoleIds"] == {"Role": "r"}
    assert outputs["featureTags"] == [{"customSingleSignOn": False, "enterprise": True, "gallery": False, "hide": True}]


async def test_outputs_of_a_job_have_the_names_of_the_sdk(connection: Graph) -> None:
    job_id = f"/servicePrincipals/{PRINCIPAL}/synchronization/jobs/scim.x"
    found = await SynchronizationJob(connection).read(job_id, {})
    assert found
    assert set(found[1]) == sdk_names("synchronization_job", "SynchronizationJob")
    assert set(found[1]["schedules"][0]) == sdk_names("outputs", "SynchronizationJobSchedule")
    assert found[0].enabled


async def test_outputs_of_an_assignment_have_the_names_of_the_sdk(connection: Graph) -> None:
    found = await AppRoleAssignment(connection).read(f"/servicePrincipals/{PRINCIPAL}/appRoleAssignedTo/x", {})
    assert found
    assert set(found[1]) == sdk_names("app_role_assignment", "AppRoleAssignment")
    assert found[1]["principalType"] == "Group"


async def test_get_application_has_the_names_of_the_sdk(connection: Graph) -> None:
    result = await get_application({"objectId": "x"}, connection)
    assert set(result) == sdk_names("get_application", "GetApplicationResult")
    for name, class_name in [
        ("apis", "GetApplicationApiResult"),
        ("appRoles", "GetApplicationAppRoleResult"),
        ("featureTags", "GetApplicationFeatureTagResult"),
        ("optionalClaims", "GetApplicationOptionalClaimResult"),
        ("requiredResourceAccesses", "GetApplicationRequiredResourceAccessResult"),
        ("singlePageApplications", "GetApplicationSinglePageApplicationResult"),
        ("webs", "GetApplicationWebResult"),
    ]:
        assert set(result[name][0]) == sdk_names("outputs", class_name)
    assert result["groupMembershipClaims"] == ["SecurityGroup", "DirectoryRole"]
    assert result["publicClients"] == []
    assert result["webs"][0]["implicitGrants"] == [
        {"accessTokenIssuanceEnabled": False, "idTokenIssuanceEnabled": True}
    ]


@pytest.mark.parametrize(
    ("module", "resource"),
    [
        ("app_role_assignment", AppRoleAssignment),
        ("application_from_template", ApplicationFromTemplate),
        ("service_principal", ServicePrincipal),
        ("synchronization_job", SynchronizationJob),
    ],
)
def test_inputs_have_the_names_of_the_sdk(module: str, resource: type[Resource[Any]]) -> None:
    names = {field.alias for field in resource.inputs.model_fields.values()}
    assert names == sdk_names(module, f"{resource.__name__}Args")


@given(st.builds(FeatureTag, custom_single_sign_on=st.booleans(), enterprise=st.booleans(),
                 gallery=st.booleans(), hide=st.booleans()))  # fmt: skip
def test_feature_tags_survive_the_way_through_tags(features: FeatureTag) -> None:
    assert feature_tag(tags_of(features)) == features


@given(st.builds(Feature, custom_single_sign_on_app=st.booleans(), enterprise_application=st.booleans(),
                 gallery_application=st.booleans(), visible_to_users=st.booleans()))  # fmt: skip
def test_older_features_survive_the_way_through_tags(features: Feature) -> None:
    assert older_feature(tags_of(features)) == features


def test_no_features_means_no_tags() -> None:
    assert tags_of(FeatureTag()) == tags_of(Feature()) == []


async def test_a_set_keeps_the_order_of_the_program(connection: Graph) -> None:
    mine = list(reversed(LIVE["tags"]))  # type: ignore[call-overload]
    found = await ServicePrincipal(connection).read(f"/servicePrincipals/{PRINCIPAL}", {"tags": mine})
    assert found
    assert found[0].tags == mine == found[1]["tags"]


def test_the_stand_in_starts_without_packages_of_rare_calls() -> None:
    heavy = ("httpx", "pydantic", "pulumi_azuread", "starlette", "trustme", "uvicorn")
    code = f"import sys, eptura_scim.azuread_stand_in.__main__; print([m for m in {heavy} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert result.stdout.strip() == "[]"
