"""What a simulation shows, as data."""

from __future__ import annotations

from typing import Any, Literal

from eptura_scim.report import Report
from eptura_scim.simulation.preview import Preview, PreviewLine
from eptura_scim.types import Kind

__all__ = ["ChangeReport", "SimulationReport", "SimulationResult", "simulation_report"]

SimulationResult = Literal["provisioned", "leftOut", "problems", "notJudged"]

EXIT_CODES: dict[SimulationResult, int] = {"provisioned": 0, "leftOut": 3, "problems": 4, "notJudged": 5}


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
    verdict: SimulationResult
    exit_code: int
    left_out: str
    guest: bool
    attributes: tuple[AttributeReport, ...]
    payload: dict[str, Any]
    problems: tuple[ProblemReport, ...]
    not_judged: tuple[ProblemReport, ...]
    """What Entra may know and the simulation does not: nothing is said of it."""
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
    verdict = _verdict(shown)
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
        not_judged=tuple(ProblemReport(attribute=one.attribute, text=one.text) for one in shown.not_judged),
        changes=None
        if changes is None
        else tuple(ChangeReport(target=target, live=live, stack=stack) for target, live, stack in changes),
        notes=tuple(notes),
    )


def _verdict(shown: Preview) -> SimulationResult:
    if shown.left_out:
        return "leftOut"
    if shown.problems:
        return "problems"
    return "notJudged" if shown.not_judged else "provisioned"


def _attribute(line: PreviewLine) -> AttributeReport:
    return AttributeReport(
        target=line.row.target,
        value=line.flow.value,
        source=line.row.mapping.source,
        why=line.flow.why,
        reason=line.reason,
        matching_precedence=line.row.mapping.matching_precedence,
    )
