"""`eptura-scim doctor` from the user's side: a line a check, an exit code, JSON, and no secret anywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eptura_scim.cli.app import app
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.environment import LOCAL_PASSPHRASE
from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import connect
from eptura_scim.local_entra import LocalEntra
from tests.integration.terminal import PROJECT, Terminal


@pytest.fixture
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        started.permissions.only("Application.ReadWrite.OwnedBy", "Synchronization.ReadWrite.All")
        yield started


@pytest.fixture
def terminal(tmp_path: Path, entra: LocalEntra) -> Terminal:
    """One in which every tool is there, and a stack with the required settings."""
    terminal = Terminal(tmp_path, entra)
    (terminal.project / "plugin").symlink_to(PROJECT / "plugin")
    (terminal.programs / "pulumi-language-python").touch(0o755)
    home = tmp_path / "pulumi-home"
    azuread = home / "plugins" / f"resource-azuread-v{wanted_version()}"
    azuread.mkdir(parents=True)
    (azuread / "pulumi-resource-azuread").touch()
    terminal.environment["PULUMI_HOME"] = str(home)
    terminal.configure(tenantUrl=entra.scim.url)
    terminal.keep_secret("secretToken", entra.scim.token)
    return terminal


def test_a_sound_setup_has_no_red_line_and_nothing_is_written(terminal: Terminal, entra: LocalEntra) -> None:
    before = terminal.stack
    done = terminal.run("doctor")
    assert done.exit_code == 0, done.output
    checks = [line[7:26].strip() for line in done.output.splitlines() if line.startswith("green")]
    assert checks == [
        "language host",
        "azuread plugin",
        "eptura-scim plugin",
        "settings",
        "clock",
        "login",
        *["permission"] * 4,
        "ownership",
        "sufficient for",
        "application",
        "SCIM endpoint",
    ]
    assert "yellow engine             Pulumi 3.259.0" in done.output
    assert entra.calls.writes() == []
    assert terminal.stack == before
    for secret in (entra.scim.token, entra.tenant.client_secret):
        assert secret not in done.output + done.stderr


def test_what_is_wrong_is_told_in_json_with_what_to_do(terminal: Terminal, entra: LocalEntra) -> None:
    terminal.configure(scope="everyone", phoneWorks="off", tenantUrl="https://localhost/")
    done = terminal.run("doctor", "--json", ARM_CLIENT_SECRET="wrong")
    assert done.exit_code == 1
    document = json.loads(done.output)
    assert not document["ok"]
    red = [finding for finding in document["findings"] if finding["status"] == "red"]
    said = "\n".join(sorted(f"{finding['check']}: {finding['said']}" for finding in red)).splitlines()
    assert said[0].startswith("login: login to Entra failed: the client secret is wrong: ARM_CLIENT_SECRET needs")
    assert said[1].startswith("settings: phoneWorks: is not a setting; did you mean phoneWork?")
    assert said[2].startswith("settings: scope: must be 'all' or 'assigned'")
    assert said[3].startswith("settings: tenantUrl: is the host alone: it must read https://")
    assert entra.scim.token not in done.output


@pytest.mark.parametrize("host", ["example.com", "scim.example.org", "eptura.example"])
def test_a_tenant_url_of_an_example_is_told(terminal: Terminal, host: str) -> None:
    terminal.configure(tenantUrl=f"https://{host}/scim/v1/")
    findings = json.loads(terminal.run("doctor", "--json").stdout)["findings"]
    [told] = [one for one in findings if "reserved for examples" in one["said"]]
    assert (told["check"], told["status"]) == ("settings", "yellow")
    assert told["todo"] == "set tenantUrl to the address that Eptura gave you"


def test_without_a_stack_the_rest_is_checked(terminal: Terminal) -> None:
    done = terminal.run("doctor", "--stack", "nope")
    assert done.exit_code == 0, done.output
    assert "yellow settings           not read: stack nope: no stack named 'nope' found" in done.output
    assert "green  login" in done.output
    assert "yellow SCIM endpoint      not asked: the settings were not read" in done.output


def test_without_a_login_the_endpoint_is_still_checked(terminal: Terminal) -> None:
    done = terminal.run("doctor", ARM_METADATA_HOSTNAME="localhost:1")
    assert done.exit_code == 1
    assert "red    login              ARM_METADATA_HOSTNAME: localhost:1 cannot be reached" in done.output
    assert "green  SCIM endpoint" in done.output


def test_the_application_that_the_stack_holds_is_recognised(terminal: Terminal, entra: LocalEntra) -> None:
    entra.portal.create_application("EpturaScimApplication")
    entra.portal.create_job()
    assert "takes it over" in terminal.run("doctor").output
    assert terminal.run("adopt", "EpturaScimApplication", "--yes").exit_code == 0
    done = terminal.run("doctor")
    assert "green  application        'EpturaScimApplication' is the stack's" in done.output
    assert "read provisioning: OK (tested)" in done.output


def test_an_undecryptable_secret_is_named_with_its_remedy(terminal: Terminal) -> None:
    done = terminal.run("doctor", PULUMI_CONFIG_PASSPHRASE="wrong")
    assert done.exit_code == 1
    assert "red    settings           secretToken cannot be decrypted: stack prod: incorrect passphrase" in done.output
    assert "set PULUMI_CONFIG_PASSPHRASE to the passphrase of this stack" in done.output
    assert "secretToken: is not set" not in done.output, "it is set"
    assert "yellow SCIM endpoint" in done.output
    assert "the token that is set was not tested, because it cannot be decrypted" in done.output
    assert "no token is set" not in done.output
    assert "pulumi config set --secret secretToken" not in done.output


def test_without_an_engine_the_rest_is_checked(terminal: Terminal, tmp_path: Path) -> None:
    done = terminal.run("doctor", PATH=str(tmp_path), EPTURA_SCIM_CACHE=str(tmp_path))
    assert done.exit_code == 1
    assert "red    engine             no Pulumi CLI is on PATH" in done.output
    assert "yellow settings           not read: no Pulumi CLI found to read a stack with" in done.output
    assert "green  login" in done.output


def test_a_missing_certificate_file_is_named_for_each_connection(terminal: Terminal) -> None:
    done = terminal.run("doctor", SSL_CERT_FILE="/nowhere/ca.pem")
    assert done.exit_code == 1
    assert "red    login              SSL_CERT_FILE: /nowhere/ca.pem cannot be used" in done.output
    assert "red    SCIM endpoint      not asked: SSL_CERT_FILE: /nowhere/ca.pem cannot be used" in done.output


def test_a_deleted_object_of_the_stack_is_red_with_its_remedy(terminal: Terminal, entra: LocalEntra) -> None:
    principal, job = entra.portal.create_application("EpturaScimApplication"), entra.portal.create_job()
    assert terminal.run("adopt", "EpturaScimApplication", "--yes").exit_code == 0
    entra.portal.delete_job()
    said = terminal.run("doctor").output
    assert f"red    job                the job {job} of the service principal {principal} was deleted" in said
    entra.portal.delete_application()
    done = terminal.run("doctor")
    assert done.exit_code == 1
    assert "red    application        the application " in done.output
    assert "If it was deleted within 30 days, restore it in the portal" in done.output, "the bin may not be read"
    assert "With the application permission Application.Read.All this login would see whether it was deleted" in (
        done.output
    )
    entra.permissions.only("Application.ReadWrite.All", "Synchronization.ReadWrite.All")
    said = terminal.run("doctor").output
    assert "restore it in the portal (App registrations > Deleted applications) until 20" in said


async def made_again(entra: LocalEntra) -> str:
    """Another service principal of the only application; its object id."""
    client = await connect(entra.environment)
    try:
        (application,) = await Applications(client).named("EpturaScimApplication")
        made = await client.request("POST", "/servicePrincipals", {"appId": application.app_id})
        return str(made["id"])
    finally:
        await client.close()


def test_a_recreated_service_principal_replaces_the_deleted(terminal: Terminal, entra: LocalEntra) -> None:
    dead = entra.portal.create_application("EpturaScimApplication")
    entra.portal.create_job()
    assert terminal.run("adopt", "EpturaScimApplication", "--yes").exit_code == 0
    entra.portal.delete_service_principal()
    alive = asyncio.run(made_again(entra))
    entra.permissions.only("Application.ReadWrite.All", "Synchronization.ReadWrite.All")
    done = terminal.run("doctor")
    assert f"red    service principal  the service principal {dead} was deleted at " in done.output
    assert f"another service principal by now, {alive}: `pulumi up` takes it over" in done.output


def test_a_project_that_does_not_exist_is_an_error(terminal: Terminal, tmp_path: Path) -> None:
    for command in (["doctor"], ["status"], ["simulate", "adele"], ["adopt", "Eptura"], ["check-directory", "tenant"]):
        done = CliRunner().invoke(app, [*command, "--project", str(tmp_path / "nowhere")], env=terminal.environment)
        assert done.exit_code == 64
        assert "--project" in done.output


def test_outside_a_project_the_way_there_is_told_once(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = CliRunner().invoke(app, ["doctor", "--project", str(tmp_path / "empty")], env=terminal.environment)
    assert said.exit_code == 1
    assert said.output.count("name it with --project") == 1
    assert "red    project            " in said.output
    assert "yellow settings           not read: the project is not found" in said.output


def test_a_real_stack_is_refused_in_the_shell_of_the_try_out(terminal: Terminal, entra: LocalEntra) -> None:
    terminal.configure(tenantUrl="https://eptura.example.com/scim/v1/")
    entra.portal.create_application("Eptura")
    done = terminal.run("doctor", PULUMI_CONFIG_PASSPHRASE=LOCAL_PASSPHRASE)
    assert "red    settings           tenantUrl names eptura.example.com, which is not local" in done.output
    before = terminal.stack
    adopted = terminal.run("adopt", "Eptura", "--yes", PULUMI_CONFIG_PASSPHRASE=LOCAL_PASSPHRASE)
    assert (adopted.exit_code, terminal.stack) == (1, before)
    assert "nothing was written: tenantUrl names eptura.example.com" in adopted.stderr
