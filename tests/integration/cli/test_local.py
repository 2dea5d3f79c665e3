"""`eptura-scim local`: start, status, env, stop, and what a shell does with `env`."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eptura_scim.local_entra import LocalEntra

ENTRY = [sys.executable, "-c", "from eptura_scim.cli import main; main()", "local"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def local(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ENTRY, *arguments, "--state-dir", str(state)], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


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


def test_another_port_than_the_dev_stacks_comes_with_the_setting_to_change(state: Path) -> None:
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


def test_where_none_runs_the_shell_does_not_go_on(tmp_path: Path) -> None:
    command = f'eval "$({shlex.join(ENTRY)} env --state-dir {tmp_path / "none"})" && echo went on'
    done = subprocess.run(["/bin/sh", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no local Entra runs on" in done.stderr


@pytest.mark.parametrize("command", ["status", "env", "stop"])
def test_where_none_runs_one_line_says_so(state: Path, command: str) -> None:
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
    assert ("it does not go on provisioning: `--cycles` lets it" in started.stdout) is said


@pytest.mark.usefixtures("provisioned")
def test_nothing_is_said_of_provisioning_where_its_job_is_gone(state: Path) -> None:
    with LocalEntra.start(state_dir=state) as entra:
        entra.portal.delete_job()
    assert "provisioning" not in local("start", "--detach", state=state).stdout


def test_a_second_one_on_the_same_folder_is_refused_in_one_line(state: Path) -> None:
    local("start", "--detach", "--port", "0", state=state)
    for arguments in (("start", "--detach"), ("start",)):
        done = local(*arguments, state=state)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert str(state) in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_ctrl_c_stops_it_cleanly(state: Path, number: signal.Signals) -> None:
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
