"""The worklist of `check-directory`: object ids and links to the portal in text, page, JSON and the list."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from tests.unit.simulation.directory_samples import group, user

IDS = [f"11111111-1111-1111-1111-{number:012}" for number in range(9)]
USER = "https://portal.azure.com/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/"
GROUP = "https://portal.azure.com/#view/Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview/groupId/"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    objects = [
        *(user(f"u{number}", id=IDS[number], mail=None) for number in range(4)),
        user("U0", id=IDS[4]),
        user("=cmd|' /C calc'!A0", id=IDS[5], businessPhones=["+1 425 555 0100"]),
        group("x", id=IDS[6]),
        group("X", id=IDS[7]),
        user("odd", id="<script>", mail=None),
    ]
    path = tmp_path / "users.json"
    path.write_text(json.dumps([*objects, 5]))
    return path


def run(source: Path, *options: str, **environment: str) -> Result:
    command = ["check-directory", str(source), "--mappings", "documented", "--phone-work", "direct", *options]
    return CliRunner().invoke(app, command, env=environment)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_the_list_has_every_object_of_every_finding(source: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    report = json.loads(
        run(source, "--list", str(listed), "--examples", "1", "--json", "--workers", "1").stdout
    )  # fmt: skip
    found = rows(listed)
    for code in ("mandatory-empty", "username-not-unique", "group-name-not-unique", "unreadable", "phone-not-rfc3966"):
        [finding] = [one for one in report["findings"] if one["code"] == code]
        assert len([row for row in found if row["code"] == code]) == finding["count"], code
    assert {row["severity"] for row in found} == {one["severity"] for one in report["findings"]}
    shared = [row["object id"] for row in found if row["code"] == "username-not-unique"]
    assert shared == [IDS[0], IDS[4]]
    assert listed.stat().st_mode & 0o077 == 0, "it names people"


def test_the_list_links_to_the_portal_and_runs_no_formula(source: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    run(source, "--list", str(listed))
    by_id = {(row["object id"], row["code"]): row for row in rows(listed)}
    assert by_id[IDS[1], "mandatory-empty"]["portal"] == USER + IDS[1]
    assert by_id[IDS[6], "group-name-not-unique"]["portal"] == GROUP + IDS[6]
    assert by_id["<script>", "mandatory-empty"]["portal"] == "", "it is not an object id"
    phone = by_id[IDS[5], "phone-not-rfc3966"]
    assert (phone["name"][:5], phone["detail"]) == ("'=cmd", "+1 425 555 0100")


def test_source_findings_are_in_the_list(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("[]")
    run(tmp_path / "empty.json", "--list", str(tmp_path / "list.csv"))
    assert [row["code"] for row in rows(tmp_path / "list.csv")] == ["nothing-seen"]


def test_a_list_that_cannot_be_written_is_named(source: Path, tmp_path: Path) -> None:
    seen = run(source, "--list", str(tmp_path / "no" / "list.csv"))
    assert (seen.exit_code, "--list: " in str(seen.exception), "cannot be written" in str(seen.exception)) == (
        1, True, True
    )  # fmt: skip


def test_json_and_page_have_ids_and_links(source: Path, tmp_path: Path) -> None:
    report = json.loads(run(source, "--json", "--html", str(tmp_path / "page.html")).stdout)
    [empty] = [one for one in report["findings"] if one["code"] == "mandatory-empty"]
    assert (empty["examples"][0]["ids"], empty["examples"][0]["links"]) == ([IDS[0]], [USER + IDS[0]])
    page = (tmp_path / "page.html").read_text()
    assert f'<a href="{USER}{IDS[0]}"><code>{IDS[0]}</code></a>' in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("environment", "portal"),
    [
        ({"ARM_ENVIRONMENT": "usgovernment"}, "https://portal.azure.us/"),
        ({"ARM_ENVIRONMENT": "china"}, "https://portal.azure.cn/"),
        ({"ARM_METADATA_HOSTNAME": "localhost:8443"}, ""),
    ],
)
def test_links_lead_to_the_portal_of_the_cloud(source: Path, environment: dict[str, str], portal: str) -> None:
    report = json.loads(run(source, "--json", **environment).stdout)
    [empty] = [one for one in report["findings"] if one["code"] == "mandatory-empty"]
    assert [link.startswith(portal) for link in empty["examples"][0]["links"]] == ([True] if portal else [])


def test_the_text_fits_80_columns_and_names_the_object_ids(source: Path) -> None:
    lines = run(source, COLUMNS="80").stdout.splitlines()
    assert [line for line in lines if cell_len(line) > 80 and not line.startswith("$p = ")] == []
    assert any(IDS[0] in line for line in lines)


def test_page_and_text_name_the_stack(source: Path, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}\n")
    page = tmp_path / "page.html"
    command = ["check-directory", str(source), "--stack", "prod", "--project", str(tmp_path), "--html", str(page)]
    assert "the mappings of the stack prod" in " ".join(CliRunner().invoke(app, command).stdout.split())
    assert "stack <strong>prod</strong>" in page.read_text()
    assert json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)["stack"] == "prod"
