"""A check of a directory as a page."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, zip_longest

from eptura_scim.page import document, text
from eptura_scim.quantities import counted
from eptura_scim.simulation.directory_check.finding_codes import Severity
from eptura_scim.simulation.directory_check.report import (
    DirectoryReport,
    ExampleReport,
    FindingReport,
    PhoneReport,
)

__all__ = ["page"]

_HEADINGS: dict[Severity, str] = {
    "error": "Errors: put these right before go-live",
    "warning": "Warnings: look at these",
    "info": "Good to know",
}
_FORMS = {"rfc3966": "RFC 3966", "e164": "E.164, without tel:", "other": "neither", "nothing": "not sent"}
_SHOWN_SHAPES = 40


def page(report: DirectoryReport) -> str:
    """The whole page."""
    return document(
        "Check before go-live: Eptura SCIM provisioning",
        _about(report),
        (
            f'<p class="result {report.worst or "good"}">{text(report.sentence)}</p>',
            _totals(report),
            *_findings(report.findings),
            *_phones(report.phones),
            *_good_export(report.good_export),
        ),
    )


def _about(report: DirectoryReport) -> str:
    stack = f"stack <strong>{text(report.stack)}</strong>, " if report.stack else ""
    return (
        f'<p class="small">{text(report.source)}, {stack}{text(report.mappings)}, {text(report.checked)}. '
        "This page names people: share it with care.</p>"
    )


def _totals(report: DirectoryReport) -> str:
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td class="n">{totals.seen:,}</td><td class="n">{totals.in_scope:,}</td>'
        f'<td class="n">{totals.failing:,}</td></tr>'
        for name, totals in (("Users", report.users), ("Groups", report.groups))
    )
    head = "".join(f'<th scope="col" class="n">{name}</th>' for name in ("Seen", "In scope", "Would fail"))
    return (
        f'<table>\n<caption>What was checked</caption>\n<thead><tr><th scope="col">Kind</th>{head}</tr></thead>\n'
        f"<tbody>{rows}</tbody>\n</table>"
    )


def _findings(findings: Iterable[FindingReport]) -> Iterable[str]:
    for severity, same in groupby(findings, key=lambda found: found.severity):
        yield f"<section>\n<h2>{_HEADINGS[severity]}</h2>"
        yield from map(_finding, same)
        yield "</section>"


def _finding(found: FindingReport) -> str:
    about = f" (<code>{text(found.attribute)}</code>)" if found.attribute else ""
    count = text(found.counted) if found.count else ""
    values = f" with {counted(found.values, 'value')}" if found.values else ""
    examples = "".join(map(_example, found.examples))
    listed = f'<p class="small">For example:</p><ul class="who">{examples}</ul>' if examples else ""
    note = f"<p>{text(found.note)}</p>" if found.note else ""
    return (
        f'<article class="finding {found.severity}">\n<span class="count">{count}{values}</span>\n'
        f"<h3>{text(found.title)}{about}</h3>\n<p>{text(found.meaning)}</p>{note}\n"
        f"<p><strong>To do:</strong> {text(found.remedy)}</p>\n{listed}\n"
        f'<p class="small">{found.severity}, <code>{found.code}</code></p>\n</article>'
    )


def _example(one: ExampleReport) -> str:
    ids = ", ".join(
        f'<a href="{text(link)}"><code>{text(object_id)}</code></a>' if link else f"<code>{text(object_id)}</code>"
        for object_id, link in zip_longest(one.ids, one.links, fillvalue="")
    )
    return (
        f"<li>{text(one.who)}{': ' if one.who and one.detail else ''}{text(one.detail)} "
        f'<span class="small">({", ".join(filter(None, (text(one.place or ""), ids)))})</span></li>'
    )


def _good_export(commands: tuple[str, ...]) -> Iterable[str]:
    if commands:
        yield "<section>\n<h2>A good export</h2>\n<p>In PowerShell, with the module Microsoft.Graph:</p>"
        yield from (f"<pre>{text(command)}</pre>" for command in commands)
        yield "</section>"


def _phones(phones: tuple[PhoneReport, ...]) -> Iterable[str]:
    if not phones:
        return
    columns = ("Attribute", "Written as", "For example", "Sent", "That is")
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    yield '<section>\n<h2>Telephone numbers</h2>\n<table class="stacked">'
    yield "<caption>By the way they are written</caption>"
    yield f'<thead><tr>{head}<th scope="col" class="n">Count</th></tr></thead>\n<tbody>'
    for phone in phones[:_SHOWN_SHAPES]:
        cells = (phone.attribute, phone.shape, phone.example, phone.sent or "nothing")
        cells_of = "".join(
            f'<td data-label="{name}"><code>{text(cell)}</code></td>'
            for name, cell in zip(columns, cells, strict=False)
        )
        yield (
            f'<tr>{cells_of}<td data-label="{columns[-1]}">{_FORMS[phone.form]}</td>'
            f'<td class="n" data-label="Count">{phone.count:,}</td></tr>'
        )
    yield "</tbody>\n</table>"
    if more := phones[_SHOWN_SHAPES:]:
        numbers = counted(sum(phone.count for phone in more), "number")
        yield f"<p>{counted(len(more), 'more way')}, {numbers}.</p>"
    yield "</section>"
