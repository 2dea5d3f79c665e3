"""One user or group through the mappings: what flows where and why not, the payload, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from eptura_scim.documented import mandatory_targets
from eptura_scim.mapping import EvaluationContext, EvaluationError, Mappings
from eptura_scim.mapping.flow import CompiledMapping, Flow, GraphObject, ObjectFlow, creation_payload, object_flow
from eptura_scim.mapping.payload import PathError, value_at
from eptura_scim.mapping.scim_schemas import TARGET_OBJECTS
from eptura_scim.types import Kind

__all__ = ["PayloadProblem", "Preview", "PreviewLine", "differences", "preview"]


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A target attribute: where it comes from and what flows."""

    row: CompiledMapping
    flow: Flow

    @property
    def reason(self) -> str:
        """Why nothing flows, or what flows for want of a value; empty where the source's value does."""
        empty = ", ".join(f"[{name}]" for name in self.row.attributes) or "the source"
        texts = {
            "sent": "sent after the object itself" if self.row.is_reference else "",
            "default": "the default value, since the source gives nothing",
            "empty": f"{empty} is empty",
            "nothing": "the expression gives nothing",
            "noSource": "the mapping has no source",
            "failed": self.flow.problem,
            "notJudged": f"not judged: {self.flow.problem}",
        }
        return texts.get(self.flow.why, f"the expression gives {self.flow.why}")


@dataclass(frozen=True, slots=True)
class PayloadProblem:
    """What is wrong, at which target attribute; empty where it is about the whole."""

    attribute: str
    text: str

    def __str__(self) -> str:
        return f"{self.attribute}: {self.text}" if self.attribute else self.text


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of one object at its first cycle."""

    kind: Kind
    lines: tuple[PreviewLine, ...]
    left_out: str
    """Why it would not be provisioned; empty where it would."""
    is_guest: bool
    payload: dict[str, Any]
    """The body of its creation; the references that follow it are not in it."""
    problems: tuple[PayloadProblem, ...]
    not_judged: tuple[PayloadProblem, ...] = ()
    """What Entra may know and what is not known here: nothing is said of it."""


def preview(
    mappings: Mappings,
    kind: Kind,
    found: GraphObject,
    now: datetime,
    *,
    is_assigned: bool = True,
    default_domain: str | None = None,
) -> Preview:
    """Put an object of Graph through the mappings.

    `is_assigned`: it is assigned, or all are synchronized; `default_domain`: the tenant's, None where it is not known.
    """
    flow = object_flow(mappings, kind)
    attributes = flow.read(found)
    context = EvaluationContext(now=now, default_domain=default_domain)
    lines = tuple(PreviewLine(row, row.flow(attributes, context)) for row in flow.rows)
    payload, refused = _composed(kind, lines)
    return Preview(
        kind=kind,
        lines=lines,
        left_out=_left_out(flow, lines, found, attributes, is_assigned=is_assigned),
        is_guest=found.get("userType") == "Guest",
        payload=payload,
        problems=(*_missing(kind, lines), *refused),
        not_judged=tuple(_not_judged(flow, lines)),
    )


def differences(one: Preview, other: Preview) -> list[tuple[str, Any, Any]]:
    """Target attributes whose value differs, with both values; None where nothing flows."""
    before, after = ({line.row.target: line.flow.value for line in side.lines} for side in (one, other))
    return [
        (target, before.get(target), after.get(target))
        for target in dict.fromkeys((*before, *after))
        if before.get(target) != after.get(target)
    ]


def _left_out(
    flow: ObjectFlow,
    lines: tuple[PreviewLine, ...],
    found: GraphObject,
    attributes: Mapping[str, Any],
    *,
    is_assigned: bool,
) -> str:
    if not flow.enabled:
        return f"{flow.kind.lower()}s are not provisioned"
    if found.get("deletedDateTime"):
        return "it is deleted"
    if attributes["IsSoftDeleted"]:
        return "it is blocked from signing in"
    if not is_assigned:
        return "it is not assigned to the application"
    if reason := _filtered(flow, attributes):
        return reason
    ignoring = next((line for line in lines if line.flow.why == "IgnoreObjectFlow"), None)
    return f"the expression of {ignoring.row.target} gives IgnoreObjectFlow" if ignoring else ""


def _filtered(flow: ObjectFlow, attributes: Mapping[str, Any]) -> str:
    if flow.filter_problem:
        return f"the scoping filter cannot be used: {flow.filter_problem}"
    try:
        return "" if flow.scope is None or flow.scope(attributes) else "the scoping filter leaves it out"
    except EvaluationError as error:
        return f"the scoping filter cannot be judged: {error.line}"


def _not_judged(flow: ObjectFlow, lines: tuple[PreviewLine, ...]) -> Iterator[PayloadProblem]:
    if flow.filter_unknown:
        yield PayloadProblem("", f"the scoping filter: {flow.filter_unknown}")
    for line in lines:
        if line.flow.why == "notJudged":
            yield PayloadProblem(line.row.target, line.flow.problem)


def _missing(kind: Kind, lines: tuple[PreviewLine, ...]) -> Iterator[PayloadProblem]:
    """Expressions that fail, and what the guide wants and does not get."""
    given = {line.row.target: line for line in lines}
    for line in lines:
        if line.flow.why == "failed":
            yield PayloadProblem(line.row.target, line.reason)
    for target in mandatory_targets(kind):
        if target not in given:
            yield PayloadProblem(target, "mandatory, and not mapped")
        elif given[target].flow.value is None and given[target].flow.why not in {"failed", "notJudged"}:
            yield PayloadProblem(target, f"mandatory, and not sent: {given[target].reason}")


def _composed(kind: Kind, lines: tuple[PreviewLine, ...]) -> tuple[dict[str, Any], list[PayloadProblem]]:
    """The payload, and what is wrong with it; empty where the target attributes cannot be in one."""
    try:
        payload = creation_payload(TARGET_OBJECTS[kind], [(line.row, line.flow) for line in lines])
    except PathError as error:
        return {}, [PayloadProblem("", str(error))]
    return payload, list(_refused(payload, lines, kind))


def _refused(payload: dict[str, Any], lines: tuple[PreviewLine, ...], kind: Kind) -> Iterator[PayloadProblem]:
    """What the SCIM schemas say against a payload (RFC 7643)."""
    from scim2_models import Context, EnterpriseUser, Group, User

    model = User[EnterpriseUser] if kind == "User" else Group
    try:
        model.model_validate(payload, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            place = [str(part) for part in detail["loc"]]
            text = str(detail["msg"]).removeprefix("Value error, ")
            if detail["type"] == "extra_forbidden":
                text = "not an attribute of SCIM's own schemas: see whether Eptura knows it"
            yield PayloadProblem(_target(payload, list(detail["loc"]), lines) or ".".join(place), text)


def _target(payload: dict[str, Any], place: list[Any], lines: tuple[PreviewLine, ...]) -> str:
    """The target attribute that wrote a place of the payload."""
    wrong: Any = payload
    for part in place:
        try:
            wrong = wrong[part]
        except (KeyError, IndexError, TypeError):
            return ""
    if not place:
        return ""
    for line in lines:
        path = line.row.path
        if path is None or str(place[0]).lower() not in {path.attribute.lower(), (path.schema or "").lower()}:
            continue
        if value_at(payload, path) == wrong or path.schema == place[0]:
            return line.row.target
    return ""
