"""The manifests and settings of gitops/, against the fields that their readers know.

The Operator's own schema and the pulumiservice plugin cannot be locked as packages, so the fields that are used are
written down: of the CRD Stack (pulumi.com/v1) of the Operator 2.9.0, and of the SDK of pulumiservice 1.5.0.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tests.repository.pages import PROJECT

OPERATOR = PROJECT / "gitops" / "operator"
DEPLOYMENTS = PROJECT / "gitops" / "deployments" / "Pulumi.yaml"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class LiteralValue(Strict):
    value: str


class ResourceRef(Strict):
    type: Literal["Literal"]
    literal: LiteralValue


class UpdateSpec(Strict):
    expect_no_changes: bool


class UpdateTemplate(Strict):
    spec: UpdateSpec


class PodMetadata(Strict):
    labels: dict[str, str]


class PodTemplate(Strict):
    metadata: PodMetadata


class WorkspaceSpec(Strict):
    image: str
    pod_template: PodTemplate


class WorkspaceTemplate(Strict):
    spec: WorkspaceSpec


class StackSpec(Strict):
    service_account_name: str
    stack: str
    use_local_stack_only: bool
    project_repo: str
    branch: str
    shallow: bool
    backend: str
    secrets_provider: str
    refresh: bool = False
    preview: bool = False
    continue_resync_on_commit_match: bool = False
    resync_frequency_seconds: Annotated[int, Field(ge=60)] = 60
    destroy_on_finalize: bool
    update_template: UpdateTemplate | None = None
    env_refs: dict[str, ResourceRef]
    workspace_template: WorkspaceTemplate


class Metadata(Strict):
    name: str
    namespace: str


class Stack(Strict):
    api_version: Literal["pulumi.com/v1"]
    kind: Literal["Stack"]
    metadata: Metadata
    spec: StackSpec


class Git(Strict):
    repo_url: str
    branch: str
    repo_dir: str = "."


class SourceContext(Strict):
    git: Git


class AzureOidc(Strict):
    client_id: str
    tenant_id: str
    subscription_id: str


class Oidc(Strict):
    azure: AzureOidc


class OperationContext(Strict):
    oidc: Oidc
    environment_variables: dict[str, str]
    pre_run_commands: list[str] = []


class CacheOptions(Strict):
    enable: bool


class DeploymentSettings(Strict):
    organization: str
    project: str
    stack: str
    source_context: SourceContext
    operation_context: OperationContext
    cache_options: CacheOptions


class DriftSchedule(Strict):
    organization: str
    project: str
    stack: str
    schedule_cron: str
    auto_remediate: bool


def stack(name: str) -> Stack:
    return Stack.model_validate(yaml.safe_load((OPERATOR / name).read_text("utf-8")))


def test_deleting_the_stack_object_deletes_nothing_in_entra() -> None:
    spec = stack("up.yaml").spec
    assert not spec.destroy_on_finalize
    assert spec.use_local_stack_only
    assert not spec.preview
    assert spec.service_account_name == "eptura-write"


def test_the_drift_stack_only_previews_and_fails_on_a_difference() -> None:
    spec = stack("drift.yaml").spec
    assert spec.preview
    assert spec.continue_resync_on_commit_match
    assert spec.update_template
    assert spec.update_template.spec.expect_no_changes
    assert spec.service_account_name == "eptura-read"


@pytest.mark.parametrize("name", ["up.yaml", "drift.yaml"])
def test_both_stacks_log_in_by_a_declared_workload_identity(name: str) -> None:
    one = stack(name)
    labels = one.spec.workspace_template.spec.pod_template.metadata.labels
    assert labels == {"azure.workload.identity/use": "true"}
    assert one.spec.env_refs["ARM_USE_AKS_WORKLOAD_IDENTITY"].literal.value == "true"
    accounts = [
        document["metadata"]
        for document in yaml.safe_load_all((OPERATOR / "accounts.yaml").read_text("utf-8"))
        if document["kind"] == "ServiceAccount"
    ]
    account = next(found for found in accounts if found["name"] == one.spec.service_account_name)
    assert account["namespace"] == one.metadata.namespace
    assert "azure.workload.identity/client-id" in account["annotations"]


def test_a_misspelled_field_is_found() -> None:
    document = yaml.safe_load((OPERATOR / "drift.yaml").read_text("utf-8"))
    document["spec"]["expectNoRefreshChanges"] = True
    with pytest.raises(ValueError, match="expectNoRefreshChanges"):
        Stack.model_validate(document)


def resources() -> dict[str, Any]:
    document: dict[str, dict[str, Any]] = yaml.safe_load(DEPLOYMENTS.read_text("utf-8"))
    return document["resources"]


def test_pulumi_deployments_run_main_with_a_workload_identity() -> None:
    declared = resources()["settings"]
    assert declared["type"] == "pulumiservice:DeploymentSettings"
    settings = DeploymentSettings.model_validate(declared["properties"])
    assert settings.source_context.git.branch == "refs/heads/main"
    assert settings.operation_context.environment_variables == {"ARM_USE_OIDC": "true"}


def test_the_drift_schedule_repairs_nothing_by_itself() -> None:
    declared = resources()["drift"]
    assert declared["type"] == "pulumiservice:DriftSchedule"
    assert not DriftSchedule.model_validate(declared["properties"]).auto_remediate
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text("utf-8"))["name"]
    assert {one["properties"]["project"] for one in resources().values()} == {project}
