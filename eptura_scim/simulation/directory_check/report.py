"""What a check of a directory found, as data for pipelines and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eptura_scim.report import Report
from eptura_scim.simulation.directory_check.finding_codes import FINDINGS, Code, Severity
from eptura_scim.simulation.directory_check.result import CheckResult, Finding
from eptura_scim.types import Kind

__all__ = ["DirectoryReport", "FindingReport", "PhoneReport", "directory_report", "print_report"]

_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "yellow", "info": "cyan"}
_SHOWN_SHAPES = 12


class ExampleReport(Report):
    """An object that a finding was made at."""

    place: str
    who: str
    detail: str


class FindingReport(Report):
    """Something that was found."""

    code: Code
    severity: Severity
    kind: Kind
    attribute: str
    count: int
    values: int | None
    """How many values are shared, where the finding is that values are."""
    title: str
    meaning: str
    remedy: str
    note: str
    examples: tuple[ExampleReport, ...]


class PhoneReport(Report):
    """A way of writing telephone numbers, and what is sent of it."""

    attribute: str
    shape: str
    form: Literal["rfc3966", "e164", "other", "nothing"]
    count: int
    example: str
    sent: str


class TotalsReport(Report):
    """How many users, or groups."""

    seen: int
    in_scope: int
    failing: int


class DirectoryReport(Report):
    """Everything that a check found."""

    source: str
    mappings: str
    checked: str
    """When, in ISO 8601."""
    users: TotalsReport
    groups: TotalsReport
    failing_share: float
    """Failing objects among those in scope, 0 to 1."""
    quarantine: str
    """Why the first cycle would end in quarantine; empty where it would not."""
    worst: Severity | None
    findings: tuple[FindingReport, ...]
    phones: tuple[PhoneReport, ...]

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        failing = self.users.failing + self.groups.failing
        in_scope = self.users.in_scope + self.groups.in_scope
        if self.quarantine:
            return f"Not ready: the first cycle would end in quarantine. {self.quarantine}."
        if failing:
            return f"{failing:,} of {in_scope:,} users and groups in scope would fail ({self.failing_share:.2%})."
        if self.worst == "error":
            return "Nobody would fail, but there are errors to look at."
        return f"Ready: nothing in the way of {in_scope:,} users and groups in scope."


def directory_report(
    result: CheckResult, *, source: str, mappings: str, checked: str, place: Callable[[int], str]
) -> DirectoryReport:
    """The report of a result; `place` says where an offset is in the source."""
    users, groups = (
        TotalsReport(seen=totals.seen, in_scope=totals.in_scope, failing=totals.failing)
        for totals in (result.totals["User"], result.totals["Group"])
    )
    return DirectoryReport(
        source=source,
        mappings=mappings,
        checked=checked,
        users=users,
        groups=groups,
        failing_share=result.failing / result.in_scope if result.in_scope else 0.0,
        quarantine=result.quarantine,
        worst=result.worst,
        findings=tuple(_finding(one, place) for one in result.findings),
        phones=tuple(
            PhoneReport(
                attribute=key.attribute,
                shape=key.shape,
                form=key.form,
                count=seen.times,
                example=seen.number,
                sent=seen.sent,
            )
            for key, seen in result.phones
        ),
    )


def _finding(found: Finding, place: Callable[[int], str]) -> FindingReport:
    about = FINDINGS[found.code]
    return FindingReport(
        code=found.code,
        severity=found.severity,
        kind=found.kind,
        attribute=found.attribute,
        count=found.count,
        values=found.values,
        title=about.title,
        meaning=about.meaning,
        remedy=about.remedy,
        note=found.note,
        examples=tuple(
            ExampleReport(place=place(example.offset), who=example.who, detail=example.detail)
            for example in found.examples
        ),
    )


def print_report(report: DirectoryReport, console: Console) -> None:
    """Print it for people."""
    console.print(Text(f"{report.source}, {report.mappings}"))
    console.print(_totals(report))
    if report.findings:
        console.print(_findings(report))
    if report.phones:
        console.print(_phones(report))
    console.print(Text(report.sentence, style="bold"))


def _totals(report: DirectoryReport) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("")
    for name in ("seen", "in scope", "would fail"):
        table.add_column(name, justify="right")
    for name, totals in (("users", report.users), ("groups", report.groups)):
        table.add_row(name, *(f"{count:,}" for count in (totals.seen, totals.in_scope, totals.failing)))
    return table


def _findings(report: DirectoryReport) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("severity", no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("finding", ratio=2, overflow="fold")
    table.add_column("for example", ratio=3, overflow="fold")
    for found in report.findings:
        about = Text.assemble((found.title, "bold"), f"\n{found.code}")
        about.append(f", {found.attribute}" if found.attribute else "")
        about.append(f"\n{found.note}" if found.note else "")
        values = f"\n{found.values:,} values" if found.values else ""
        examples = "\n".join(" ".join(filter(None, (one.place + ":", one.who, one.detail))) for one in found.examples)
        severity = Text(found.severity, style=_STYLES[found.severity])
        table.add_row(severity, f"{found.count:,}{values}", about, Text(examples))
    return table


def _phones(report: DirectoryReport) -> Table:
    table = Table(title="Telephone numbers by the way they are written", title_justify="left", box=box.SIMPLE)
    for name in ("attribute", "written", "for example", "sent", "as"):
        table.add_column(name, overflow="fold")
    table.add_column("count", justify="right", no_wrap=True)
    for phone in report.phones[:_SHOWN_SHAPES]:
        cells = (phone.attribute, phone.shape, phone.example, phone.sent or "nothing", phone.form)
        table.add_row(*map(Text, cells), f"{phone.count:,}")
    if more := report.phones[_SHOWN_SHAPES:]:
        table.add_row(Text(f"{len(more)} more ways"), "", "", "", "", f"{sum(phone.count for phone in more):,}")
    return table
