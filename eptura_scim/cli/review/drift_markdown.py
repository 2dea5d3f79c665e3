"""A drift report as Markdown for a pull request or an issue.

GitHub takes 65,536 characters for a comment, and cuts nothing: a longer one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from eptura_scim.cli.review.drift_words import CAUSES, counts, since, title, unknown_changes, what_up_does
from eptura_scim.cli.status_text import at
from eptura_scim.operations.drift import DriftReport, SettingDrift
from eptura_scim.quantities import counted

__all__ = ["LIMIT", "failed", "markdown", "marker"]

LIMIT = 60_000
"""The longest text, in characters."""

_TABLE_SHARE = 40_000
_LISTS_SHARE = 8_000
_REST = 5_000
"""Room for what stands around the details: a reason of Graph's, in which each character may need a backslash."""
_LONGEST_VALUE = 300
_LONGEST_LINE = 2_000
_NOT_PLAIN = re.compile(r"([\\`*_{}\[\]<>|#!~])")


def marker(project: str, stack: str) -> str:
    """An invisible line by which a pipeline finds its own comment again."""
    return f"<!-- eptura-scim drift {project}/{stack} -->".replace("---", "-")


def markdown(report: DriftReport) -> str:
    """The whole report, at most LIMIT characters: what does not fit is counted."""
    head = "\n".join(_head(report))
    if not report.drift:
        return "\n".join([head, *_warnings(report)])
    table = _fitting(map(_row, report.settings), _TABLE_SHARE)
    tail = ["", *_fitting([*_costs(report), *_warnings(report)], _LISTS_SHARE)]
    room = LIMIT - sum(len(line) + 1 for line in (head, *table, *tail)) - _REST
    columns = "| setting | live | declared | `pulumi up` |\n|---|---|---|---|"
    return "\n".join([head, columns, *table, *tail, *_details(report, room)])


def failed(stack: str, reason: str) -> str:
    """What a comment says where the preview failed."""
    text = reason[:_LONGEST_LINE].replace("```", "'''")
    return f"### Drift review failed{f': stack {_plain(stack)}' if stack else ''}\n\n```text\n{text}\n```\n"


def _head(report: DriftReport) -> Iterator[str]:
    yield marker(report.project, report.stack)
    yield f"### {_plain(title(report))}"
    yield ""
    said = f": **{counts(report)}**" if report.drift else ""
    yield f"Stack {_code(report.stack)} of {_code(report.project)}, {at(report.observed_at)}{said}"
    yield ""


def _row(one: SettingDrift) -> str:
    step = f" ({one.step})" if one.step else ""
    setting = f"{_plain(one.place)}<br>**{_plain(one.setting)}**{step}"
    return f"| {setting} | {_code(one.live)} | {_code(one.declared)} | {what_up_does(one)} |"


def _costs(report: DriftReport) -> Iterator[str]:
    if report.costs:
        yield "**What `pulumi up` brings with it**"
        yield ""
        yield from (f"- {_plain(cost)}" for cost in report.costs)
        yield ""


def _warnings(report: DriftReport) -> Iterator[str]:
    if report.warnings:
        yield "**The preview also warns**"
        yield ""
        yield from (f"- {_plain(warning)}" for warning in report.warnings)
        yield ""


def _details(report: DriftReport, room: int) -> Iterator[str]:
    yield "<details><summary>Details: since when, who, and the guide</summary>"
    yield ""
    yield from _fitting(map(_detail, report.settings), room)
    if problem := unknown_changes(report):
        yield ""
        yield _plain(problem)
    yield ""
    yield "</details>"
    yield ""


def _detail(one: SettingDrift) -> str:
    path = f"{one.resource} {one.path}".strip()
    guide = f"; the guide says {_code(one.guide)}" if one.guide not in {None, one.declared} else ""
    cause = "" if one.cause == "unknown" else f", {_plain(CAUSES[one.cause])}"
    changed = since(one)
    return f"- {_code(path)}{guide}{cause}{f': {_plain(changed)}' if changed else ''}"


def _fitting(lines: Iterable[str], room: int) -> list[str]:
    """As many lines as there is room for, and how many are left."""
    every = list(lines)
    kept: list[str] = []
    used = 0
    for line in every:
        used += len(line) + 1
        if used > room:
            left = counted(len(every) - len(kept), "more line")
            kept.append(f"| {left}: see `eptura-scim drift` | | | |" if line.startswith("|") else f"- {left}")
            break
        kept.append(line)
    return kept


def _code(value: object) -> str:
    """A value as code; a table's bar is written as an entity of HTML, so that it ends no cell."""
    text = " ".join(str(value).split())
    text = text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
    if "|" not in text and "`" not in text:
        return f"`{text}`"
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<code>{escaped.replace('|', '&#124;').replace('`', '&#96;')}</code>"


def _plain(value: str) -> str:
    """A text in which nothing is Markdown, a mention of a person, or a reference to an issue."""
    text = " ".join(value.split())[:_LONGEST_LINE]
    return _NOT_PLAIN.sub(r"\\\1", text).replace("@", "@\u2060")
