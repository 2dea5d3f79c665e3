"""`eptura-scim report`: each line of the guide beside an application in a local Entra."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from eptura_scim import documented
from eptura_scim.cli.app import app
from eptura_scim.expressions.tree import source_tree
from eptura_scim.local_entra import LocalEntra
from eptura_scim.mapping import apply, expressions_to_parse
from eptura_scim.operations.guide_checks import CHECKS
from eptura_scim.operations.guide_steps import STEPS
from tests.unit.cli.html_page import HtmlPage

PAGE = Path(__file__).parents[3] / "docs" / "checklist.md"

Report = Callable[..., Result]


@pytest.fixture
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        started.portal.create_application("EpturaScimApplication")
        started.portal.create_job()
        yield started


@pytest.fixture
def report(entra: LocalEntra) -> Report:
    def run(*arguments: str) -> Result:
        principal = str(entra.portal.service_principal()["id"])
        return CliRunner().invoke(
            app,
            ["report", "--service-principal", principal, *arguments],
            env={**entra.environment, "NO_COLOR": "1", "COLUMNS": "80"},
        )

    return run


def as_the_guide_says(entra: LocalEntra) -> None:
    entra.portal.set_tenant_url(entra.scim.url)
    entra.portal.set_secret_token(entra.scim.token)
    entra.portal.set_scope("all")

    def edit(schema: dict[str, Any]) -> None:
        wanted = documented.mappings()
        trees = {text: source_tree(text) for text in expressions_to_parse(schema, wanted)}
        schema |= apply(schema, wanted, trees)

    entra.portal.edit_schema(edit)
    entra.portal.start()


def results(done: Result) -> dict[str, str]:
    return {line["step"]: line["result"] for line in json.loads(done.stdout)["lines"]}


def test_every_line_of_the_checklist_has_its_text_and_its_rule() -> None:
    numbers = [int(number) for number in re.findall(r"^\| S(\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)]
    assert numbers == list(range(1, len(STEPS) + 1)) == sorted(CHECKS)


def test_an_application_as_the_guide_says_has_no_difference(entra: LocalEntra, report: Report) -> None:
    as_the_guide_says(entra)
    done = report("--json")
    assert set(results(done).values()) == {"ok", "nothing"}, done.stdout
    assert done.exit_code == 0


def test_a_new_application_differs_where_nothing_is_configured(report: Report) -> None:
    done = report("--json")
    differs = {step for step, result in results(done).items() if result == "differs"}
    assert {"S8", "S9", "S13", "S19", "S23", "S26", "S33", "S36", "S38", "S41", "S42"} <= differs
    assert not differs & {"S3", "S4", "S5", "S6", "S7", "S14", "S15", "S25", "S27", "S28", "S29", "S30"}
    assert done.exit_code == 2


@pytest.mark.parametrize(("edit", "changed"), [
    (lambda p: p.add_user_mapping("title", "[jobTitle]"), {"S13": "differs", "S23": "differs"}),
    (lambda p: p.remove_user_mapping("name.givenName"), {"S17": "differs"}),
    (lambda p: p.set_user_source("externalId", 'ToLower([mail], )'),
     {"S19": "differs", "S25": "differs", "S26": "differs"}),
    (lambda p: p.set_default("externalId", "x"), {"S19": "differs", "S27": "differs"}),
    (lambda p: p.set_apply("externalId", "ObjectAddOnly"), {"S19": "differs", "S30": "differs"}),
    (lambda p: p.set_matching_precedence("displayName", 0, kind="Group"), {"S34": "chosen", "S38": "chosen"}),
    (lambda p: p.add_user_mapping('phoneNumbers[type eq "work"].value', "[telephoneNumber]"),
     {"S20": "chosen", "S22": "differs", "S24": "chosen"}),
    (lambda p: p.rename("Another name"), {"S4": "chosen"}),
    (lambda p: p.stop(), {"S42": "differs"}),
    (lambda p: p.set_scope("assigned"), {"S41": "differs"}),
    (lambda p: p.set_secret_token("revoked"), {"S10": "differs", "S11": "differs"}),
])  # fmt: skip
def test_an_edit_shows_in_its_lines_alone(
    entra: LocalEntra, report: Report, edit: Callable[[Any], None], changed: dict[str, str]
) -> None:
    as_the_guide_says(entra)
    edit(entra.portal)
    found = {step: result for step, result in results(report("--json")).items() if result not in {"ok", "nothing"}}
    assert found == changed


def test_what_may_not_be_read_is_unknown_and_not_wrong(entra: LocalEntra, report: Report) -> None:
    as_the_guide_says(entra)
    entra.permissions.only("Synchronization.Read.All")
    done = report("--json")
    assert set(results(done).values()) <= {"ok", "nothing", "unknown"}
    assert results(done)["S3"] == "unknown"
    assert json.loads(done.stdout)["failuresLog"] == "notPermitted"


def test_who_failed_is_named_and_the_token_is_not(entra: LocalEntra, report: Report, tmp_path: Path) -> None:
    as_the_guide_says(entra)
    entra.portal.people.add_user("ann@contoso.example", displayName="Ann", givenName=None, surname=None)
    asyncio.run(entra.provisioning.run_cycle())
    page = tmp_path / "report.html"
    done = report("--html", str(page))
    written = page.read_text(encoding="utf-8")
    for text in (done.stdout, written):
        assert "ann@contoso.example" in text.partition("Who failed last")[2]
        assert entra.scim.token not in text
    assert HtmlPage(written).stands_alone()
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_an_object_that_fails_again_is_named_once(entra: LocalEntra, report: Report) -> None:
    as_the_guide_says(entra)
    entra.portal.people.add_user("ann@contoso.example", displayName="Ann", givenName=None, surname=None)
    for _ in range(3):
        entra.portal.restart()
        asyncio.run(entra.provisioning.run_cycle())
    assert report().stdout.partition("Who failed last")[2].count("ann@contoso.example:") == 1


def test_the_page_has_every_line_and_the_status(entra: LocalEntra, report: Report, tmp_path: Path) -> None:
    as_the_guide_says(entra)
    page = tmp_path / "report.html"
    assert report("--html", str(page)).exit_code == 0
    told = "".join(HtmlPage(page.read_text(encoding="utf-8")).text)
    assert all(step.asks in told for step in STEPS)
    assert "Provisioning is on" in told


def test_the_last_changes_are_listed_with_their_authors(entra: LocalEntra, report: Report) -> None:
    entra.portal.rename("Old Eptura")
    entra.portal.set_user_source("externalId", "[mailNickname]")
    changes = json.loads(report("--json").stdout)["changes"]
    assert "mapping" in changes[0]["what"].lower()
    assert changes[0]["who"] == f"admin@{entra.tenant.domain}"
    assert [one["time"] for one in changes] == sorted((one["time"] for one in changes), reverse=True)
    assert "Last changes of the configuration" in report().stdout


def test_without_the_audit_log_the_last_changes_are_unknown(entra: LocalEntra, report: Report) -> None:
    entra.permissions.only("Application.Read.All", "Synchronization.Read.All")
    text = " ".join(report().stdout.split())
    assert "The last changes are not known: the audit log may not be read." in text
    assert json.loads(report("--json").stdout)["changesLog"] == "notPermitted"
