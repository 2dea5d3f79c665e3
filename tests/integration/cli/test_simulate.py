"""`eptura-scim simulate`: from an export without a tenant, and from a local Entra."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from eptura_scim.local_entra import Fault, LocalEntra
from eptura_scim.types import copied
from tests.integration.terminal import Terminal
from tests.unit.simulation.directory_samples import group, user

Simulate = Callable[..., Result]


@pytest.fixture(scope="module")
def tenant() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        started.portal.create_application("Eptura")
        started.portal.create_job()
        started.portal.set_scope("all")
        ada = started.people.add_user(
            userPrincipalName="ada@contoso.example", mail="ada@contoso.example", displayName="Ada Lovelace",
            givenName="Ada", surname="Lovelace", mailNickname="ada", jobTitle="Engineer",
        )  # fmt: skip
        floor = started.people.add_group(displayName="Floor 2")
        started.people.add_member(floor["id"], ada["id"])
        yield started


@pytest.fixture
def simulate(tenant: LocalEntra, tmp_path: Path) -> Simulate:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  eptura:phoneWork: direct\n")

    def run(*arguments: str) -> Result:
        principal = str(tenant.portal.service_principal()["id"])
        options = ["--service-principal", principal, "--project", str(tmp_path)]
        tenant.calls.clear()
        return CliRunner().invoke(app, ["simulate", *arguments, *options], env=dict(tenant.environment))

    return run


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "export.ndjson"
    objects = [user("ada"), user("off", accountEnabled=False), user("nomail", mail=None), group("ada", id="g")]
    file.write_text("".join(json.dumps(one) + "\n" for one in objects))
    return file


def from_file(name: str, file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        app, ["simulate", name, "--source", str(file), "--mappings", "documented", *arguments]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("ADA@contoso.example", 0, "the SCIM schemas have nothing against it"),
        ("off@contoso.example", 3, "It would not be provisioned: it is blocked from signing in."),
        ("nomail@contoso.example", 4, 'problem: emails[type eq "work"].value: mandatory, and not sent'),
    ],
)
def test_an_export_needs_no_tenant(export: Path, name: str, code: int, said: str) -> None:
    seen = from_file(name, export)
    assert (seen.exit_code, said in seen.stdout) == (code, True)


def test_a_group_is_found_by_its_name(export: Path) -> None:
    assert json.loads(from_file("ada", export, "--group", "--json").stdout)["kind"] == "Group"


def test_an_unknown_or_ambiguous_name_is_an_error(export: Path) -> None:
    export.write_text(export.read_text() + json.dumps(user("ada", id="2")) + "\n")
    assert "'eve' not found" in str(from_file("eve", export).exception)
    assert "2 objects are called 'ada@contoso.example'; give the object id" in str(
        from_file("ada@contoso.example", export).exception
    )


def test_the_tenant_is_asked_for_what_the_mappings_use(tenant: LocalEntra, simulate: Simulate) -> None:
    seen = simulate("ada@contoso.example", "--stack", "prod", "--json")
    found = json.loads(seen.stdout)
    assert (found["verdict"], found["mappings"]) == ("provisioned", "the mappings of the stack prod")
    assert found["payload"]["name"] == {"familyName": "Lovelace", "givenName": "Ada"}
    assert "title" not in found["payload"]
    attributes = {one["target"]: one["reason"] for one in found["attributes"]}
    assert attributes['phoneNumbers[type eq "work"].value'] == "[telephoneNumber] is empty"


def test_who_is_not_assigned_is_left_out(tenant: LocalEntra, simulate: Simulate) -> None:
    principal = str(tenant.portal.service_principal()["id"])
    tenant.portal.set_scope("assigned")
    assert simulate("ada@contoso.example", "--mappings", "documented").exit_code == 3
    made = tenant.people.assign(principal, tenant.people.user("ada@contoso.example")["id"])
    assert simulate("ada@contoso.example", "--mappings", "documented").exit_code == 0
    tenant.people.unassign(principal, made["id"])
    tenant.portal.set_scope("all")


def test_a_scope_that_is_not_set_is_a_note(tenant: LocalEntra, simulate: Simulate) -> None:
    tenant.portal._save(SyncAll="")
    seen = simulate("ada@contoso.example", "--mappings", "documented")
    tenant.portal.set_scope("all")
    assert "note: the job's scope is not set" in seen.stdout


def test_a_groups_members_are_counted(simulate: Simulate) -> None:
    seen = simulate("Floor 2", "--mappings", "documented")
    assert (seen.exit_code, "1 object (" in seen.stdout) == (0, True)


def test_the_change_from_the_live_mappings_is_shown(simulate: Simulate) -> None:
    seen = json.loads(simulate("ada@contoso.example", "--mappings", "change", "--stack", "prod", "--json").stdout)
    changes = {one["target"]: (one["live"], one["stack"]) for one in seen["changes"]}
    assert changes["title"] == ("Engineer", None)
    assert changes["externalId"] == ("ada", seen["objectId"])
    assert "userName" not in changes


def test_the_change_is_told_line_by_line(simulate: Simulate) -> None:
    lines = simulate("ada@contoso.example", "--mappings", "change", "--stack", "prod").stdout.splitlines()
    at = lines.index("The stack's mappings would change:")
    assert '  title: "Engineer" => nothing' in lines[at:]


@pytest.mark.parametrize(
    ("status", "notes"), [(404, []), (400, ["manager could not be read: GET /users/"])], ids=["nobody", "not read"]
)
def test_a_missing_manager_is_not_an_error(
    tenant: LocalEntra, simulate: Simulate, status: int, notes: list[str]
) -> None:
    tenant.faults.add(Fault(path="/manager$", status=status))
    seen = json.loads(simulate("ada@contoso.example", "--mappings", "live", "--json").stdout)
    assert seen["mappings"] == "the live mappings"
    (manager,) = (one for one in seen["attributes"] if one["target"].endswith(":manager"))
    assert (manager["value"], manager["reason"]) == (None, "[manager] is empty")
    assert [note[: len(notes[0])] for note in seen["notes"]] == notes


def test_an_export_does_not_say_who_is_assigned(export: Path, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  eptura:scope: assigned\n")
    export.write_text("no JSON\n" + export.read_text())
    options = ["--source", str(export), "--stack", "prod", "--project", str(tmp_path)]
    seen = CliRunner().invoke(app, ["simulate", "ada@contoso.example", *options])
    assert "note: the scope is assigned users and groups: an export does not say who is assigned" in seen.stdout


def test_a_tenant_without_a_job_says_what_was_not_looked_at(tenant: LocalEntra) -> None:
    command = ["simulate", "ada@contoso.example", "--mappings", "documented"]
    seen = CliRunner().invoke(app, command, env=dict(tenant.environment))
    assert (seen.exit_code, "note: assignment not checked" in seen.stdout) == (0, True)


def test_an_object_that_graph_would_not_show_is_not_a_traceback(export: Path, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  eptura:phoneWork: direct\n")
    export.write_text(json.dumps(user("odd", businessPhones=5)) + "\n")
    options = ["--source", str(export), "--stack", "prod", "--project", str(tmp_path)]
    seen = CliRunner().invoke(app, ["simulate", "odd@contoso.example", *options])
    assert "is not as Microsoft Graph shows a user" in str(seen.exception)


def test_the_selected_stack_decides_who_is_left_out(tmp_path: Path) -> None:
    with LocalEntra.start() as entra:
        entra.portal.create_application("Eptura")
        entra.portal.create_job()
        entra.portal.set_scope("assigned")
        entra.people.add_user(userPrincipalName="ada@contoso.example", mailNickname="ada", displayName="Ada")
        terminal = Terminal(tmp_path, entra)
        assert terminal.run("adopt", "Eptura", "--yes").exit_code == 0
        for options in ([], ["--stack", "prod"]):
            seen = terminal.run("simulate", "ada@contoso.example", "--mappings", "documented", *options)
            assert seen.exit_code == 3, seen.output
            assert "assignment not checked" not in seen.stdout


def test_the_default_domain_is_that_of_the_tenant(tenant: LocalEntra, simulate: Simulate) -> None:
    before = copied(tenant.portal.schema())
    tenant.portal.set_user_source("userName", 'Join("@", [mailNickname], DefaultDomain())')
    try:
        body = json.loads(simulate("ada@contoso.example", "--mappings", "live", "--json").stdout)
        assert body["payload"]["userName"] == f"ada@{tenant.tenant.domain}"
        tenant.faults.add(Fault(path="/organization", status=403, times=9))
        text = simulate("ada@contoso.example", "--mappings", "live").stdout
        assert "the tenant's default domain could not be read" in text
        assert "Organization.Read.All" in text
        assert "not judged" in text
    finally:
        tenant.faults.clear()
        tenant.portal.edit_schema(lambda schema: schema.update(before))
