"""The alarm: the commands of the status pipelines, logged in by workload identity with the permission to read jobs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from eptura_scim.local_entra import LocalEntra
from tests.integration.pipelines.github_api import REQUEST_TOKEN, TOKEN, GitHub, identity_token
from tests.integration.pipelines.job_runner import JobRun, run_azure_job, run_github_job, run_gitlab_job
from tests.repository.pages import PROJECT

Run = Callable[[], JobRun]


@pytest.fixture
def identity(entra: LocalEntra) -> dict[str, str]:
    """The login of a job, and Entra's address; the client has no secret."""
    entra.portal.create_application("EpturaScimApplication")
    entra.portal.create_job()
    entra.portal.set_tenant_url(entra.scim.url)
    entra.portal.set_secret_token(entra.scim.token)
    entra.permissions.only("Synchronization.Read.All")
    return {name: value for name, value in entra.environment.items() if name != "ARM_CLIENT_SECRET"}


@pytest.fixture
def variables(entra: LocalEntra, identity: dict[str, str]) -> dict[str, str]:
    """What is set up in GitHub for the environment prod-status."""
    return {
        "ARM_TENANT_ID": identity["ARM_TENANT_ID"],
        "ARM_CLIENT_ID": identity["ARM_CLIENT_ID"],
        "SERVICE_PRINCIPAL": entra.portal.service_principal()["id"],
    }


@pytest.fixture
def run(
    github: GitHub, checkout: Path, identity: dict[str, str], variables: dict[str, str], on_path: dict[str, str]
) -> Run:
    environment = {**identity, **github.environment, **github.login, **on_path}
    return lambda: run_github_job(
        "status.yml", "status", folder=checkout, environment=environment, variables=variables, stack="prod"
    )


@pytest.mark.slow
def test_an_alarm_opens_an_issue_that_a_healthy_job_closes(run: Run, entra: LocalEntra, github: GitHub) -> None:
    entra.portal.start()
    well = run()
    assert (well.failed, github.issues) == ("", []), well.log

    entra.portal.quarantine()
    alarm = run()
    assert alarm.failed == "Alarm", alarm.log
    (issue,) = github.issues
    assert issue["title"] == "Provisioning is not healthy: stack prod"
    assert "Provisioning is in quarantine." in issue["body"]
    assert "Provisioning is in quarantine." in alarm.summary

    entra.portal.restart()
    over = run()
    assert (over.failed, issue["state"]) == ("", "closed"), over.log
    assert not re.search(f"{TOKEN}|{REQUEST_TOKEN}|{re.escape(identity_token())}", well.log + alarm.log + over.log)


@pytest.mark.slow
def test_an_unreadable_status_fails_the_job_and_keeps_the_issue(run: Run, entra: LocalEntra, github: GitHub) -> None:
    entra.portal.quarantine()
    run()
    before = [dict(one) for one in github.issues]
    entra.permissions.only()
    done = run()
    assert done.failed == "Status"
    assert "application permission Synchronization." in done.log
    assert github.issues == before


@pytest.mark.slow
def test_all_steps_but_checkout_and_setup_of_python_are_run(run: Run, entra: LocalEntra) -> None:
    entra.portal.start()
    assert run().not_run == ["actions/checkout", "actions/setup-python"]


@pytest.mark.slow
def test_jobs_of_azure_devops_and_gitlab_fail_only_on_an_alarm(
    entra: LocalEntra, checkout: Path, identity: dict[str, str], variables: dict[str, str], on_path: dict[str, str]
) -> None:
    document = yaml.safe_load((PROJECT / "pipelines" / "azure-devops.yml").read_text("utf-8"))
    assert [stage["stage"] for stage in document["stages"]] == ["preview", "up", "drift", "status"]
    azure = {
        "servicePrincipal": variables["SERVICE_PRINCIPAL"],
        "tenantId": variables["ARM_TENANT_ID"],
        "statusClientId": variables["ARM_CLIENT_ID"],
        "statusConnectionId": "",  # its token service is Azure DevOps: the token below stands for it
        "System.AccessToken": "",
    }
    gitlab = {
        "ARM_TENANT_ID": variables["ARM_TENANT_ID"],
        "STATUS_CLIENT_ID": variables["ARM_CLIENT_ID"],
        "SERVICE_PRINCIPAL": variables["SERVICE_PRINCIPAL"],
        "CI_BUILDS_DIR": str(checkout),
        "CI_JOB_ID": "1",
    }
    login = {**identity, **on_path, "ARM_OIDC_TOKEN": identity_token()}

    def failed() -> list[str]:
        return [
            run_azure_job("status", folder=checkout, environment=login, variables=azure).failed,
            run_gitlab_job("status", folder=checkout, environment=login, variables=gitlab).failed,
        ]

    entra.portal.start()
    assert failed() == ["", ""]
    entra.portal.quarantine()
    assert failed() == ["Status", "status"]
    assert list(checkout.glob(".oidc-*")) == [], "the token's file is gone"
