"""A report on the guide as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from eptura_scim.cli import status_text
from eptura_scim.cli.review.guide_words import (
    MARKS,
    RESULTS,
    change,
    changes_problem,
    failure,
    failures_problem,
    headline,
)
from eptura_scim.operations.guide import GuideLine, GuideReport
from eptura_scim.operations.guide_checks import Result
from eptura_scim.page import document, prose, stacked_table, text

__all__ = ["guide_page"]

_COLUMNS = ("Line", "The guide asks", "Live", "Result")
_CLASSES: dict[Result, str] = {"ok": "fine", "chosen": "fine", "differs": "bad", "unknown": "doubt", "nothing": "small"}


def guide_page(report: GuideReport) -> str:
    """The whole page."""
    return document("Eptura's guide, line by line", _about(report), _parts(report), wide=True)


def _about(report: GuideReport) -> str:
    name = f"<strong>{text(report.application)}</strong>, " if report.application else ""
    return (
        f'<p class="small">{name}service principal <code>{text(report.service_principal_id)}</code>, '
        f"{status_text.at(report.observed_at)}</p>"
    )


def _parts(report: GuideReport) -> Iterator[str]:
    kind = "error" if report.differ else "warning" if report.unknown else "good"
    yield f'<p class="result {kind}">{text(headline(report))}</p>'
    said, _ = status_text.headline(report.status)
    now = ((text(label), prose(told)) for label, told in status_text.rows(report.status))
    yield f"<section>\n<h2>{text(said)}</h2>"
    yield stacked_table("The current cycle", ("What", "Now"), now)
    yield "</section>"
    changes = ((found.time, change(found)) for found in report.changes)
    yield from _logged("Last changes of the configuration", changes, changes_problem(report))
    failures = ((found.time, failure(found)) for found in report.failures)
    names = "This page names people: share it with care."
    yield from _logged("Who failed last", failures, failures_problem(report), names)
    yield stacked_table("The guide", _COLUMNS, map(_row, report.lines), layout="guide")


def _logged(title: str, entries: Iterable[tuple[datetime, str]], problem: str, note: str = "") -> Iterator[str]:
    """Entries of a log, and why the log could not be read."""
    if items := [f"<li>{status_text.at(time)} {text(said)}</li>" for time, said in entries]:
        yield f'<section>\n<h2>{title}</h2>\n<ul class="who">'
        yield from items
        yield f'</ul>\n<p class="small">{note}</p>\n</section>' if note else "</ul>\n</section>"
    if problem:
        yield f'<p class="small">{text(problem)}</p>'


def _row(line: GuideLine) -> tuple[str, ...]:
    return (
        text(line.step),
        f'<span class="small">{text(line.place)}</span><br>{text(line.asks)}',
        f"<code>{text(line.live)}</code>" if line.live else "",
        f'<span class="{_CLASSES[line.result]}">{MARKS[line.result]} {text(RESULTS[line.result])}</span>',
    )
