"""What a simulation shows, as data and in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

from eptura_scim.report import Report
from eptura_scim.simulation.preview import Line, Preview
from eptura_scim.types import Kind

__all__ = ["ChangeReport", "SimulationReport", "Verdict", "sentences", "simulation_report"]

Verdict = Literal["provisioned", "leftOut", "problems"]

EXIT_CODES: dict[Verdict, int] = {"provisioned": 0, "leftOut": 3, "problems": 4}
_MANY = 5


class AttributeReport(Report):
    """A target attribute: what flows into it, from where, and why nothing does."""

    target: str
    value: Any
    source: str | None
    why: str
    reason: str
    matching_precedence: int


class ProblemReport(Report):
    """What is wrong."""

    attribute: str
    text: str


class ChangeReport(Report):
    """A target attribute that would change."""

    target: str
    live: Any
    stack: Any


class SimulationReport(Report):
    """Everything about one object."""

    kind: Kind
    object_id: str
    name: str
    mappings: str
    verdict: Verdict
    exit_code: int
    left_out: str
    guest: bool
    attributes: tuple[AttributeReport, ...]
    payload: dict[str, Any]
    problems: tuple[ProblemReport, ...]
    changes: tuple[ChangeReport, ...] | None
    """From the live mappings to the stack's; null where they were not compared."""
    notes: tuple[str, ...]


def simulation_report(
    shown: Preview,
    *,
    object_id: str,
    name: str,
    mappings: str,
    notes: list[str],
    changes: list[tuple[str, Any, Any]] | None = None,
) -> SimulationReport:
    """The report on a preview."""
    verdict: Verdict = "leftOut" if shown.left_out else "problems" if shown.problems else "provisioned"
    return SimulationReport(
        kind=shown.kind,
        object_id=object_id,
        name=name,
        mappings=mappings,
        verdict=verdict,
        exit_code=EXIT_CODES[verdict],
        left_out=shown.left_out,
        guest=shown.is_guest,
        attributes=tuple(map(_attribute, shown.lines)),
        payload=shown.payload,
        problems=tuple(ProblemReport(attribute=one.attribute, text=one.text) for one in shown.problems),
        changes=None
        if changes is None
        else tuple(ChangeReport(target=target, live=live, stack=stack) for target, live, stack in changes),
        notes=tuple(notes),
    )


def _attribute(line: Line) -> AttributeReport:
    return AttributeReport(
        target=line.row.target,
        value=line.flow.value,
        source=line.row.mapping.source,
        why=line.flow.why,
        reason=line.reason,
        matching_precedence=line.row.mapping.matching_precedence,
    )


def sentences(report: SimulationReport) -> Iterator[str]:
    """The report for people, line by line."""
    yield f"{report.kind} {report.name} ({report.object_id or 'no object id'}), {report.mappings}"
    yield f"  In scope: {f'no, {report.left_out}' if report.left_out else 'yes'}{', a guest' if report.guest else ''}"
    yield from (f"  note: {note}" for note in report.notes)
    width = max((len(one.target) for one in report.attributes), default=0)
    for one in report.attributes:
        value = "nothing" if one.value is None else _shown(one.value)
        matched = f", matching precedence {one.matching_precedence}" if one.matching_precedence else ""
        yield f"  {one.target:<{width}}  {value}{f': {one.reason}' if one.reason else ''}"
        yield f"  {'':<{width}}    from {one.source or 'no source'}{matched}"
    if report.changes is not None:
        yield "The stack's mappings would change:" if report.changes else "The stack's mappings would change nothing."
        yield from (f"  {one.target}: {_old(one.live)} => {_old(one.stack)}" for one in report.changes)
    yield f"Payload of its creation (POST /{report.kind}s):"
    yield json.dumps(report.payload, indent=2, ensure_ascii=False)
    for problem in report.problems:
        yield f"problem: {f'{problem.attribute}: ' if problem.attribute else ''}{problem.text}"
    yield {
        "provisioned": "It would be provisioned; the SCIM schemas have nothing against it.",
        "leftOut": f"It would not be provisioned: {report.left_out}.",
        "problems": f"It would be sent with {len(report.problems)} problems.",
    }[report.verdict]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        more = f" and {len(value) - _MANY} more" if len(value) > _MANY else ""
        return f"{len(value)} objects ({', '.join(map(str, value[:_MANY]))}{more})" if value else "nobody"
    return json.dumps(value, ensure_ascii=False)


def _old(value: Any) -> str:
    return "nothing" if value is None else _shown(value)
