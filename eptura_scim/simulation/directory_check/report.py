"""What a check of a directory found, as data for pipelines, pages and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from eptura_scim.graph.ids import is_object_id
from eptura_scim.quantities import counted
from eptura_scim.report import Report
from eptura_scim.simulation.directory_check.finding_codes import FINDINGS, Code, Severity
from eptura_scim.simulation.directory_check.result import CheckResult, DirectoryFinding
from eptura_scim.simulation.directory_check.summary import Example
from eptura_scim.types import KINDS, Kind

__all__ = [
    "DirectoryReport",
    "ExampleReport",
    "FindingReport",
    "PhoneReport",
    "TotalsReport",
    "directory_report",
    "portal_link",
]

_PAGES: dict[Kind, str] = {
    "User": "Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId",
    "Group": "Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview/groupId",
}


class ExampleReport(Report):
    """An object that a finding was made at, or the objects that share a value."""

    place: str | None
    """File and line; null where the tenant was read, whose objects have names and ids alone."""
    who: str
    detail: str
    ids: tuple[str, ...] = ()
    """Object ids."""
    links: tuple[str, ...] = ()
    """Their pages in the portal, one for each id; empty for a tenant without a portal."""


class FindingReport(Report):
    """Something that was found."""

    code: Code
    severity: Severity
    kind: Kind
    attribute: str
    count: int
    counted: str
    """What `count` counts, in words: `3 users`."""
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
    stack: str = ""
    """The name of the stack whose settings were used; empty without a stack."""
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
    good_export: tuple[str, ...] = ()
    """The commands that make a good export, where a finding says that this one is not."""

    @property
    def sentence(self) -> str:
        """The result in one sentence. It says "Ready" only where no finding is an error."""
        failing = self.users.failing + self.groups.failing
        in_scope = f"{counted(self.users.in_scope, 'user')} and {counted(self.groups.in_scope, 'group')} in scope"
        codes = {found.code for found in self.findings}
        errors = sum(found.severity == "error" for found in self.findings)
        if self.quarantine:
            return f"Not ready: the first cycle would end in quarantine. {self.quarantine}."
        if "nothing-seen" in codes:
            return "Not ready: the input holds no user and no group."
        if "nothing-in-scope" in codes:
            seen = f"{counted(self.users.seen, 'user')} and {counted(self.groups.seen, 'group')}"
            return f"Not ready: of {seen}, none is in scope."
        if failing:
            return f"Not ready: {failing:,} of {in_scope} would fail ({self.failing_share:.2%})."
        if errors:
            return f"Not ready: {counted(errors, 'finding')} of severity error. {in_scope} were checked."
        return f"Ready: nothing in the way of {in_scope}."


def directory_report(
    result: CheckResult,
    *,
    source: str,
    mappings: str,
    checked: str,
    place: Callable[[int], str | None],
    stack: str = "",
    portal: str = "",
    commands: Mapping[Kind, str] = MappingProxyType({}),
) -> DirectoryReport:
    """The report of a result.

    `place` says where an offset is in the files of the source, `portal` is the address of the cloud's portal,
    `commands` make a good export.
    """
    users, groups = (
        TotalsReport(seen=totals.seen, in_scope=totals.in_scope, failing=totals.failing)
        for totals in (result.totals["User"], result.totals["Group"])
    )
    return DirectoryReport(
        source=source,
        mappings=mappings,
        stack=stack,
        checked=checked,
        users=users,
        groups=groups,
        failing_share=result.failing / result.in_scope if result.in_scope else 0.0,
        quarantine=result.quarantine,
        worst=result.worst,
        findings=tuple(_finding(one, place, portal) for one in result.findings),
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
        good_export=tuple(commands[kind] for kind in _to_export_again(result.findings) if kind in commands),
    )


def _to_export_again(findings: Iterable[DirectoryFinding]) -> list[Kind]:
    """The kinds of objects of which a finding says that another export is needed."""
    hints = [one for one in findings if FINDINGS[one.code].hints_at_export]
    if any(FINDINGS[one.code].counted or not one.count for one in hints):
        return list(KINDS)  # it concerns the input as a whole
    return sorted({one.kind for one in hints}, reverse=True)


def portal_link(portal: str, kind: Kind, object_id: str) -> str:
    """The page of a user or group in the portal; empty without a portal, or for what is not an object id."""
    return f"{portal}/#view/{_PAGES[kind]}/{object_id}" if portal and is_object_id(object_id) else ""


def _finding(found: DirectoryFinding, place: Callable[[int], str | None], portal: str) -> FindingReport:
    about = FINDINGS[found.code]
    return FindingReport(
        code=found.code,
        severity=found.severity,
        kind=found.kind,
        attribute=found.attribute,
        count=found.count,
        counted=counted(found.count, about.counted or found.kind.lower()),
        values=found.values,
        title=about.title,
        meaning=about.meaning,
        remedy=about.remedy,
        note=found.note,
        examples=tuple(_example(example, found.kind, place, portal) for example in found.examples),
    )


def _example(example: Example, kind: Kind, place: Callable[[int], str | None], portal: str) -> ExampleReport:
    return ExampleReport(
        place=place(example.offset),
        who=example.who,
        detail=example.detail,
        ids=example.object_ids,
        links=tuple(portal_link(portal, kind, one) for one in example.object_ids) if portal else (),
    )
