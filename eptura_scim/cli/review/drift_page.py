"""A drift report as a page."""

from __future__ import annotations

from collections.abc import Iterator

from eptura_scim.cli.review.drift_words import CAUSES, counts, since, title, unknown_changes, what_up_does
from eptura_scim.cli.status_text import at
from eptura_scim.operations.drift import DriftReport, SettingDrift
from eptura_scim.page import document, prose, stacked_table, text

__all__ = ["page"]

_COLUMNS = ("Setting", "Live", "Declared", "pulumi up", "Why")


def page(report: DriftReport) -> str:
    """The whole page."""
    return document("Drift review: Eptura SCIM provisioning", _about(report), _parts(report), wide=True)


def _about(report: DriftReport) -> str:
    return (
        f'<p class="small">stack <strong>{text(report.stack)}</strong> of {text(report.project)}, '
        f"{at(report.observed_at)}, from <code>pulumi preview</code></p>"
    )


def _parts(report: DriftReport) -> Iterator[str]:
    said = f"<br>{text(counts(report))}" if report.drift else ""
    yield f'<p class="result {"warning" if report.drift else "good"}">{text(title(report))}{said}</p>'
    if report.settings:
        yield stacked_table("What differs", _COLUMNS, map(_row, report.settings), layout="drift")
    yield from _section("What `pulumi up` brings with it", report.costs)
    yield from _section("The preview also warns", report.warnings)
    if problem := unknown_changes(report):
        yield f'<p class="small">{text(problem)}</p>'


def _row(one: SettingDrift) -> tuple[str, ...]:
    step = f' <span class="small">{text(one.step)}</span>' if one.step else ""
    guide = ""
    if one.guide is not None and one.guide != one.declared:
        guide = f'<br><span class="small">the guide: <code>{text(one.guide)}</code></span>'
    return (
        f'<span class="small">{text(one.place)}</span><br>{text(one.setting)}{step}',
        f"<code>{text(one.live)}</code>",
        f"<code>{text(one.declared)}</code>{guide}",
        prose(what_up_does(one)),
        f'{prose(CAUSES[one.cause])}<br><span class="small">{text(since(one))}</span>',
    )


def _section(heading: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield f"<section>\n<h2>{prose(heading)}</h2>\n<ul>"
        yield from (f"<li>{prose(line)}</li>" for line in lines)
        yield "</ul>\n</section>"
