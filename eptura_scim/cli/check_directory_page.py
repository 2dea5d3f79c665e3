"""A check of a directory as one page of HTML: it loads nothing, runs no script, and prints.

Everything in it that comes from the directory is escaped; a policy in its head forbids whatever might slip through.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby, zip_longest

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
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 64rem; padding: 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { border-top: 2px solid var(--line); font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; }
h3 { font-size: 1.05rem; margin: 0; }
p, ul { margin: .35rem 0; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .75rem 0; width: 100%; }
caption { font-weight: 600; padding: .25rem 0; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
thead th { font-weight: 600; }
td.n, th.n { font-variant-numeric: tabular-nums; text-align: right; }
.result { background: var(--soft); border-left: .5rem solid; font-size: 1.15rem; font-weight: 600; margin: 1rem 0;
  padding: .75rem 1rem; }
.finding { border: 1px solid var(--line); border-left: .4rem solid; border-radius: .25rem; break-inside: avoid;
  margin: .9rem 0; padding: .75rem 1rem; }
.error { border-left-color: #c62828; } .warning { border-left-color: #b26a00; } .info { border-left-color: #1565c0; }
.good { border-left-color: #2e7d32; }
.count { float: right; font-size: 1.15rem; font-weight: 700; margin-left: 1rem; }
.who { font-size: .92rem; padding-left: 1.2rem; overflow-wrap: anywhere; }
.who li { margin: .3rem 0; }
.small { font-size: .88rem; opacity: .8; }
pre { background: var(--soft); font: .85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; padding: .75rem;
  white-space: pre-wrap; }
a { color: inherit; }
@media (max-width: 40rem) {
  body { padding: .75rem; }
  .count { float: none; margin: 0; }
  .phones thead { display: none; }
  .phones, .phones caption, .phones tbody, .phones tr, .phones td { display: block; width: auto; }
  .phones tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .phones td { border: 0; padding: .1rem 0; text-align: left; }
  .phones td::before { content: attr(data-label) ": "; opacity: .8; }
}
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; max-width: none; padding: 0; }
  .finding, .result { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3, caption { break-after: avoid; }
  thead { display: table-header-group; }
  tr, li { break-inside: avoid; }
  a { text-decoration: none; }
}
@page { margin: 15mm; }
"""


def page(report: DirectoryReport) -> str:
    """The whole page."""
    title = "Check before go-live: Eptura SCIM provisioning"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>",
            _about(report),
            "</header>\n<main>",
            f'<p class="result {report.worst or "good"}">{_text(report.sentence)}</p>',
            _totals(report),
            *_findings(report.findings),
            *_phones(report.phones),
            *_good_export(report.good_export),
            "</main>\n</body>\n</html>\n",
        )
    )


def _text(value: object) -> str:
    return escape(str(value), quote=True)


def _about(report: DirectoryReport) -> str:
    stack = f"stack <strong>{_text(report.stack)}</strong>, " if report.stack else ""
    return (
        f'<p class="small">{_text(report.source)}, {stack}{_text(report.mappings)}, {_text(report.checked)}. '
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
        f'<table>\n<caption>What was looked at</caption>\n<thead><tr><th scope="col">Kind</th>{head}</tr></thead>\n'
        f"<tbody>{rows}</tbody>\n</table>"
    )


def _findings(findings: Iterable[FindingReport]) -> Iterable[str]:
    for severity, same in groupby(findings, key=lambda found: found.severity):
        yield f"<section>\n<h2>{_HEADINGS[severity]}</h2>"
        yield from map(_finding, same)
        yield "</section>"


def _finding(found: FindingReport) -> str:
    about = f" (<code>{_text(found.attribute)}</code>)" if found.attribute else ""
    count = _text(found.counted) if found.count else ""
    values = f" with {found.values:,} value{'s' * (found.values != 1)}" if found.values else ""
    examples = "".join(map(_example, found.examples))
    listed = f'<p class="small">For example:</p><ul class="who">{examples}</ul>' if examples else ""
    note = f"<p>{_text(found.note)}</p>" if found.note else ""
    return (
        f'<article class="finding {found.severity}">\n<span class="count">{count}{values}</span>\n'
        f"<h3>{_text(found.title)}{about}</h3>\n<p>{_text(found.meaning)}</p>{note}\n"
        f"<p><strong>To do:</strong> {_text(found.remedy)}</p>\n{listed}\n"
        f'<p class="small">{found.severity}, <code>{found.code}</code></p>\n</article>'
    )


def _example(one: ExampleReport) -> str:
    ids = ", ".join(
        f'<a href="{_text(link)}"><code>{_text(object_id)}</code></a>' if link else f"<code>{_text(object_id)}</code>"
        for object_id, link in zip_longest(one.ids, one.links, fillvalue="")
    )
    return (
        f"<li>{_text(one.who)}{': ' if one.who and one.detail else ''}{_text(one.detail)} "
        f'<span class="small">({_text(one.place)}{", " if ids else ""}{ids})</span></li>'
    )


def _good_export(commands: tuple[str, ...]) -> Iterable[str]:
    if commands:
        yield "<section>\n<h2>A good export</h2>\n<p>In PowerShell, with the module Microsoft.Graph:</p>"
        yield from (f"<pre>{_text(command)}</pre>" for command in commands)
        yield "</section>"


def _phones(phones: tuple[PhoneReport, ...]) -> Iterable[str]:
    if not phones:
        return
    columns = ("Attribute", "Written as", "For example", "Sent", "That is")
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    yield '<section>\n<h2>Telephone numbers</h2>\n<table class="phones">'
    yield "<caption>By the way they are written</caption>"
    yield f'<thead><tr>{head}<th scope="col" class="n">Count</th></tr></thead>\n<tbody>'
    for phone in phones[:_SHOWN_SHAPES]:
        cells = (phone.attribute, phone.shape, phone.example, phone.sent or "nothing")
        cells_of = "".join(
            f'<td data-label="{name}"><code>{_text(cell)}</code></td>'
            for name, cell in zip(columns, cells, strict=False)
        )
        yield (
            f'<tr>{cells_of}<td data-label="{columns[-1]}">{_FORMS[phone.form]}</td>'
            f'<td class="n" data-label="Count">{phone.count:,}</td></tr>'
        )
    yield "</tbody>\n</table>"
    if more := phones[_SHOWN_SHAPES:]:
        yield f"<p>{len(more):,} more ways, {sum(phone.count for phone in more):,} numbers.</p>"
    yield "</section>"
