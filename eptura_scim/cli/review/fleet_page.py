"""A fleet as a page for a team's wall."""

from __future__ import annotations

from collections.abc import Iterator

from eptura_scim.cli.review.fleet_words import (
    drift,
    failures,
    last_success,
    problems,
    provisioning,
    summary,
    token,
    versions,
)
from eptura_scim.cli.status_text import at
from eptura_scim.operations.fleet import FleetReport, StackReport
from eptura_scim.page import document, prose, stacked_table, text

__all__ = ["fleet_page"]

_COLUMNS = ("Stack", "Drift", "Provisioning", "Last success", "Failed", "Token", "Plugins")


def fleet_page(report: FleetReport) -> str:
    """The whole page."""
    about = (
        f'<p class="small">{text(report.project)}, {at(report.observed_at)}, eptura-scim {text(report.eptura_scim)}, '
        f"Pulumi {text(report.pulumi)}</p>"
    )
    return document("Eptura SCIM provisioning: all stacks", about, _parts(report), wide=True)


def _parts(report: FleetReport) -> Iterator[str]:
    yield f'<p class="result {"warning" if report.exit_code else "good"}">{text(summary(report))}</p>'
    yield stacked_table("Stacks", _COLUMNS, (_row(report, one) for one in report.stacks))
    for one in report.stacks:
        settings = one.drift.settings if one.drift else ()
        lines = [
            f"{setting.place}, {setting.setting}: live {setting.live}, declared {setting.declared}"
            for setting in settings
        ]
        if told := [*map(prose, problems(one)), *map(text, lines)]:
            yield f"<section>\n<h2>{text(one.stack)}</h2>\n<ul>"
            yield from (f"<li>{line}</li>" for line in told)
            yield "</ul>\n</section>"


def _row(report: FleetReport, one: StackReport) -> tuple[str, ...]:
    drifted = "fine" if one.drift and not one.drift.drift else "bad"
    healthy = "fine" if one.status and not one.status.exit_code else "bad" if one.exit_code else "doubt"
    expires = one.status.token if one.status else None
    return (
        text(one.stack),
        f'<span class="{drifted}">{text(drift(one))}</span>',
        f'<span class="{healthy}">{text(provisioning(one))}</span>',
        text(last_success(one, report.observed_at)),
        text(failures(one)),
        f'<span class="{"doubt" if expires and expires.warned else ""}">{text(token(one, report.observed_at))}</span>',
        text(versions(one)),
    )
