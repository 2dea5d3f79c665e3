"""`eptura-scim check-directory` for files: what it prints, writes and returns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from eptura_scim.errors import ReadableError
from tests.unit.cli.html_page import HtmlPage
from tests.unit.simulation.directory_samples import EVIL, user, write_directory


def run(source: Path | str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["check-directory", str(source), "--mappings", "documented", *arguments])


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return write_directory(tmp_path)


def test_the_exit_code_tells_errors_from_all_else(tmp_path: Path, directory: Path) -> None:
    sound = tmp_path / "sound.ndjson"
    sound.write_text(json.dumps(user()) + "\n" + json.dumps(user("b", accountEnabled=False)) + "\n")
    seen = run(sound)
    assert (seen.exit_code, "Ready: nothing in the way of 1 user and 0 groups in scope." in seen.stdout) == (0, True)
    assert run(directory).exit_code == 3
    assert run(sound, "--phone-work", "loud").exit_code == 64
    missing = run(tmp_path / "none.csv")
    assert (missing.exit_code, isinstance(missing.exception, ReadableError)) == (1, True)


def test_json_holds_everything(directory: Path) -> None:
    seen = json.loads(run(directory, "--json", "--examples", "1").stdout)
    assert (seen["users"], seen["groups"]["inScope"]) == ({"seen": 4, "inScope": 3, "failing": 2}, 2)
    by_code: dict[str, Any] = {found["code"]: found for found in seen["findings"]}
    assert by_code["unreadable"]["examples"][0]["place"] == "export.ndjson, line 7"
    assert by_code["group-name-not-unique"]["values"] == 1
    assert (seen["worst"], seen["quarantine"]) == ("error", "")
    assert seen["mappings"] == "the documented mappings"


def test_a_stack_is_read_from_its_file_without_an_engine(tmp_path: Path, directory: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(
        "config:\n  eptura:phoneWork: rfc3966\n  eptura:secretToken: {secure: v1:abc}\n"
    )
    arguments = ["check-directory", str(directory), "--json", "--stack", "prod", "--project", str(tmp_path)]
    seen = json.loads(CliRunner().invoke(app, arguments).stdout)
    assert seen["mappings"] == "the mappings of the stack prod"
    assert {(phone["sent"], phone["count"]) for phone in seen["phones"]} == {("tel:+14255550100", 1), ("", 1)}
    unknown = CliRunner().invoke(app, [*arguments[:-3], "other", *arguments[-2:]])
    assert (unknown.exit_code, "Pulumi.other.yaml" in str(unknown.exception)) == (1, True)


def test_those_who_are_not_assigned_are_left_out(tmp_path: Path, directory: Path) -> None:
    (tmp_path / "ids.txt").write_text("id-good\n1\n")
    seen = json.loads(run(directory, "--json", "--assigned", str(tmp_path / "ids.txt")).stdout)
    assert (seen["users"]["inScope"], seen["groups"]["inScope"]) == (1, 1)


def test_a_file_of_assigned_ids_that_is_not_text_is_named(tmp_path: Path, directory: Path) -> None:
    (tmp_path / "ids.txt").write_bytes("id-good".encode("utf-16"))
    seen = run(directory, "--assigned", str(tmp_path / "ids.txt"))
    assert (seen.exit_code, "ids.txt cannot be read: 'utf-8' codec" in str(seen.exception)) == (1, True)


def test_an_export_does_not_say_who_is_assigned(tmp_path: Path, directory: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  eptura:scope: assigned\n")
    seen = stack(directory, tmp_path, "--stack", "prod")
    assert "The scope is assigned users and groups: list their object ids with --assigned FILE" in seen.stderr


def stack(directory: Path, project: Path, *arguments: str, **environment: str) -> Result:
    command = ["check-directory", str(directory), "--project", str(project), *arguments]
    return CliRunner().invoke(app, command, env=environment)


def test_documented_mappings_are_used_and_named_without_a_stack(tmp_path: Path, directory: Path) -> None:
    (tmp_path / "empty").mkdir()
    seen = stack(directory, tmp_path / "empty", "--json")
    assert json.loads(seen.stdout)["mappings"] == "the documented mappings"
    assert seen.stderr.startswith("Using the documented mappings, since the stack cannot be read: ")
    assert "Pulumi.yaml does not exist" in seen.stderr
    asked_for = stack(directory, tmp_path / "empty", "--mappings", "stack")
    assert (asked_for.exit_code, "Pulumi.yaml does not exist" in str(asked_for.exception)) == (1, True)


def test_errors_are_not_called_ready_even_if_no_user_would_fail(tmp_path: Path) -> None:
    (tmp_path / "export.ndjson").write_text(json.dumps(user()) + "\nno JSON\n")
    seen = run(tmp_path / "export.ndjson")
    assert (seen.exit_code, "Not ready: 1 finding of severity error." in seen.stdout) == (3, True)


def test_a_directory_that_would_end_in_quarantine_is_not_ready(tmp_path: Path) -> None:
    users = (json.dumps(user(f"u{number}", surname=None)) for number in range(5_000))
    (tmp_path / "export.ndjson").write_text("\n".join(users))
    seen = run(tmp_path / "export.ndjson", "--workers", "1")
    assert seen.exit_code == 3
    assert "Not ready: the first cycle would end in quarantine. 5,000 of 5,000 fail, 100%" in " ".join(
        seen.stdout.split()
    )


def test_frequent_phone_forms_are_shown_and_rare_forms_counted(tmp_path: Path) -> None:
    ways = [f"{plus}{'5' * digits}" for plus in ("", "+") for digits in range(1, 22)]
    users = [user(f"u{number}", businessPhones=[way]) for number, way in enumerate([*ways, "+5"])]
    (tmp_path / "export.ndjson").write_text("\n".join(map(json.dumps, users)))
    file = tmp_path / "page.html"
    seen = run(tmp_path / "export.ndjson", "--phone-work", "direct", "--html", str(file))
    assert "30 more ways" in seen.stdout
    assert "<p>2 more ways, 2 numbers.</p>" in file.read_text(encoding="utf-8")


def test_the_page_loads_nothing_and_escapes_names(tmp_path: Path, directory: Path) -> None:
    file = tmp_path / "page.html"
    assert run(directory, "--html", str(file), "--phone-work", "direct").exit_code == 3
    page = HtmlPage(file.read_text(encoding="utf-8"))
    assert page.stands_alone()
    assert ("lang", "en") in page.attributes
    assert {"main", "h1", "h2", "h3", "caption", "th"} <= page.seen
    assert EVIL in "".join(page.text), "it is shown as it is"


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path, directory: Path) -> None:
    seen = run(directory, "--html", str(tmp_path / "no" / "page.html"))
    assert (seen.exit_code, "page.html cannot be written" in str(seen.exception)) == (1, True)
