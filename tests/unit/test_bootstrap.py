"""The program that makes the identities of pipelines, on the real azuread SDK with Pulumi's mocks."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks, set_all_config, set_mocks

from eptura_scim.graph import permissions
from eptura_scim.local_entra.permissions import PERMISSION_IDS
from tests.unit.program_loop import program_loop

PROGRAM = Path(__file__).parents[2] / "bootstrap" / "__main__.py"
GRAPH_OBJECT = "99999999-0000-4000-8000-000000000001"


class Recorded(pulumi.runtime.Mocks):
    """Keeps what the program declares; a permission's id is `id of NAME`."""

    def __init__(self) -> None:
        self.resources: list[pulumi.runtime.MockResourceArgs] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.resources.append(args)
        outputs = {**args.inputs, "clientId": f"client of {args.name}", "objectId": f"object of {args.name}"}
        return f"id of {args.name}", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        if args.token.endswith("getClientConfig"):
            return {"tenantId": "tenant"}
        assert args.args == {"clientId": "00000003-0000-0000-c000-000000000000"}
        return {"objectId": GRAPH_OBJECT, "appRoleIds": {name: f"id of {name}" for name in PERMISSION_IDS}}

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The inputs of the resources of a type, by name."""
        return {args.name: dict(args.inputs) for args in self.resources if args.typ.endswith(f":{kind}")}

    @property
    def granted(self) -> dict[str, set[str]]:
        """The names of the permissions that each service principal gets."""
        found: dict[str, set[str]] = {}
        for inputs in self.of("AppRoleAssignment").values():
            assert inputs["resourceObjectId"] == GRAPH_OBJECT
            owner = inputs["principalObjectId"].removeprefix("object of ")
            found.setdefault(owner, set()).add(inputs["appRoleId"].removeprefix("id of "))
        return found


def declared(**settings: str) -> Recorded:
    """Run the program with settings; what it declares."""
    recorded = Recorded()
    with program_loop():
        set_mocks(recorded, project="eptura-identities", stack="pipelines")
        set_all_config({f"eptura-identities:{name}": value for name, value in settings.items()})
        program = runpy.run_path(str(PROGRAM), run_name="bootstrap")
        mocks.test(program["main"])()  # type: ignore[no-untyped-call]
    return recorded


def test_three_identities_of_a_stack_have_the_least_permissions() -> None:
    recorded = declared(repository="contoso/eptura")
    assert recorded.granted == {
        "prod-read": {"Application.Read.All", "Synchronization.Read.All"},
        "prod-write": {"Application.ReadWrite.OwnedBy", "Synchronization.ReadWrite.All"},
        "prod-status": {"Synchronization.Read.All"},
    }
    assert recorded.of("ApplicationPassword") == recorded.of("ServicePrincipalPassword") == {}
    for name, principal in recorded.of("ServicePrincipal").items():
        assert principal["clientId"] == f"client of {name}"


def test_the_permissions_suffice_for_what_runs_check_first() -> None:
    granted = declared(repository="contoso/eptura", assignments="on").granted
    needs = {
        "prod-read": [permissions.READ_APPLICATIONS, permissions.READ_PROVISIONING],
        "prod-write": [permissions.CHANGE_APPLICATIONS, permissions.CHANGE_PROVISIONING, permissions.ASSIGN],
        "prod-status": [permissions.READ_PROVISIONING],
    }
    assert [need.what for name, all_of in needs.items() for need in all_of if not need.met(granted[name])] == []


def test_the_audit_log_is_read_only_where_it_is_switched_on() -> None:
    granted = declared(repository="contoso/eptura", auditLog="on").granted
    assert granted["prod-read"] >= {"AuditLog.Read.All", "Directory.Read.All"}
    assert "AuditLog.Read.All" not in granted["prod-write"] | granted["prod-status"]


def test_github_jobs_of_an_environment_share_an_identity() -> None:
    recorded = declared(repository="contoso/eptura", stacks="prod, test")
    credentials = recorded.of("ApplicationFederatedIdentityCredential")
    assert len(credentials) == 6
    assert {(one["issuer"], one["subject"]) for one in credentials.values()} == {
        ("https://token.actions.githubusercontent.com", f"repo:contoso/eptura:environment:{stack}-{role}")
        for stack in ("prod", "test")
        for role in ("read", "write", "status")
    }
    assert {tuple(one["audiences"]) for one in credentials.values()} == {("api://AzureADTokenExchange",)}


def test_gitlab_branches_of_merge_requests_may_only_read() -> None:
    recorded = declared(host="gitlab", repository="group/eptura")
    flexible = recorded.of("ApplicationFlexibleFederatedIdentityCredential")
    assert list(flexible) == ["prod-read"]
    assert flexible["prod-read"]["claimsMatchingExpression"] == (
        "claims['sub'] matches 'project_path:group/eptura:ref_type:branch:ref:*'"
    )
    exact = recorded.of("ApplicationFederatedIdentityCredential")
    assert {one["subject"] for one in exact.values()} == {"project_path:group/eptura:ref_type:branch:ref:main"}
    assert set(exact) == {"prod-write", "prod-status"}


def test_subjects_of_azure_devops_are_its_service_connections() -> None:
    issuer = "https://login.microsoftonline.com/tenant/v2.0"
    subjects = ",".join(
        f'"prod-{role}":{{"issuer":"{issuer}","subject":"sc://contoso/eptura/{role}"}}'
        for role in ("read", "write", "status")
    )
    recorded = declared(host="azure-devops", subjects=f"{{{subjects}}}")
    credentials = recorded.of("ApplicationFederatedIdentityCredential")
    assert credentials["prod-write"]["subject"] == "sc://contoso/eptura/write"
    assert {one["issuer"] for one in credentials.values()} == {issuer}


def test_service_accounts_of_a_cluster_identify_the_operator() -> None:
    credentials = declared(host="kubernetes", issuer="https://oidc.example.com/cluster").of(
        "ApplicationFederatedIdentityCredential"
    )
    assert credentials["prod-write"]["subject"] == "system:serviceaccount:eptura-scim:eptura-write"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "repository is '': set it to OWNER/REPOSITORY"),
        ({"repository": "contoso/*"}, r"repository is 'contoso/\*'"),
        ({"host": "jenkins"}, "host is 'jenkins': set it to github, gitlab, azure-devops or kubernetes"),
        ({"host": "azure-devops"}, "subjects: prod-read is missing"),
        ({"host": "kubernetes"}, "issuer is missing"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, str], said: str) -> None:
    with pytest.raises(pulumi.RunError, match=said):
        declared(**settings)
