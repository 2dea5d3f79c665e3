"""The forms of a drift report: no value breaks one, and Markdown stays below its limit."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from eptura_scim.cli.review.drift_markdown import LIMIT, markdown
from eptura_scim.cli.review.drift_page import page
from eptura_scim.cli.review.drift_text import block
from eptura_scim.cli.review.drift_words import what_up_does
from eptura_scim.engine.preview_document import outcome_of
from eptura_scim.engine.user_stack import StackResource
from eptura_scim.graph.secrets import CONNECTION_FAILS
from eptura_scim.operations.drift import DriftReport, drift_report
from eptura_scim.operations.drift_cause import LastRun
from eptura_scim.operations.who_changed import ForeignChanges, LogAccess
from eptura_scim.types import Json
from tests.unit.cli.html_page import HtmlPage
from tests.unit.operations.preview_samples import document, mapping, said, update, urn

EVIL = "a|b`c`<script>alert(1)</script> **x** @someone #1\n| y"


def of_values(live: str, count: int = 1) -> DriftReport:
    """A report of so many mappings by hand with this source."""
    users = {f"target{number}": mapping(live) for number in range(count)}
    steps = update(
        "SynchronizationSchema", {"users": users}, {"users": {}}, **{f"users__{name}": "delete" for name in users}
    )
    return report_of(document(steps, diagnostics=[said("SynchronizationSchema", live)]), ("notPermitted", live))


def report_of(
    text: str,
    audit: tuple[LogAccess, str] = ("read", ""),
    last_run: LastRun = LastRun(),  # noqa: B008  (never changed)
) -> DriftReport:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    return drift_report(
        outcome_of(text), ForeignChanges(), audit, project="eptura", stack="prod", now=now, last_run=last_run
    )


@pytest.mark.parametrize(("live", "count"), [("[jobTitle]", 3000), ("x|y`z" * 5000, 40), (EVIL * 900, 150)])
def test_markdown_stays_below_its_limit_and_counts_missing_rows(live: str, count: int) -> None:
    text = markdown(of_values(live, count))
    assert len(text) <= LIMIT
    assert "</details>" in text
    if count > 100:
        assert "more lines" in text


def test_no_value_breaks_the_markdown_or_mentions_anyone() -> None:
    text = markdown(of_values(EVIL))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 3, "head, line, one row"
    assert "<script>" not in text
    assert "@someone" not in text.replace("<code>", "").partition("**What")[2]


def test_wrapped_lines_of_a_list_begin_below_its_text() -> None:
    screen = io.StringIO()
    console = Console(width=80, file=screen)
    console.print(block(of_values("all users " * 12)))
    lines = [line.rstrip() for line in screen.getvalue().splitlines()]
    first = next(number for number, line in enumerate(lines) if line.startswith("  - all"))
    assert lines[first + 1].startswith("    users all")
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("in_state", "live", "told"),
    [
        ("v1.a.b", CONNECTION_FAILS, ["Where it was revoked", "pulumi config set --secret secretToken"]),
        ("v1.c.d", CONNECTION_FAILS, ["saves nothing"]),
        ("v1.c.d", "v1.c.d", ["tests the stack's token", "saves nothing"]),
    ],
)
def test_a_token_is_saved_only_if_its_test_passes(in_state: str, live: str, told: list[str]) -> None:
    path = "secretTokenFingerprint"
    text = document(update("SynchronizationSecrets", {path: live}, {path: "v1.a.b"}, **{path: "update"}))
    last = LastRun.of([StackResource(urn("SynchronizationSecrets"), "1", inputs={path: in_state})])
    words = what_up_does(report_of(text, last_run=last).settings[0])
    assert [part for part in told if part not in words] == []
    assert ("revoked" in words) is ("revoked" in told[0])


@pytest.mark.parametrize(
    ("kind", "live", "wanted", "told"),
    [
        ("SynchronizationJobState", {"provisioningStatus": "Quarantine"}, {"provisioningStatus": "On"}, "quarantine"),
        ("ServicePrincipal", {}, {"useExisting": True}, "Entra stays as it is"),
    ],
)
def test_what_up_does_beyond_a_change_of_the_value_is_told(kind: str, live: Json, wanted: Json, told: str) -> None:
    report = report_of(document(update(kind, live, wanted, **dict.fromkeys(wanted, "update"))))
    assert told in what_up_does(report.settings[0])


def test_the_page_stands_alone_and_escapes_values() -> None:
    seen = HtmlPage(page(of_values(EVIL)))
    assert seen.stands_alone()
    assert "<script>alert(1)</script>" in "".join(seen.text), "it is shown as it is"
