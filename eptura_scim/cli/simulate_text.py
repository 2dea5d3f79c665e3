"""A simulation in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from eptura_scim.quantities import counted
from eptura_scim.simulation.report import SimulationReport

__all__ = ["sentences"]

_MANY = 5


def sentences(report: SimulationReport) -> Iterator[str]:
    """The report for people, line by line."""
    yield f"{report.kind} {report.name} ({report.object_id or 'no object id'}), {report.mappings}"
    yield f"  In scope: {f'no, {report.left_out}' if report.left_out else 'yes'}{', a guest' if report.guest else ''}"
    yield from (f"  note: {note}" for note in report.notes)
    width = max((len(one.target) for one in report.attributes), default=0)
    for one in report.attributes:
        matched = f", matching precedence {one.matching_precedence}" if one.matching_precedence else ""
        yield f"  {one.target:<{width}}  {_value(one.value)}{f': {one.reason}' if one.reason else ''}"
        yield f"  {'':<{width}}    from {one.source or 'no source'}{matched}"
    if report.changes is not None:
        yield "The stack's mappings would change:" if report.changes else "The stack's mappings would change nothing."
        yield from (f"  {one.target}: {_value(one.live)} => {_value(one.stack)}" for one in report.changes)
    yield f"Payload of its creation (POST /{report.kind}s):"
    yield json.dumps(report.payload, indent=2, ensure_ascii=False)
    for unknown in report.not_judged:
        yield f"not judged: {f'{unknown.attribute}: ' if unknown.attribute else ''}{unknown.text}"
    for problem in report.problems:
        yield f"problem: {f'{problem.attribute}: ' if problem.attribute else ''}{problem.text}"
    yield {
        "provisioned": "It would be provisioned; the SCIM schemas have nothing against it.",
        "leftOut": f"It would not be provisioned: {report.left_out}.",
        "notJudged": "What was judged would be provisioned; the rest is not known here: try provision-on-demand.",
        "problems": f"It would be sent, with {counted(len(report.problems), 'problem')}.",
    }[report.verdict]


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        more = f" and {len(value) - _MANY} more" if len(value) > _MANY else ""
        return (
            f"{counted(len(value), 'object')} ({', '.join(map(str, value[:_MANY]))}{more})" if value else "no objects"
        )
    return json.dumps(value, ensure_ascii=False)
