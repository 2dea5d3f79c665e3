"""`eptura-scim status` against a local Entra."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from eptura_scim.cli.status import StatusReader
from eptura_scim.jobs.locate import JobSelector, open_job
from eptura_scim.local_entra import Fault, LocalEntra

StatusCommand = Callable[..., Result]


pytestmark = pytest.mark.usefixtures("with_job")


@pytest.fixture
def status(entra: LocalEntra) -> StatusCommand:
    def run(*arguments: str) -> Result:
        entra.calls.clear()
        principal = str(entra.portal.service_principal()["id"])
        return CliRunner().invoke(
            app, ["status", "--service-principal", principal, *arguments], env=dict(entra.environment)
        )

    return run


def connect(entra: LocalEntra) -> None:
    entra.portal.set_tenant_url(entra.scim.url)
    entra.portal.set_secret_token(entra.scim.token)
    entra.portal.set_scope("assigned")


def asked(entra: LocalEntra) -> list[str]:
    return [call.area for call in entra.calls if call.area not in {"metadata", "login"}]


def test_the_exit_code_follows_the_job(entra: LocalEntra, status: StatusCommand) -> None:
    assert status().exit_code == 6
    entra.portal.start()
    asyncio.run(entra.provisioning.run_cycle())
    seen = status()
    assert seen.exit_code == 3
    assert "SystemForCrossDomainIdentityManagementInvalidCredentials: Please provide a valid tenant URL" in seen.stdout
    connect(entra)
    entra.portal.start()
    assert status().exit_code == 4, "the last run is still the one that failed"
    asyncio.run(entra.provisioning.run_cycle())
    assert status().exit_code == 0
    entra.portal.stop()
    assert status().exit_code == 5


def test_a_status_costs_a_call_and_with_the_connection_two(entra: LocalEntra, status: StatusCommand) -> None:
    connect(entra)
    job = str(entra.portal.job()["id"])
    status()
    assert asked(entra) == ["job"]
    status("--job", job)
    assert asked(entra) == ["job"]
    seen = status("--job", job, "--connection")
    assert asked(entra) == ["job", "secrets"]
    assert "assigned users and groups" in seen.stdout
    assert f"{entra.scim.url}, a token is saved" in seen.stdout
    assert entra.scim.token not in seen.output


async def test_watching_asks_for_the_job_alone_each_time(entra: LocalEntra) -> None:
    principal, reader = str(entra.portal.service_principal()["id"]), StatusReader()
    entra.calls.clear()
    async with open_job(JobSelector(principal), entra.environment) as session:
        await reader.read(session)
        for _ in range(3):
            await reader.read(session)
    assert [call.action for call in entra.calls if call.area == "job"] == ["jobs", *[entra.portal.job()["id"]] * 3]


def test_reading_permissions_are_enough(entra: LocalEntra, status: StatusCommand) -> None:
    entra.permissions.only("Synchronization.Read.All")
    assert status("--connection").exit_code == 6


def test_json_is_all_that_comes_out(entra: LocalEntra, status: StatusCommand) -> None:
    seen = json.loads(status("--json").stdout)
    assert (seen["jobId"], seen["health"], seen["connection"]) == (entra.portal.job()["id"], "neverRan", None)
    connect(entra)
    seen = json.loads(status("--json", "--connection").stdout)
    assert seen["connection"] == {"tenantUrl": entra.scim.url, "tokenSaved": True, "scope": "assigned"}


def test_what_cannot_be_read_is_an_error(entra: LocalEntra, status: StatusCommand) -> None:
    entra.faults.add(Fault(path="/synchronization/jobs", status=403))
    seen = status()
    assert seen.exit_code == 1
    assert "403 Authorization_RequestDenied" in str(seen.exception)


def test_a_busy_graph_is_asked_again(entra: LocalEntra, status: StatusCommand) -> None:
    entra.faults.add(Fault(path="/synchronization/jobs", status=429, retry_after=0))
    assert status().exit_code == 6
    assert asked(entra) == ["job"] * 2


def test_status_follows_cycles_into_and_out_of_quarantine(entra: LocalEntra, status: StatusCommand) -> None:
    def seen_after(minutes: int) -> dict[str, Any]:
        asyncio.run(entra.provisioning.advance(timedelta(minutes=minutes)))
        return dict(json.loads(status("--json").stdout))

    connect(entra)
    entra.portal.set_scope("all")
    names = {"displayName": "U", "givenName": "U", "surname": "U"}
    users = [entra.people.add_user(userPrincipalName=f"u{number}@contoso.example", **names) for number in range(4)]
    entra.portal.start()
    seen = seen_after(1)
    assert (seen["health"], seen["cycle"], seen["lastRun"]["exported"]) == ("healthy", "incremental", 4)
    assert seen["synchronized"] == {"User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": 4}
    assert seen["lastSuccess"]["ended"] == seen["lastRun"]["ended"]
    ended = entra.portal.job()["status"]["lastExecution"]["timeEnded"]
    assert seen["nextRun"]["basis"] == "interval"
    assert seen["nextRun"]["time"] > ended

    entra.portal.set_deletion_threshold(1)
    for user in users[:2]:
        entra.people.delete_user(user["id"])
    seen = seen_after(41)
    assert (seen["exitCode"], seen["quarantine"]["reason"]) == (3, "TooManyDeletes")
    assert seen["nextRun"]["basis"] == "quarantine"

    principal = str(entra.portal.service_principal()["id"])
    allow = ["restart", "--force-deletes", "--yes", "--service-principal", principal]
    assert CliRunner().invoke(app, allow, env=dict(entra.environment)).exit_code == 0
    seen = seen_after(1)
    assert (seen["health"], seen["quarantine"], seen["lastRun"]["exported"]) == ("healthy", None, 2)


def test_at_a_terminal_the_job_is_drawn(entra: LocalEntra) -> None:
    command = ["status", "--service-principal", str(entra.portal.service_principal()["id"])]
    seen = CliRunner().invoke(app, command, env={**entra.environment, "FORCE_COLOR": "1"})
    assert "\x1b[" in seen.stdout
    assert "no cycle ever ran" in seen.stdout


def watching(environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*(sys.executable, "-c", "from eptura_scim.cli import main; main()"), "status", "--watch", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("number", "options", "color", "first"),
    [
        (signal.SIGINT, (), "", "neverRan; initial cycle not started"),
        (signal.SIGTERM, ("--json",), "", '"health":"neverRan"'),
        (signal.SIGINT, (), "1", "no cycle ever ran"),
    ],
    ids=["lines", "JSON", "screen"],
)
def test_ctrl_c_ends_a_watch_with_the_exit_code_of_its_last_look(
    entra: LocalEntra, number: signal.Signals, options: tuple[str, ...], color: str, first: str
) -> None:
    principal = str(entra.portal.service_principal()["id"])
    screen = {"FORCE_COLOR": color} if color else {}
    process = watching({**entra.environment, **screen}, "--service-principal", principal, *options)
    assert process.stdout is not None
    seen = process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (6, "")
    assert first in seen
    assert color or not out


def test_ctrl_c_before_the_first_look_is_130() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(20)
        environment = {"ARM_METADATA_HOSTNAME": f"127.0.0.1:{silent.getsockname()[1]}"}
        process = watching(environment, "--service-principal", "11111111-1111-1111-1111-111111111111")
        asking, _ = silent.accept()
        with asking:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "")
