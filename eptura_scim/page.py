"""What the pages of HTML share: one document that loads nothing, runs no script, and prints.

Every text is escaped with `text`; a policy in the head forbids whatever might slip through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Literal

from eptura_scim.errors import ReadableError

__all__ = ["PageError", "document", "prose", "stacked_table", "text", "write_page"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 64rem; padding: 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { border-top: 2px solid var(--line); font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; }
h3 { font-size: 1.05rem; margin: 0; }
h1, h2, h3, p, li, dd { overflow-wrap: anywhere; }
p, ul { margin: .35rem 0; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: .75rem 0; width: 100%; }
caption { font-weight: 600; padding: .25rem 0; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; }
tbody th, td { overflow-wrap: anywhere; }
tbody th { min-width: 8.5rem; }
thead th { font-weight: 600; }
.guide, .drift { table-layout: fixed; }
.guide tbody th { min-width: 0; }
.guide thead th:nth-child(1) { width: 6%; } .guide thead th:nth-child(2) { width: 36%; }
.guide thead th:nth-child(4) { width: 15%; }
.drift thead th:nth-child(1) { width: 25%; } .drift thead th:nth-child(4) { width: 18%; }
.drift thead th:nth-child(5) { width: 21%; }
td.n, th.n { font-variant-numeric: tabular-nums; text-align: right; }
.result { background: var(--soft); border-left: .5rem solid; font-size: 1.15rem; font-weight: 600; margin: 1rem 0;
  padding: .75rem 1rem; }
.finding { border: 1px solid var(--line); border-left: .4rem solid; border-radius: .25rem; break-inside: avoid;
  margin: .9rem 0; padding: .75rem 1rem; }
.error { border-left-color: #c62828; } .warning { border-left-color: #b26a00; } .info { border-left-color: #1565c0; }
.good { border-left-color: #2e7d32; }
body.wide { max-width: 90rem; }
.fine { color: #2e7d32; } .bad { color: #c62828; } .doubt { color: #b26a00; } .fine, .bad, .doubt { font-weight: 600; }
.count { float: right; font-size: 1.15rem; font-weight: 700; margin-left: 1rem; }
.who { font-size: .92rem; padding-left: 1.2rem; overflow-wrap: anywhere; }
.who li { margin: .3rem 0; }
.small { font-size: .88rem; opacity: .8; }
pre { background: var(--soft); font: .85rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; padding: .75rem;
  white-space: pre-wrap; }
a { color: inherit; }
nav { border-bottom: 1px solid var(--line); margin: .5rem 0 1rem; padding-bottom: .5rem; }
nav a { display: inline-block; margin-right: 1.1rem; padding: .3rem 0; }
nav a[aria-current] { font-weight: 700; text-decoration: none; }
form { margin: .4rem 0; }
label { display: block; font-weight: 600; margin: .5rem 0 .15rem; }
input, select, button { border: 1px solid var(--line); border-radius: .25rem; box-sizing: border-box; font: inherit;
  max-width: 100%; padding: .35rem .5rem; }
input, select { width: 26rem; }
button { cursor: pointer; margin: .6rem 0 .2rem; padding: .35rem .9rem; }
details { border-bottom: 1px solid var(--line); padding: .3rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  body { padding: .75rem; }
  .count { float: none; margin: 0; }
  .stacked thead { display: none; }
  .stacked, .stacked caption, .stacked tbody, .stacked tr, .stacked td,
  .stacked tbody th { display: block; width: auto; }
  .stacked tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .stacked td, .stacked tbody th { border: 0; padding: .1rem 0; text-align: left; }
  .stacked td:empty { display: none; }
  .stacked td::before { content: attr(data-label) ": "; opacity: .8; }
  .stacked th + td:last-child::before { content: none; }
}
@media (prefers-color-scheme: dark) { .fine { color: #81c784; } .bad { color: #ef9a9a; } .doubt { color: #ffb74d; } }
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


class PageError(ReadableError):
    """A page cannot be written."""


def text(value: object) -> str:
    """A value as text of a page."""
    return escape(str(value), quote=True)


def prose(words: str) -> str:
    """Words of ours as HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text(words))


def document(title: str, about: str, parts: Iterable[str], *, wide: bool = False) -> str:
    """The whole page: its title, a line of HTML below it, and the parts of HTML that follow."""
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>",
            f"{'<body class=wide>' if wide else '<body>'}\n<header>\n<h1>{text(title)}</h1>",
            about,
            "</header>\n<main>",
            *parts,
            "</main>\n</body>\n</html>\n",
        )
    )


def stacked_table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    layout: Literal["guide", "drift"] | None = None,
) -> str:
    """A table of cells of HTML, the first of each row its heading. On a phone the cells stand below each other.

    `layout` names columns of fixed width; without it the browser chooses the widths by what the cells hold.
    """
    head = "".join(f'<th scope="col">{text(column)}</th>' for column in columns)
    kind = f"stacked {layout}" if layout else "stacked"
    return (
        f'<table class="{kind}">\n<caption>{text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>'
        f"{''.join(_row(columns, row) for row in rows)}</tbody>\n</table>"
    )


def write_page(path: Path, html: str) -> None:
    """Write a page. Raises PageError."""
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise PageError(f"--html: {path} cannot be written: {error.strerror or error}") from error


def _row(columns: Sequence[str], cells: Sequence[str]) -> str:
    first, *others = cells
    rest = "".join(
        f'<td data-label="{text(column)}">{cell}</td>' for column, cell in zip(columns[1:], others, strict=True)
    )
    return f'<tr><th scope="row">{first}</th>{rest}</tr>\n'
