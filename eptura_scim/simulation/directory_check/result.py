"""From the summary of a whole directory to findings, and to whether its first cycle would end in quarantine.

Source of the thresholds: Microsoft, "Application provisioning in quarantine status".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eptura_scim.documented import mandatory_targets
from eptura_scim.graph.job_status import QUARANTINE_FAILURES, QUARANTINE_LEAST, QUARANTINE_SHARE
from eptura_scim.mapping.flow import ObjectFlow, object_flow
from eptura_scim.mapping.source import REFERENCES, graph_properties
from eptura_scim.quantities import counted
from eptura_scim.simulation.directory_check.collisions import Collisions
from eptura_scim.simulation.directory_check.finding_codes import FINDINGS, SEVERITIES, Code, Severity
from eptura_scim.simulation.directory_check.scan import ScanPlan
from eptura_scim.simulation.directory_check.summary import Example, PhoneKey, PhoneSeen, Summary, Totals
from eptura_scim.types import KINDS, Kind

if TYPE_CHECKING:
    from eptura_scim.jobs.assigned import LeftOut

__all__ = ["CheckResult", "DirectoryFinding", "check_result"]

_EMPTY: frozenset[Code] = frozenset({"mandatory-empty", "account-enabled-unknown"})


@dataclass(frozen=True, slots=True)
class DirectoryFinding:
    """Something that was found, and at how many objects."""

    code: Code
    kind: Kind
    attribute: str
    """The target attribute; a property of Graph or a clause where the code is about those; may be empty."""
    count: int
    examples: tuple[Example, ...] = ()
    values: int | None = None
    """How many values are shared, where the finding is that values are."""
    note: str = ""
    """What is to be said of this one alone."""

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return FINDINGS[self.code].severity


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check of a directory comes to."""

    totals: dict[Kind, Totals]
    """`failing` counts those too that come second with a value that must differ."""
    findings: tuple[DirectoryFinding, ...]
    """The bad ones first, then the frequent ones."""
    phones: tuple[tuple[PhoneKey, PhoneSeen], ...]
    """Ways of writing telephone numbers, the frequent ones first."""

    @property
    def in_scope(self) -> int:
        """Users and groups that would be provisioned."""
        return sum(totals.in_scope for totals in self.totals.values())

    @property
    def failing(self) -> int:
        """How many of them would fail."""
        return sum(totals.failing for totals in self.totals.values())

    @property
    def quarantine(self) -> str:
        """Why the first cycle would end in quarantine; empty where it would not."""
        return _quarantine(self.failing, self.in_scope)

    @property
    def worst(self) -> Severity | None:
        """The worst severity among the findings."""
        return self.findings[0].severity if self.findings else None


def check_result(summary: Summary, found: Collisions, plan: ScanPlan) -> CheckResult:
    """Sum up the whole of a directory."""
    totals = {
        kind: Totals(seen.seen, seen.in_scope, seen.failing + found.refused[kind])
        for kind, seen in summary.totals.items()
    }
    findings = [
        *_of_source(plan, summary, totals),
        *_of_mappings(plan, totals),
        *_counted(summary, totals),
        *_shared(found),
    ]
    failing, in_scope = (sum(getattr(seen, name) for seen in totals.values()) for name in ("failing", "in_scope"))
    if reason := _quarantine(failing, in_scope):
        findings.append(DirectoryFinding("quarantine", "User", "", failing, note=reason))
    order = list(FINDINGS)
    findings.sort(
        key=lambda one: (SEVERITIES.index(one.severity), one.code != "quarantine", -one.count, order.index(one.code),
                         one.kind, one.attribute)
    )  # fmt: skip
    phones = sorted(summary.phones.items(), key=lambda item: (-item[1].times, item[0]))
    return CheckResult(totals, tuple(findings), tuple(phones))


def _quarantine(failing: int, in_scope: int) -> str:
    share = failing / in_scope if in_scope else 0.0
    if failing > QUARANTINE_FAILURES:
        return f"{failing:,} failures are more than {QUARANTINE_FAILURES:,}"
    if failing >= QUARANTINE_LEAST and share > QUARANTINE_SHARE:
        return f"{failing:,} of {in_scope:,} fail, {share:.0%}: more than {QUARANTINE_SHARE:.0%}"
    return ""


def _of_source(plan: ScanPlan, summary: Summary, totals: dict[Kind, Totals]) -> Iterator[DirectoryFinding]:
    """What makes the source incomplete, whatever its objects are like."""
    if not any(seen.seen for seen in totals.values()):
        yield DirectoryFinding("nothing-seen", "User", "", 0)
    elif not any(seen.in_scope for seen in totals.values()):
        yield DirectoryFinding("nothing-in-scope", "User", "", 0)
    if plan.gaps.passed_over:
        yield DirectoryFinding("file-not-read", "User", "", len(plan.gaps.passed_over), plan.gaps.passed_over)
    if summary.pages and not summary.last_pages:
        yield DirectoryFinding("pages-missing", "User", "", summary.pages)
    if plan.left_out:
        users = frozenset[str]().union(*(one.users for one in plan.left_out))
        yield DirectoryFinding("nested-not-provisioned", "Group", "", len(users), tuple(map(_nested, plan.left_out)))
    for kind, name, example in plan.gaps.doubled:
        yield DirectoryFinding("column-twice", kind, name, len(example.detail.split(", ")), (example,))


def _nested(one: LeftOut) -> Example:
    detail = f"{counted(len(one.users), 'user')} of the group {one.inner.name} in it"
    return Example(-1, one.outer.name, detail, (one.outer.id,))


def _of_mappings(plan: ScanPlan, totals: dict[Kind, Totals]) -> Iterator[DirectoryFinding]:
    """What the mappings and the source lack, independent of the objects."""
    for kind in KINDS:
        flow = object_flow(plan.mappings, kind)
        if not flow.enabled or not totals[kind].seen:
            continue
        mapped = {row.target for row in flow.rows}
        for target in mandatory_targets(kind):
            if target not in mapped:
                yield DirectoryFinding("mandatory-not-mapped", kind, target, totals[kind].in_scope)
        if flow.filter_unknown:
            yield DirectoryFinding("not-judged", kind, "", totals[kind].seen, note=flow.filter_unknown)
        for clause in flow.unanchored:
            yield DirectoryFinding("filter-not-anchored", kind, clause, totals[kind].seen)
        required = _required(flow)
        for name in sorted(plan.gaps.absent.get(kind, ())):
            code: Code = "required-not-in-source" if name in required else "attribute-not-in-source"
            yield DirectoryFinding(code, kind, name, totals[kind].seen, note=_needed_for(flow, name))


def _required(flow: ObjectFlow) -> set[str]:
    """The properties of Graph that decide which objects are in scope and which would fail."""
    mandatory = mandatory_targets(flow.kind)
    rows = [row for row in flow.rows if row.target in mandatory or row.mapping.matching_precedence > 0]
    attributes = {name for row in rows for name in row.attributes} | set(flow.filter_attributes)
    return {*graph_properties(flow.kind, attributes - REFERENCES), *(["accountEnabled"] if flow.kind == "User" else [])}


def _needed_for(flow: ObjectFlow, name: str) -> str:
    targets = [row.target for row in flow.rows if name in graph_properties(flow.kind, row.attributes)]
    if name in graph_properties(flow.kind, flow.filter_attributes):
        targets.append("the scoping filter")
    match name:
        case "accountEnabled":
            targets.append("who is disabled")
        case "userType":
            targets.append("who is a guest")
    return f"needed for {', '.join(targets)}" if targets else ""


def _counted(summary: Summary, totals: dict[Kind, Totals]) -> Iterator[DirectoryFinding]:
    for key, count in summary.counts.items():
        everywhere = key.code in _EMPTY and 1 < count == totals[key.kind].in_scope
        note = f"empty for every {key.kind.lower()} in scope: the export may have left it out" if everywhere else ""
        yield DirectoryFinding(*key, count=count, examples=tuple(summary.examples.get(key, ())), note=note)


def _shared(found: Collisions) -> Iterator[DirectoryFinding]:
    for key, collision in found.found.items():
        yield DirectoryFinding(
            *key, count=collision.objects, examples=tuple(collision.examples), values=collision.values
        )
