"""Three identities for each stack's pipelines, which log in by workload identity, without a stored secret.

read     previews and drift: reads applications and provisioning
write    `pulumi up`: owns the applications that it makes, and changes provisioning
status   alarms: reads provisioning alone
"""

from __future__ import annotations

import signal
from typing import NamedTuple

import pulumi
import pulumi_azuread as azuread

GRAPH = "00000003-0000-0000-c000-000000000000"
"""The client id of Microsoft Graph in every tenant."""

AUDIENCE = "api://AzureADTokenExchange"

PERMISSIONS = {
    "read": ["Application.Read.All", "Synchronization.Read.All"],
    "write": ["Application.ReadWrite.OwnedBy", "Synchronization.ReadWrite.All"],
    "status": ["Synchronization.Read.All"],
}
"""Application permissions of Microsoft Graph, the least that suffice (docs/doctor.md)."""

OPTIONAL = {
    "assignments": ("write", ["AppRoleAssignment.ReadWrite.All", "Application.Read.All"]),
    "auditLog": ("read", ["AuditLog.Read.All", "Directory.Read.All"]),
}
"""By setting: which identity gets which permissions more."""


class Trust(NamedTuple):
    """Whose tokens Entra takes for an identity."""

    issuer: str
    subject: str
    pattern: bool = False
    """Whether the subject is a pattern, in which `*` stands for any text."""


def trust_of(config: pulumi.Config, stack: str, role: str) -> Trust:
    """The tokens of the jobs that use an identity. Raises pulumi.RunError that names the setting that is wrong."""
    match config.get("host") or "github":
        case "github":
            # What a job with `environment:` sends, whatever started it.
            issuer = config.get("issuer") or "https://token.actions.githubusercontent.com"
            return Trust(issuer, f"repo:{_repository(config)}:environment:{stack}-{role}")
        case "gitlab":
            issuer, project = config.get("issuer") or "https://gitlab.com", _repository(config)
            if role == "read":  # merge requests run on their own branches
                return Trust(issuer, f"project_path:{project}:ref_type:branch:ref:*", pattern=True)
            return Trust(issuer, f"project_path:{project}:ref_type:branch:ref:main")
        case "azure-devops":
            name = f"{stack}-{role}"
            given = (config.get_object("subjects") or {}).get(name)
            if not given:
                raise pulumi.RunError(
                    f"subjects: {name} is missing. Azure DevOps shows issuer and subject of a service connection: "
                    f"pulumi config set --path 'subjects.{name}.issuer' https://…, and the same with subject"
                )
            return Trust(given["issuer"], given["subject"])
        case "kubernetes":
            issuer = config.get("issuer") or ""
            if not issuer:
                raise pulumi.RunError("issuer is missing: set it to the OIDC issuer of the cluster, https://…")
            return Trust(issuer, f"system:serviceaccount:eptura-scim:eptura-{role}")
        case other:
            raise pulumi.RunError(f"host is {other!r}: set it to github, gitlab, azure-devops or kubernetes")


def _optional(config: pulumi.Config, role: str) -> list[list[str]]:
    return [items for setting, (of, items) in OPTIONAL.items() if of == role and config.get(setting) == "on"]


def _repository(config: pulumi.Config) -> str:
    repository = config.get("repository") or ""
    if repository.count("/") < 1 or "*" in repository:
        raise pulumi.RunError(f"repository is {repository!r}: set it to OWNER/REPOSITORY (GitLab: GROUP/PROJECT)")
    return repository


class PipelineIdentity(pulumi.ComponentResource):
    """An application without a secret, its service principal, its permissions, and whose tokens stand for it."""

    def __init__(self, name: str, trust: Trust, permissions: list[str]) -> None:
        super().__init__("eptura-identities:index:PipelineIdentity", name)
        child = pulumi.ResourceOptions(parent=self)
        application = azuread.Application(name, display_name=f"eptura-scim pipeline {name}", opts=child)
        principal = azuread.ServicePrincipal(name, client_id=application.client_id, opts=child)
        if trust.pattern:
            azuread.ApplicationFlexibleFederatedIdentityCredential(
                name,
                application_id=application.id,
                display_name=name,
                audience=AUDIENCE,
                issuer=trust.issuer,
                claims_matching_expression=f"claims['sub'] matches '{trust.subject}'",
                opts=child,
            )
        else:
            azuread.ApplicationFederatedIdentityCredential(
                name,
                application_id=application.id,
                display_name=name,
                audiences=[AUDIENCE],
                issuer=trust.issuer,
                subject=trust.subject,
                opts=child,
            )
        graph = azuread.get_service_principal_output(client_id=GRAPH)
        for permission in permissions:
            azuread.AppRoleAssignment(
                f"{name}-{permission}",
                app_role_id=graph.app_role_ids.apply(lambda ids, permission=permission: ids[permission]),
                principal_object_id=principal.object_id,
                resource_object_id=graph.object_id,
                opts=child,
            )
        self.client_id = application.client_id
        self.principal_id = principal.object_id
        self.register_outputs({"clientId": self.client_id})


def main() -> None:
    """Declare the identities of all stacks; export what the pipelines have to be told."""
    config = pulumi.Config()
    stacks = [stack for stack in (part.strip() for part in (config.get("stacks") or "prod").split(",")) if stack]
    clients, principals = {}, {}
    for stack in stacks:
        for role, permissions in PERMISSIONS.items():
            name = f"{stack}-{role}"
            more = [item for items in _optional(config, role) for item in items]
            identity = PipelineIdentity(name, trust_of(config, stack, role), sorted({*permissions, *more}))
            clients[name], principals[name] = identity.client_id, identity.principal_id
    pulumi.export("tenantId", azuread.get_client_config_output().tenant_id)
    pulumi.export("clientIds", clients)
    pulumi.export("principalIds", principals)


if __name__ == "__main__":
    # The engine interrupts the program when a resource has failed: Python would print a traceback above its message.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
