"""The forms of a drift report: no value breaks one, and Markdown stays below its limit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eptura_scim.cli.review.drift_markdown import LIMIT, markdown
from eptura_scim.cli.review.drift_page import page
from eptura_scim.engine.preview_document import outcome_of
from eptura_scim.operations.drift import DriftReport, drift_report
from eptura_scim.operations.who_changed import ForeignChanges
from tests.unit.cli.html_page import HtmlPage
from tests.unit.operations.preview_samples import document, mapping, said, update

EVIL = "a|b`c`<script>alert(1)</script> **x** @someone #1\n| y"


def of_values(live: str, count: int = 1) -> DriftReport:
    """A report of so many mappings by hand with this source."""
    users = {f"target{number}": mapping(live) for number in range(count)}
    steps = update(
        "SynchronizationSchema", {"users": users}, {"users": {}}, **{f"users__{name}": "delete" for name in users}
    )
    outcome = outcome_of(document(steps, diagnostics=[said("SynchronizationSchema", live)]))
    now = datetime(2026, 11, 27, tzinfo=UTC)
    return drift_report(outcome, ForeignChanges(), ("notPermitted", live), project="eptura", stack="prod", now=now)


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


def test_the_page_stands_alone_and_escapes_values() -> None:
    seen = HtmlPage(page(of_values(EVIL)))
    assert seen.stands_alone()
    assert "<script>alert(1)</script>" in "".join(seen.text), "it is shown as it is"
