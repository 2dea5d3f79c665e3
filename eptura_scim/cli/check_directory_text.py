"""A check of a directory for people at a terminal: it fits 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from eptura_scim.quantities import counted
from eptura_scim.simulation.directory_check.finding_codes import Severity
from eptura_scim.simulation.directory_check.report import DirectoryReport, ExampleReport, FindingReport

__all__ = ["print_report"]

_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_SHOWN_SHAPES = 12


def print_report(report: DirectoryReport, console: Console) -> None:
    """Print a report."""
    stack = f", stack {report.stack}" if report.stack and report.stack not in report.mappings.split() else ""
    console.print(Text(f"{report.source}, {report.mappings}{stack}"))
    console.print(_totals(report))
    for found in report.findings:
        for line in _finding(found):
            console.print(line)
        console.print()
    for table in _phones(report):
        console.print(table)
    if report.good_export:
        console.print(Text("A good export, in PowerShell:"))
        for command in report.good_export:
            console.print(Text(command), soft_wrap=True)
        console.print()
    console.print(Text(report.sentence, style="bold"))


def _totals(report: DirectoryReport) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("")
    for name in ("seen", "in scope", "would fail"):
        table.add_column(name, justify="right")
    for name, totals in (("users", report.users), ("groups", report.groups)):
        table.add_row(name, *(f"{count:,}" for count in (totals.seen, totals.in_scope, totals.failing)))
    return table


def _finding(found: FindingReport) -> Iterator[Text | Padding]:
    values = f" with {counted(found.values, 'value')}" if found.values else ""
    count = f": {found.counted}{values}" if found.count else ""
    yield Text.assemble((found.severity, _STYLES[found.severity]), " ", (found.title, "bold"), count)
    about = f"{found.code}, {found.attribute}" if found.attribute else found.code
    yield _indented(Text(f"{about}: {found.note}" if found.note else about))
    if found.severity == "error":
        yield _indented(Text(f"To do: {found.remedy}"))
    for example in found.examples:
        yield _indented(_example(example))


def _example(example: ExampleReport) -> Text:
    said = ", ".join(filter(None, (example.who, example.detail)))
    text = Text(": ".join(filter(None, (example.place, said))))
    for number, object_id in enumerate(example.ids):
        link = example.links[number] if example.links else ""
        text.append("\n" if number == 0 else ", ")
        text.append(object_id, Style(link=link or None, dim=True))
    return text


def _indented(text: Text) -> Padding:
    text.overflow = "fold"
    return Padding(text, (0, 0, 0, 2), expand=False)


def _phones(report: DirectoryReport) -> Iterator[Table]:
    """A table for each attribute, so that five columns fit a terminal."""
    by_attribute = attrgetter("attribute")
    for attribute, same in groupby(sorted(report.phones, key=by_attribute), key=by_attribute):
        phones = list(same)
        table = Table(title=f"{attribute} by the way it is written", title_justify="left", box=box.SIMPLE)
        for name in ("written", "for example", "sent", "as"):
            table.add_column(name, overflow="fold")
        table.add_column("count", justify="right", no_wrap=True)
        for phone in phones[:_SHOWN_SHAPES]:
            cells = (phone.shape, phone.example, phone.sent or "nothing", phone.form)
            table.add_row(*map(Text, cells), f"{phone.count:,}")
        if more := phones[_SHOWN_SHAPES:]:
            row = (Text(counted(len(more), "more way")), "", "", "", f"{sum(phone.count for phone in more):,}")
            table.add_row(*row)
        yield table
