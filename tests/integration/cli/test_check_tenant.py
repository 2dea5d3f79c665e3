"""`eptura-scim check-directory tenant` against a local Entra: pages, throttling, and a run that goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from eptura_scim.graph.client import GraphClient
from eptura_scim.local_entra import Fault, LocalEntra

Check = Callable[..., Result]


@pytest.fixture(scope="module")
def tenant() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        started.people.generate(2_500, seed=3)
        yield started


@pytest.fixture
def check(tenant: LocalEntra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    monkeypatch.chdir(tmp_path)
    tenant.calls.clear()
    tenant.faults.clear()

    def run(*arguments: str) -> Result:
        command = ["check-directory", "tenant", "--mappings", "documented", "--json", *arguments]
        return CliRunner().invoke(app, command, env=dict(tenant.environment))

    return run


@pytest.fixture(scope="module")
def principal(tenant: LocalEntra) -> str:
    """The service principal of an application with a job."""
    tenant.portal.create_application("Eptura")
    tenant.portal.create_job()
    return str(tenant.portal.service_principal()["id"])


def pages(tenant: LocalEntra) -> list[str]:
    """The kinds of pages that were answered."""
    return [call.path.rsplit("/", 1)[-1] for call in tenant.calls if call.path.endswith(("/users", "/groups"))]


def test_the_tenant_is_read_in_pages_and_nothing_is_left_behind(tenant: LocalEntra, check: Check) -> None:
    seen = json.loads(check().stdout)
    assert (seen["users"]["seen"], seen["groups"]["seen"]) == (len(tenant.people.users()), len(tenant.people.groups()))
    assert pages(tenant) == ["users"] * 3 + ["groups"]
    codes = {found["code"] for found in seen["findings"]}
    assert {"mandatory-empty", "group-name-not-unique", "guest", "disabled"} <= codes
    assert "attribute-not-in-source" not in codes
    assert not list(Path().glob(".eptura-scim/*"))


def test_findings_of_a_tenant_name_who_is_concerned_and_no_file(
    tenant: LocalEntra, check: Check, tmp_path: Path
) -> None:
    seen = json.loads(check("--html", "page.html", "--list", "list.csv").stdout)
    examples = [one for found in seen["findings"] for one in found["examples"] if found["code"] == "mandatory-empty"]
    assert examples
    assert [one["place"] for one in examples if one["place"] is not None] == []
    assert all("@" in one["who"] and one["ids"] for one in examples)
    written = [(tmp_path / name).read_text(encoding="utf-8-sig") for name in ("page.html", "list.csv")]
    assert [name for name in written if "ndjson" in name] == []
    text = CliRunner().invoke(
        app, ["check-directory", "tenant", "--mappings", "documented"], env=dict(tenant.environment)
    )
    assert "ndjson" not in text.stdout
    kept = json.loads(check("--keep", "kept").stdout)
    assert "users.ndjson, line" in json.dumps(kept), "these files are there to be looked at"


def test_throttling_is_obeyed(tenant: LocalEntra, check: Check) -> None:
    tenant.faults.add(Fault(path="/users$", status=429, retry_after=0, times=2, after=1))
    assert json.loads(check().stdout)["users"]["seen"] == len(tenant.people.users())
    assert pages(tenant) == ["users"] * 5 + ["groups"]


def test_a_cut_download_continues_where_it_ended(tenant: LocalEntra, check: Check) -> None:
    tenant.faults.add(Fault(path="/users$", status=403, times=1, after=2))
    cut = check()
    assert (cut.exit_code, "1,998 users are kept" in str(cut.exception)) == (1, True)
    held = Path(".eptura-scim", "check-directory", "users.ndjson")
    assert held.stat().st_mode & 0o077 == 0, "only its owner may read personal data"
    with held.open("ab") as file:
        file.write(b'{"id": "half a li')  # as a run leaves it that is killed while it writes
    tenant.calls.clear()
    seen = json.loads(check().stdout)
    assert pages(tenant) == ["users", "groups"]
    assert (seen["users"]["seen"], seen["groups"]["seen"]) == (len(tenant.people.users()), len(tenant.people.groups()))
    assert not [found for found in seen["findings"] if found["code"] == "unreadable"]


def test_an_expired_page_begins_again(tenant: LocalEntra, check: Check) -> None:
    tenant.faults.add(Fault(path="/users$", status=403, times=1, after=2))
    check()
    tenant.faults.add(Fault(path="/users$", status=400, times=1))
    assert json.loads(check().stdout)["users"]["seen"] == len(tenant.people.users())


def test_a_first_page_that_is_refused_is_asked_for_once(tenant: LocalEntra, check: Check) -> None:
    tenant.faults.add(Fault(path="/users$", status=400, message="Unsupported Query.", times=9))
    assert "400 BadRequest: Unsupported Query" in str(check().exception)
    assert pages(tenant) == ["users"]


@pytest.mark.usefixtures("tenant")
def test_pages_that_go_round_end_and_nothing_of_them_is_kept(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    async def request(self: GraphClient, _method: str, path: str, _body: object = None) -> object:
        following = f"/users?$skiptoken={'2' if path.endswith('skiptoken=1') else '1'}"
        return {"value": [{"id": "1"}], "@odata.nextLink": f"{self.cloud.graph}/v1.0{following}"}

    monkeypatch.setattr(GraphClient, "request", request)
    for _ in range(2):
        assert str(check("--keep", "kept").exception) == "the next page of /users repeats an earlier page"


def test_what_is_kept_can_be_checked_again(tenant: LocalEntra, check: Check, tmp_path: Path) -> None:
    first = json.loads(check("--keep", "kept").stdout)
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["groups.ndjson", "users.ndjson"]
    again = CliRunner().invoke(app, ["check-directory", "kept", "--mappings", "documented", "--json"])
    assert json.loads(again.stdout)["users"] == first["users"]


def test_the_missing_permission_to_read_users_is_named(tenant: LocalEntra, check: Check) -> None:
    tenant.faults.add(Fault(path="/users$", status=403))
    assert "Directory.Read.All" in str(check().exception)


def test_the_assignments_of_the_job_decide_who_is_in_scope(tenant: LocalEntra, check: Check, principal: str) -> None:
    tenant.portal.set_scope("assigned")
    group = tenant.people.add_group(displayName="Pilot")["id"]
    ada = tenant.people.add_user(userPrincipalName="ada@contoso.example", displayName="Ada")["id"]
    tenant.people.add_member(group, ada)
    tenant.people.assign(principal, group)
    seen = json.loads(check("--service-principal", principal).stdout)
    assert (seen["users"]["inScope"], seen["groups"]["inScope"]) == (1, 1)


def test_users_of_nested_groups_are_named_as_left_out(tenant: LocalEntra, check: Check, principal: str) -> None:
    tenant.portal.set_scope("assigned")
    outer, inner, innermost = (tenant.people.add_group(displayName=name)["id"] for name in ("Outer", "Inner", "Core"))
    direct, nested, deep = (
        tenant.people.add_user(userPrincipalName=f"{name}@contoso.example", displayName=name)["id"]
        for name in ("direct", "nested", "deep")
    )
    tenant.people.add_member(outer, direct, inner)
    tenant.people.add_member(inner, nested, direct, innermost)
    tenant.people.add_member(innermost, deep)
    tenant.people.assign(principal, outer)

    def left_out(*arguments: str) -> list[tuple[str, list[tuple[str, str]]]]:
        findings = json.loads(check("--service-principal", principal, *arguments).stdout)["findings"]
        return [
            (found["counted"], [(one["who"], one["detail"]) for one in found["examples"]])
            for found in findings
            if found["code"] == "nested-not-provisioned"
        ]

    assert left_out("--keep", "kept") == [("2 users", [("Outer", "2 users of the group Inner in it")])]
    tenant.people.assign(principal, inner)
    assert left_out() == [("1 user", [("Inner", "1 user of the group Core in it")])]
    tenant.people.assign(principal, innermost)
    assert left_out() == []


def test_where_the_job_provisions_all_its_live_mappings_decide(
    tenant: LocalEntra, check: Check, principal: str
) -> None:
    tenant.portal.set_scope("all")
    seen = json.loads(check("--service-principal", principal, "--mappings", "live").stdout)
    assert seen["mappings"] == "the live mappings"
    assert seen["users"]["inScope"] > 1_000


def test_the_settings_of_the_stack_decide_before_there_is_a_job(
    tenant: LocalEntra, check: Check, tmp_path: Path
) -> None:
    group = tenant.people.add_group(displayName="Second pilot")["id"]
    bo = tenant.people.add_user(userPrincipalName="bo@contoso.example", displayName="Bo")["id"]
    tenant.people.add_member(group, bo)
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(f"config:\n  eptura:scope: assigned\n  eptura:assignedGroups: {group}\n")
    seen = json.loads(check("--mappings", "stack", "--stack", "prod").stdout)
    assert (seen["users"]["inScope"], seen["groups"]["inScope"]) == (1, 1)
