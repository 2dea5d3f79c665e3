"""`eptura-scim drift` on a stack whose preview is given, beside a local Entra with the audit log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import Result

from eptura_scim.local_entra import LocalEntra
from tests.integration.terminal import Terminal
from tests.unit.cli.html_page import HtmlPage
from tests.unit.operations.preview_samples import COST, document, edited_by_hand, said

pytestmark = pytest.mark.usefixtures("with_job")


@pytest.fixture
def terminal(tmp_path: Path, entra: LocalEntra) -> Terminal:
    return Terminal(tmp_path, entra)


def drift(terminal: Terminal, preview: str, *arguments: str, **environment: str) -> Result:
    file = terminal.programs.parent / "preview.json"
    file.write_text(preview)
    return terminal.run("drift", *arguments, PLAIN_PULUMI_PREVIEW=str(file), NO_COLOR="1", COLUMNS="80", **environment)


def test_the_exit_code_tells_no_drift_drift_and_failure(terminal: Terminal) -> None:
    assert drift(terminal, document()).exit_code == 0
    assert drift(terminal, edited_by_hand("A", "P")).exit_code == 2
    failed = drift(terminal, document(diagnostics=[said("ServicePrincipal", "the login was refused", "error")]))
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "the login was refused" in failed.stderr
    refused = "1 error occurred:\n\t* building client: AADSTS7000222: the secret has expired"
    told = drift(terminal, document(diagnostics=[said("ServicePrincipal", refused, "error")])).stderr
    assert told.startswith("eptura-scim: login to Entra failed: the client secret has expired: make another (App ")
    assert told.endswith("azuread said: 1 error occurred: * building client: AADSTS7000222: the secret has expired")
    offline = 'Get "https://localhost:1/metadata": dial tcp 127.0.0.1:1: connect: connection refused'
    unreached = f'1 error occurred:\n\t* retrieving metadata from endpoint "https://localhost:1": {offline}\n\n'
    told = drift(terminal, document(diagnostics=[said("ServicePrincipal", unreached, "error")])).stderr
    assert told.startswith("eptura-scim: localhost:1 cannot be reached: it refuses connections. Start the local")
    assert told.endswith("(azuread: dial tcp 127.0.0.1:1: connect: connection refused)")
    missing = drift(terminal, document(), "--stack", "nope")
    assert (missing.exit_code, "no stack named 'nope'" in missing.stderr) == (1, True)
    assert drift(terminal, document(), "--format", "yaml").exit_code == 64


def test_a_policy_that_stops_the_preview_is_named(terminal: Terminal) -> None:
    broken = {
        "policyName": "protected", "policyPackName": "company", "message": "is not protected",
        "enforcementLevel": "mandatory", "resourceUrn": "urn:pulumi:prod::eptura::x:y:Z::eptura",
    }  # fmt: skip
    advice = {**broken, "policyName": "tags", "enforcementLevel": "advisory"}
    events = [json.dumps({"sequence": n, "timestamp": 0, "policyEvent": one}) for n, one in enumerate((broken, advice))]
    preview_failed = document(diagnostics=[said("Stack", "preview failed", "error")])
    failed = drift(terminal, preview_failed, PLAIN_PULUMI_EVENTS="\n".join([*events, '{"cut']))
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr == "eptura-scim: policy protected (company): eptura: is not protected"


def test_the_table_fits_80_columns_and_names_the_editor(terminal: Terminal, entra: LocalEntra) -> None:
    entra.portal.rename("Old Eptura")
    principal = str(entra.portal.service_principal()["id"])
    seen = drift(terminal, edited_by_hand("00000000-0000-4000-8000-000000000000", principal))
    assert max(map(len, seen.stdout.splitlines())) <= 80
    assert "Drift: 6 settings differ" in seen.stdout
    assert "externalId: Source attribute or expression (S25, S26)" in seen.stdout
    assert COST in " ".join(seen.stdout.split())
    assert f"by admin@{entra.tenant.domain}" in seen.stdout


def test_json_is_valid_on_standard_output_alone(terminal: Terminal) -> None:
    found = json.loads(drift(terminal, edited_by_hand("A", "P"), "--format", "json").stdout)
    assert (found["drift"], found["exitCode"], found["counts"]["change"], found["stack"]) == (True, 2, 4, "prod")
    assert found["settings"][0]["live"] == "Old Eptura"
    assert json.loads(drift(terminal, document(), "--format", "json").stdout)["settings"] == []


def test_markdown_begins_with_the_counts_and_folds_the_details(terminal: Terminal) -> None:
    text = drift(terminal, edited_by_hand("A", "P"), "--format", "md").stdout
    counts, table, details = (text.index(part) for part in ("4 to change", "| setting |", "<details>"))
    assert text.startswith("<!-- eptura-scim drift eptura/prod -->\n### Drift: 6 settings differ")
    assert counts < table < details
    assert "| `[mailNickname]` | `[objectId]` | changes it |" in text


def test_markdown_says_that_the_review_failed(terminal: Terminal) -> None:
    preview = document(diagnostics=[said("ServicePrincipal", "the login was refused", "error")])
    failed = drift(terminal, preview, "--format", "md")
    assert failed.exit_code == 1
    assert failed.stdout.startswith("### Drift review failed")
    assert "the login was refused" in failed.stdout


def test_the_page_has_every_setting(terminal: Terminal) -> None:
    seen = HtmlPage(drift(terminal, edited_by_hand("A", "P"), "--format", "html").stdout)
    told = "".join(seen.text)
    assert seen.stands_alone()
    assert all(part in told for part in ("4 to change", "Old Eptura", "[mailNickname]", COST))
    assert "`" not in told, "commands are code on a page"
