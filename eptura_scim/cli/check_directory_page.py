"""A check of a directory as one page of HTML: it loads nothing, runs no script, and prints.

Everything in it that comes from the directory is escaped; a policy in its head forbids whatever might slip through.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby

from eptura_scim.simulation.directory_check.finding_codes import Severity
from eptura_scim.simulation.directory_check.report import DirectoryReport, FindingReport, PhoneReport

__all__ = ["page"]

_HEADINGS: dict[Severity, str] = {
    "error": "Errors: to be put right before go-live",
    "warning": "Warnings: to be looked at",
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
td.n, th.n { font-variant-numeric: tabular-nums; text-align: right; }
.result { background: var(--soft); border-left: .5rem solid; font-size: 1.15rem; font-weight: 600; margin: 1rem 0;
  padding: .75rem 1rem; }
.finding { border: 1px solid var(--line); border-left: .4rem solid; border-radius: .25rem; break-inside: avoid;
  margin: .9rem 0; padding: .75rem 1rem; }
.error { border-left-color: #c62828; } .warning { border-left-color: #b26a00; } .info { border-left-color: #1565c0; }
.good { border-left-color: #2e7d32; }
.count { float: right; font-size: 1.15rem; font-weight: 700; margin-left: 1rem; }
.who { font-size: .92rem; padding-left: 1.2rem; overflow-wrap: anywhere; }
.small { font-size: .88rem; opacity: .8; }
@media print { body { max-width: none; padding: 0; } :root { color-scheme: light; } }
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
            f'<p class="small">{_text(report.source)}, {_text(report.mappings)}, {_text(report.checked)}. '
            "This page names people: share it with care.</p>\n</header>\n<main>",
            f'<p class="result {report.worst or "good"}">{_text(report.sentence)}</p>',
            _totals(report),
            *_findings(report.findings),
            *_phones(report.phones),
            "</main>\n</body>\n</html>\n",
        )
    )


def _text(value: object) -> str:
    return escape(str(value), quote=True)


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
    values = f" with {found.values:,} value{'s' * (found.values != 1)}" if found.values else ""
    things = f"{found.kind.lower()}{'s' * (found.count != 1)}"
    examples = "".join(
        f"<li>{_text(one.who)}{': ' if one.who and one.detail else ''}{_text(one.detail)} "
        f'<span class="small">({_text(one.place)})</span></li>'
        for one in found.examples
    )
    listed = f'<p class="small">For example:</p><ul class="who">{examples}</ul>' if examples else ""
    note = f"<p>{_text(found.note)}</p>" if found.note else ""
    return (
        f'<article class="finding {found.severity}">\n<span class="count">{found.count:,} {things}{values}</span>\n'
        f"<h3>{_text(found.title)}{about}</h3>\n<p>{_text(found.meaning)}</p>{note}\n"
        f"<p><strong>To do:</strong> {_text(found.remedy)}</p>\n{listed}\n"
        f'<p class="small">{found.severity}, <code>{found.code}</code></p>\n</article>'
    )


def _phones(phones: tuple[PhoneReport, ...]) -> Iterable[str]:
    if not phones:
        return
    columns = ("Attribute", "Written as", "For example", "Sent", "That is")
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    yield "<section>\n<h2>Telephone numbers</h2>\n<table>\n<caption>By the way they are written</caption>"
    yield f'<thead><tr>{head}<th scope="col" class="n">Count</th></tr></thead>\n<tbody>'
    for phone in phones[:_SHOWN_SHAPES]:
        cells = (phone.attribute, phone.shape, phone.example, phone.sent or "nothing")
        columns_of = "".join(f"<td><code>{_text(cell)}</code></td>" for cell in cells)
        yield f'<tr>{columns_of}<td>{_FORMS[phone.form]}</td><td class="n">{phone.count:,}</td></tr>'
    yield "</tbody>\n</table>"
    if more := phones[_SHOWN_SHAPES:]:
        yield f"<p>{len(more):,} more ways, {sum(phone.count for phone in more):,} numbers.</p>"
    yield "</section>"
