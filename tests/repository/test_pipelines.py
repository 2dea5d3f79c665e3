"""The pipelines to copy: pinned, with the least permissions, one identity for each purpose, no stored secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import yaml

from eptura_scim.cli.app import app
from tests.repository.pages import PROJECT
from tests.repository.test_pages import COMMAND, problems

GITHUB = sorted((PROJECT / "pipelines" / "github").glob("*.yml"))
OTHERS = [PROJECT / "pipelines" / "azure-devops.yml", PROJECT / "pipelines" / "gitlab-ci.yml"]

PINS = {
    "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
    "pulumi/actions@8e5e406f4007fca908480587cb9893c07090f58d # v7.0.0",
    "Azure/login@f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca # v3.0.1",
}
"""The commits that were looked at."""

LEAST = {
    "preview.yml": {"preview": ("read", {"contents": "read", "id-token": "write", "pull-requests": "write"})},
    "up.yml": {
        "preview": ("read", {"contents": "read", "id-token": "write"}),
        "up": ("write", {"contents": "read", "id-token": "write"}),
    },
    "drift.yml": {"drift": ("read", {"contents": "read", "id-token": "write", "issues": "write"})},
    "status.yml": {"status": ("status", {"contents": "read", "id-token": "write", "issues": "write"})},
}
"""Of each job: its identity, and what it may do on GitHub."""


def loaded(path: Any) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def steps(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in document["jobs"].values():
        yield from job["steps"]


def test_each_job_has_an_identity_with_the_least_permissions() -> None:
    found = {
        path.name: {
            name: (job["environment"].removeprefix("${{ matrix.stack }}-"), job["permissions"])
            for name, job in loaded(path)["jobs"].items()
        }
        for path in GITHUB
    }
    assert found == LEAST


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_workflows_are_pinned_and_run_no_text_of_a_pull_request(path: Any) -> None:
    document = loaded(path)
    assert document["permissions"] == {}
    assert set(re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))) <= PINS
    assert "pull_request_target" not in path.read_text(encoding="utf-8")
    assert [step["run"] for step in steps(document) if "${{" in step.get("run", "")] == []
    assert [step for step in steps(document) if "checkout" in step.get("uses", "")] == [
        step for step in steps(document) if step.get("with") == {"persist-credentials": False}
    ]


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_runs_of_a_stack_wait_and_an_up_is_never_cut(path: Any) -> None:
    for name, job in loaded(path)["jobs"].items():
        if path.name == "up.yml" and name == "preview":
            assert "concurrency" not in job, "it only reads"
            continue
        assert "${{ matrix.stack }}" in job["concurrency"]["group"]
        assert job["concurrency"]["cancel-in-progress"] is (path.name == "preview.yml")


@pytest.mark.parametrize("path", [*GITHUB, *OTHERS], ids=lambda path: path.name)
def test_no_secret_is_stored(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"secrets\.|CLIENT_SECRET|PASSPHRASE|PULUMI_ACCESS_TOKEN", text) == []
    assert "ARM_USE_OIDC" in text


@pytest.mark.parametrize("path", [*GITHUB, *OTHERS], ids=lambda path: path.name)
def test_a_job_installs_without_what_only_alerts_need(path: Any) -> None:
    assert set(re.findall(r"make \w+", re.sub(r"#.*", "", path.read_text("utf-8")))) == {"make lean"}


def test_a_fork_gets_no_login() -> None:
    job = loaded(PROJECT / "pipelines" / "github" / "preview.yml")["jobs"]["preview"]
    assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    rules = loaded(OTHERS[1])["preview"]["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rules[0]["if"]


def test_azure_devops_and_gitlab_use_three_identities() -> None:
    connections = re.findall(r"azureSubscription: eptura-prod-(\w+)", OTHERS[0].read_text("utf-8"))
    assert connections == ["read", "write", "read", "status"]
    clients = re.findall(r"ARM_CLIENT_ID: \$(\w+)_CLIENT_ID", OTHERS[1].read_text("utf-8"))
    assert clients == ["READ", "WRITE", "STATUS"]


def test_our_commands_in_pipelines_exist_with_their_options() -> None:
    group = typer.main.get_command(app)
    called = {path.name: COMMAND.findall(re.sub(r"#.*", "", path.read_text("utf-8"))) for path in (*GITHUB, *OTHERS)}
    assert all(called.values())
    assert [why for commands in called.values() for command in commands for why in problems(group, command)] == []
