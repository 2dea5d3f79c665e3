"""`eptura-scim local`: start, status, env, stop, and what a shell does with `env`."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eptura_scim.cli import explain
from eptura_scim.cli.app import app
from eptura_scim.local_entra import LocalEntra

pytestmark = pytest.mark.slow

ENTRY = [sys.executable, "-c", "from eptura_scim.cli import main; main()", "local"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def local(*arguments: str, state: Path, given: str = "") -> Done:
    """`eptura-scim local` in this process; `given` is its standard input."""
    result = CliRunner().invoke(app, ["local", *arguments, "--state-dir", str(state)], input=given)
    if isinstance(result.exception, Exception):
        message, code = explain(result.exception)
        return Done(code, result.stdout, f"{result.stderr}{message}\n")
    return Done(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "it's a folder"
    yield folder
    local("stop", state=folder)


def test_start_status_env_stop(state: Path) -> None:
    started = local("start", "--detach", "--cycles", "--port", "0", state=state)
    assert started.returncode == 0, started.stderr
    assert "local Entra at https://localhost:" in started.stdout
    assert f"`eptura-scim local stop --state-dir {shlex.quote(str(state))}` ends it" in started.stdout
    status = local("status", state=state)
    assert (status.returncode, status.stdout.split()[3]) == (0, started.stdout.split()[3])

    printed = local("env", state=state).stdout
    unset = local("env", "--unset", state=state).stdout
    left = subprocess.run(
        ["/bin/sh", "-c", f"{printed}\n{unset}\nenv"], env={}, capture_output=True, text=True, check=True
    )
    assert "ARM_" not in left.stdout
    assert "PULUMI_" not in left.stdout
    assert "SSL_CERT_FILE" not in left.stdout
    shell = subprocess.run(["/bin/sh", "-c", f"{printed}\nenv"], env={}, capture_output=True, text=True, check=True)
    variables = dict(line.split("=", 1) for line in shell.stdout.splitlines() if "=" in line)
    assert {
        "ARM_METADATA_HOSTNAME",
        "ARM_TENANT_ID",
        "ARM_CLIENT_ID",
        "ARM_CLIENT_SECRET",
        "ARM_USE_CLI",
        "SSL_CERT_FILE",
        "PULUMI_BACKEND_URL",
        "PULUMI_CONFIG_PASSPHRASE",
    } <= set(variables)
    assert Path(variables["SSL_CERT_FILE"]).is_file()
    assert variables["PULUMI_BACKEND_URL"] == (state / "pulumi").as_uri()
    assert f"https://{variables['ARM_METADATA_HOSTNAME']}" in started.stdout

    stopped = local("stop", state=state)
    assert (stopped.returncode, stopped.stdout) == (0, "stopped; its state is kept\n")
    again = local("start", "--detach", state=state)
    assert again.stdout.split()[3] == started.stdout.split()[3], "a restart takes the port of the last time"


def test_another_port_is_printed_with_the_setting_to_change(state: Path) -> None:
    local("start", "--detach", "--port", "0", state=state)
    done = local("env", state=state)
    assert all(line.startswith("export ") for line in done.stdout.splitlines()), "hints are not for eval"
    command = shlex.split(done.stderr.splitlines()[-1])
    assert command[:4] == ["pulumi", "config", "set", "tenantUrl"]
    assert command[4].endswith("/scim/v1/")


def test_paths_are_absolute_wherever_the_shell_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        assert local("start", "--detach", "--port", "0", state=Path("here")).returncode == 0
        printed = local("env", state=Path("here")).stdout
        assert f"SSL_CERT_FILE='{tmp_path}/here/bundle.pem'" in printed
        assert f"PULUMI_BACKEND_URL='file://{tmp_path}/here/pulumi'" in printed
    finally:
        local("stop", state=Path("here"))


def test_the_shell_stops_where_no_local_entra_runs(tmp_path: Path) -> None:
    command = f'eval "$({shlex.join(ENTRY)} env --state-dir {tmp_path / "none"})" && echo went on'
    done = subprocess.run(["/bin/sh", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no local Entra runs on" in done.stderr


@pytest.mark.parametrize("command", ["status", "env", "stop"])
def test_a_missing_local_entra_is_a_single_line(state: Path, command: str) -> None:
    done = local(command, state=state)
    assert done.returncode == 1
    assert done.stderr.startswith(f"eptura-scim: no local Entra runs on {state}")
    assert done.stderr.count("\n") == 1
    start = f"start one with `eptura-scim local start --detach --state-dir {shlex.quote(str(state))}`\n"
    assert done.stderr.endswith(start) == (command != "stop"), "who stops wants none"
    assert not state.exists()


def test_the_default_folder_needs_no_option_in_an_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = subprocess.run([*ENTRY, "status"], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.stderr.endswith("start one with `eptura-scim local start --detach`\n")


@pytest.fixture
def provisioned(state: Path) -> LocalEntra:
    """Closed, on the folder `state`, after a cycle."""
    with LocalEntra.start(state_dir=state) as entra:
        entra.portal.create_application("Eptura")
        entra.portal.create_job()
        entra.portal.set_tenant_url(entra.scim.url)
        entra.portal.set_secret_token(entra.scim.token)
        entra.portal.set_scope("all")
        entra.people.add_user(userPrincipalName="adele@contoso.example", displayName="Adele")
        entra.portal.start()
        asyncio.run(entra.provisioning.run_cycle())
    return entra


@pytest.mark.usefixtures("provisioned")
@pytest.mark.parametrize(("option", "said"), [([], True), (["--cycles"], False)])
def test_a_restart_says_where_provisioning_does_not_go_on(state: Path, option: list[str], said: bool) -> None:
    started = local("start", "--detach", *option, state=state)
    assert started.returncode == 0, started.stderr
    assert ("no cycle runs by itself: start it with `--cycles`, or run" in started.stdout) is said


@pytest.mark.usefixtures("provisioned")
def test_nothing_is_said_of_provisioning_where_its_job_is_gone(state: Path) -> None:
    with LocalEntra.start(state_dir=state) as entra:
        entra.portal.delete_job()
    assert "provisioning" not in local("start", "--detach", state=state).stdout


def test_a_second_local_entra_on_the_same_folder_is_refused(state: Path) -> None:
    local("start", "--detach", "--port", "0", state=state)
    for arguments in (("start", "--detach"), ("start",)):
        done = local(*arguments, state=state)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert str(state) in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_a_local_entra_in_the_foreground(state: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*ENTRY, "start", "--port", "0", "--state-dir", str(state)],
        env={**ENVIRONMENT, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "Ctrl-C stops it" in process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "stopped; its state is kept\n", "")


def told(*arguments: str, state: Path, given: str = "") -> str:
    done = local(*arguments, state=state, given=given)
    return done.stdout + done.stderr


def test_drift_can_be_tried_without_a_browser(state: Path) -> None:
    local("start", "--detach", "--port", "0", state=state)
    assert "the scope is not known: the tenant has no application: `pulumi up`" in told("people", state=state)
    told("edit", "create-application", "name=Eptura", state=state)
    told("edit", "create-job", state=state)
    scim = json.loads((state / "server.json").read_text())["scim"]
    assert told("edit", "tenant-url", f"url={scim}", state=state) == "done: Tenant URL\n"
    assert told("edit", "token", state=state, given="local-entra-scim-token\n") == "done: Secret token\n"
    told("edit", "scope", "scope=assigned", state=state)
    told("edit", "assign", "name=adele.vance@contoso.example", state=state)
    assert "provisioning is not on" in told("cycle", state=state)
    told("edit", "start", state=state)
    assert told("cycle", state=state) == "initial cycle of Eptura\ncreated: adele.vance@contoso.example\n"
    report = json.loads(told("people", "--json", state=state))
    arrived = {person["name"]: person["arrived"] for person in report["people"] if person["arrived"]}
    assert arrived == {"adele.vance@contoso.example": "adele.vance@contoso.example"}
    reasons = {person["name"]: person["reason"] for person in report["people"] if not person["inScope"]}
    assert reasons["alex.wilber@contoso.example"] == "not assigned"
    assert reasons["lee.gu@contoso.example"] == "disabled in Entra"
    told("edit", "unassign", "name=adele.vance@contoso.example", state=state)
    assert "disabled: adele.vance@contoso.example" in told("cycle", state=state)
    assert "adele.vance@contoso.example (inactive)" in told("people", state=state)


def test_a_token_is_not_an_argument(state: Path) -> None:
    local("start", "--detach", "--port", "0", state=state)
    done = local("edit", "token", "token=s3cret", state=state)
    assert done.returncode == 64
    assert "leave it out" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_an_edit_that_does_not_exist_is_told(state: Path) -> None:
    local("start", "--detach", "--port", "0", state=state)
    assert "'renam' is not an edit" in told("edit", "renam", "name=x", state=state)
    assert "'x' is not FIELD=VALUE" in told("edit", "rename", "x", state=state)
    assert "  rename name=…" in local("edit", state=state).stdout.splitlines()


@pytest.mark.parametrize(("option", "users"), [([], 14), (["--empty"], 0)])
def test_a_new_directory_holds_a_small_company(state: Path, option: list[str], users: int) -> None:
    local("start", "--detach", "--port", "0", *option, state=state)
    report = json.loads(local("people", "--json", state=state).stdout)
    assert sum(person["kind"] == "User" for person in report["people"]) == users


def test_people_who_were_deleted_do_not_come_back_with_a_restart(state: Path) -> None:
    with LocalEntra.start(state_dir=state) as entra:
        entra.people.add_sample()
        for user in entra.people.users():
            entra.people.delete_user(user["id"])
    local("start", "--detach", state=state)
    assert "adele" not in local("people", state=state).stdout


def test_a_folder_below_the_project_finds_its_local_entra(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: x\nruntime: python\n", encoding="utf-8")
    below = tmp_path / "docs" / "deep"
    below.mkdir(parents=True)

    def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ENTRY, *arguments], env=ENVIRONMENT, cwd=folder, capture_output=True, text=True, check=False
        )

    assert run("status", folder=below).returncode == 1
    assert not (tmp_path / ".eptura-scim").exists()
    try:
        started = run("start", "--detach", "--port", "0", folder=tmp_path)
        assert "`eptura-scim local stop` ends it" in started.stdout
        status = run("status", folder=below)
        assert status.stdout.split()[3] == started.stdout.split()[3]
        assert run("stop", folder=below).stdout == "stopped; its state is kept\n"
    finally:
        run("stop", folder=tmp_path)
    assert list(below.iterdir()) == []


@pytest.mark.parametrize("name", ["people.jsonl", "audit-log.jsonl", "provisioning-log.jsonl"])
@pytest.mark.usefixtures("provisioned")
def test_a_torn_last_line_is_told_and_the_rest_is_used(state: Path, name: str) -> None:
    journal = state / name
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"n": 99, "put"')
    started = local("start", "--detach", state=state)
    assert started.returncode == 0
    assert started.stderr.count("\n") == 1
    assert started.stderr.startswith(f"warning: {journal} ended in a line that was not written to its end")
    assert journal.read_bytes().startswith(whole)
