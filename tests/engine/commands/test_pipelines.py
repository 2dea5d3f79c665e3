"""The commands of the pipelines, in order, on a local Entra: what is true there after each run, what people read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import AzureadPlugin, Engine
from eptura_scim.environment import LOCAL_PASSPHRASE
from tests.engine.conftest import PROJECT
from tests.engine.shell import LANGUAGE_HOST, Shell
from tests.integration.pipelines.azure_repos_api import AzureRepos
from tests.integration.pipelines.azure_repos_api import serving as serving_azure_repos
from tests.integration.pipelines.github_api import GitHub, serving
from tests.integration.pipelines.job_runner import JobRun, run_azure_job, run_github_job, run_gitlab_job
from tests.repository.test_pipelines import LEAST

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

pytestmark = pytest.mark.slow

GRANTED = {
    "read": ("Application.Read.All", "Synchronization.Read.All"),
    "write": ("Application.ReadWrite.OwnedBy", "Synchronization.ReadWrite.All"),
}
"""What bootstrap/ grants; tests/unit/test_bootstrap.py holds it to that."""

RunnersWork = ["actions/checkout", "actions/setup-python", "pulumi/actions", "Azure/login"]


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serving(GitHub()) as found:
        yield found


@pytest.fixture
def repos() -> Iterator[AzureRepos]:
    with serving_azure_repos(AzureRepos()) as found:
        yield found


@pytest.fixture
def shell(tmp_path: Path, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra) -> Shell:
    """The stack prod of a checkout after `make setup`, with nothing in it yet."""
    shell = Shell(tmp_path, engine, azuread, entra)
    (shell.folder / "pipelines").symlink_to(PROJECT / "pipelines")
    (shell.folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    (shell.folder / "Makefile").write_text("lean setup engine:\n", encoding="utf-8")
    shell.environment["PATH"] = os.pathsep.join(
        [str(LANGUAGE_HOST), str(engine.path.parent), str(Path(sys.executable).parent), os.environ["PATH"]]
    )
    shell.pulumi("stack", "init", "prod")
    shell.pulumi("config", "set", "tenantUrl", entra.scim.url)
    shell.pulumi("config", "set", "--secret", "secretToken", entra.scim.token)
    return shell


@pytest.fixture
def job(shell: Shell, entra: LocalEntra, github: GitHub) -> Callable[..., JobRun]:
    """Runs a job with the permissions of its identity."""

    def run(file: str, name: str, **more: str) -> JobRun:
        role, _ = LEAST[file][name]
        entra.permissions.only(*GRANTED[role])
        names = ("ARM_TENANT_ID", "ARM_CLIENT_ID")
        variables = {one: shell.environment[one] for one in names}
        variables["PULUMI_BACKEND_URL"] = shell.environment["PULUMI_BACKEND_URL"]
        done = run_github_job(
            file,
            name,
            folder=shell.folder,
            environment={**shell.environment, **github.environment, **github.login, **more},
            variables=variables,
            stack="prod",
        )
        assert entra.scim.token not in done.log + done.summary
        assert LOCAL_PASSPHRASE not in done.log + done.summary
        return done

    return run


def test_a_change_is_previewed_approved_and_applied(
    job: Callable[..., JobRun], entra: LocalEntra, github: GitHub, shell: Shell
) -> None:
    pull_request = {"GITHUB_REF": "refs/pull/7/merge"}

    # A pull request: one comment, which is kept up to date, also when the preview fails.
    done = job("preview.yml", "preview", **pull_request)
    assert (done.failed, done.not_run) == ("", RunnersWork), done.log
    assert entra.portal.applications() == []
    shell.pulumi("config", "set", "scope", "everybody")
    done = job("preview.yml", "preview", **pull_request)
    assert done.failed == "Preview"
    (comment,) = github.said(7)
    assert "scope: must be 'all' or 'assigned'" in comment
    shell.pulumi("config", "rm", "scope")

    # On merge: preview, then up, after which nothing differs and provisioning runs.
    assert job("up.yml", "preview").failed == ""
    done = job("up.yml", "up")
    assert done.failed == "", done.log
    assert "No drift" in done.summary
    assert entra.portal.job()["schedule"]["state"] == "Active"
    assert job("drift.yml", "drift").failed == ""
    assert github.issues == []

    # Edits by hand: an issue, updated, closed when they are taken back, reopened by the next one.
    entra.portal.set_user_source("name.givenName", "[department]")
    done = job("drift.yml", "drift")
    (issue,) = github.issues
    assert (done.failed, issue["state"], issue["title"]) == ("", "open", "Drift in Entra: stack prod"), done.log
    assert "department" in issue["body"]
    entra.portal.set_user_source("name.givenName", "[givenName]")
    job("drift.yml", "drift")
    assert issue["state"] == "closed"
    entra.portal.set_scope("assigned")
    job("drift.yml", "drift")
    assert (issue["state"], len(github.issues)) == ("open", 1)
    assert "assigned" in issue["body"]
    assert "department" not in issue["body"]

    # A drift run that cannot tell leaves the issue as it is, and fails.
    entra.permissions.only()
    before = dict(issue)
    entra.portal.set_scope("all")
    shell.environment["ARM_CLIENT_SECRET"] = "wrong"
    assert job("drift.yml", "drift").failed == "Drift"
    assert issue == before


def test_jobs_of_azure_devops_and_gitlab_converge_or_show_drift(
    shell: Shell, entra: LocalEntra, repos: AzureRepos
) -> None:
    environment = shell.environment
    token = repos.environment["SYSTEM_ACCESSTOKEN"]
    identity = {"tenantId": environment["ARM_TENANT_ID"], "System.AccessToken": token, "stack": "prod"}
    identity |= {f"{role}ClientId": environment["ARM_CLIENT_ID"] for role in ("read", "write")}
    azure = {
        **identity,
        "backendUrl": environment["PULUMI_BACKEND_URL"],
        "readConnectionId": "",
        "writeConnectionId": "",
    }
    gitlab = {
        "PULUMI_BACKEND_URL": environment["PULUMI_BACKEND_URL"],
        "READ_CLIENT_ID": environment["ARM_CLIENT_ID"],
        "WRITE_CLIENT_ID": environment["ARM_CLIENT_ID"],
        "ARM_OIDC_TOKEN": "the local Entra's login is a client secret here: the azuread stand-in knows no other",
        "CI_BUILDS_DIR": str(shell.folder),
        "CI_JOB_ID": "1",
    }

    def azure_job(stage: str, role: str) -> JobRun:
        entra.permissions.only(*GRANTED[role])
        of_the_run = {name: text for name, text in repos.environment.items() if name != "SYSTEM_ACCESSTOKEN"}
        return run_azure_job(stage, folder=shell.folder, environment=environment | of_the_run, variables=azure)

    def gitlab_job(name: str, role: str) -> JobRun:
        entra.permissions.only(*GRANTED[role])
        return run_gitlab_job(name, folder=shell.folder, environment=environment, variables=gitlab)

    up = azure_job("up", "write")
    assert up.failed == "", up.log
    assert entra.portal.job()["schedule"]["state"] == "Active"
    assert azure_job("drift", "read").failed == ""

    entra.portal.set_user_source("name.givenName", "[department]")
    drift = azure_job("drift", "read")
    assert drift.failed == "Drift"
    assert "department" in drift.summary
    reviewed = azure_job("preview", "read")  # drift is what a pull request is for, so the job goes on
    assert reviewed.failed == "", reviewed.log
    [comment] = repos.said
    assert "department" in comment
    assert "department" in reviewed.summary
    preview = gitlab_job("preview", "read")
    assert preview.failed == "", preview.log
    assert "department" in (shell.folder / "preview.html").read_text("utf-8")
    assert gitlab_job("drift", "read").failed == "drift"
    assert gitlab_job("up", "write").failed == ""
    assert gitlab_job("drift", "read").failed == ""
