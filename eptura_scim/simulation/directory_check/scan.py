"""Scans each user and group of a partition of a directory once, and adds up what would become of them.

Written to be fast: a million users are scanned in seconds, so the loop below keeps to plain operations.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from eptura_scim.documented import mandatory_targets
from eptura_scim.input_rules import is_email
from eptura_scim.mapping import EvaluationContext, EvaluationError, Mappings
from eptura_scim.mapping.flow import CompiledMapping, Flow, GraphObject, ObjectFlow, object_flow
from eptura_scim.mapping.matching import SPECIAL_CHARACTERS
from eptura_scim.mapping.source import graph_properties
from eptura_scim.simulation.directory_check.finding_codes import Code
from eptura_scim.simulation.directory_check.nested_groups import nested_in
from eptura_scim.simulation.directory_check.partition import LOST, kind_of
from eptura_scim.simulation.directory_check.phone_forms import PhoneForm, phone_form, phone_shape
from eptura_scim.simulation.directory_check.summary import (
    Example,
    FindingKey,
    Keys,
    PhoneKey,
    PhoneSeen,
    SourceGaps,
    Summary,
)
from eptura_scim.simulation.directory_check.unique_keys import NO_VALUE, UniqueKey, digest, unique_keys_of
from eptura_scim.simulation.directory_check.worklist import WorklistPart
from eptura_scim.types import Kind

if TYPE_CHECKING:
    from eptura_scim.jobs.assigned import LeftOut

__all__ = ["ScanPlan", "Scanner", "cut", "example_of"]

_PHONES: dict[PhoneForm, Code] = {"other": "phone-not-rfc3966", "e164": "phone-without-tel"}
_LONGEST = 120
_ODD = (TypeError, AttributeError, KeyError, IndexError, ValueError, RecursionError)
"""Errors of an object whose values are not of the types that Graph documents."""


@dataclass(frozen=True)
class ScanPlan:
    """What is checked, the same for every partition: it travels to other processes."""

    mappings: Mappings
    now: datetime
    assigned_ids: frozenset[str] | None = None
    """Object ids of those who are assigned; None where all users and groups are synchronized."""
    left_out: tuple[LeftOut, ...] = ()
    """Users of groups in assigned groups, whom Entra does not provision."""
    gaps: SourceGaps = field(default_factory=SourceGaps)
    """What the source lacks."""
    examples: int = 5
    """How many examples each finding keeps."""
    worklist: Path | None = None
    """The folder in which partitions note every object of every finding; None where that is not wanted."""

    @property
    def context(self) -> EvaluationContext:
        """What expressions see beside the object."""
        return EvaluationContext(now=self.now)


class RowCheck(NamedTuple):
    """A row, and which checks its value needs: what is the same for all objects is decided once."""

    row: CompiledMapping
    attribute: str | None
    """The source attribute of a row without an expression and without a default value; else None."""
    is_plain: bool
    """Whether no check applies to a value that is not empty."""
    is_mandatory: bool
    is_judged: bool
    """Whether the source has all properties that the row reads."""
    is_boolean: bool
    is_email: bool
    is_phone: bool
    matches: bool
    key: int | None
    properties: frozenset[str]
    """The properties of Graph that the row reads."""


class _KindScan:
    """The checks of users, or of groups, in one partition."""

    def __init__(self, plan: ScanPlan, kind: Kind) -> None:
        self.flow: ObjectFlow = object_flow(plan.mappings, kind)
        self.keys: list[UniqueKey] = unique_keys_of(self.flow)
        absent = plan.gaps.absent.get(kind, frozenset())
        # Where the source lacks an attribute of the filter, no object can be judged by the filter.
        is_judged = absent.isdisjoint(graph_properties(kind, self.flow.filter_attributes))
        self.scope = self.flow.scope if is_judged else None
        self.checks = [self._row_check(row, absent) for row in self.flow.rows if not row.is_reference]
        # Without any matching row, or with one that cannot be judged, nothing is said about matching.
        matching = [row_check for row_check in self.checks if row_check.matches]
        self.needs_match = bool(matching) and all(row_check.is_judged for row_check in matching)
        self.properties = frozenset(self.flow.properties)
        self.says_enabled = kind == "User" and "accountEnabled" not in absent
        self.offsets: array[int] = array("Q")
        self.hashes = [bytearray() for _ in self.keys]

    def _row_check(self, row: CompiledMapping, absent: frozenset[str]) -> RowCheck:
        plain_attribute = not row.is_computed and not row.problem and row.mapping.default_value is None
        path = row.path
        is_boolean = path is not None and path.is_boolean
        is_email = path is not None and path.attribute == "emails" and path.sub == "value"
        is_phone = path is not None and path.attribute == "phoneNumbers" and path.sub == "value"
        matches = row.mapping.matching_precedence > 0
        key = next((number for number, key in enumerate(self.keys) if key.row is row), None)
        properties = frozenset(graph_properties(self.flow.kind, row.attributes))
        return RowCheck(
            row=row,
            attribute=row.attributes[0] if plain_attribute and row.attributes else None,
            is_plain=not (is_boolean or is_email or is_phone or matches or key is not None),
            is_mandatory=row.target in mandatory_targets(self.flow.kind),
            is_judged=absent.isdisjoint(properties),
            is_boolean=is_boolean,
            is_email=is_email,
            is_phone=is_phone,
            matches=matches,
            key=key,
            properties=properties,
        )

    def remember(self, offset: int, seen: Observed) -> None:
        """Keep the hashes of the values that must differ from those of other objects."""
        # The lowest bit says whether the object fails by itself: then it does not compete with another object.
        self.offsets.append(offset << 1 | seen.fails)
        for packed, text in zip(self.hashes, seen.texts, strict=True):
            packed.extend(NO_VALUE if text is None else digest(text))


class Observed:
    """What was seen at one object."""

    __slots__ = ("_attributes", "_keys", "fails", "matched", "noted", "texts")

    def __init__(self, kind_scan: _KindScan, attributes: Mapping[str, Any]) -> None:
        self._attributes = attributes
        self._keys = kind_scan.keys
        self.noted: list[tuple[Code, str, str]] = []
        self.texts: list[str | None] = [None] * len(kind_scan.keys)
        """The values that must differ from those of other objects, key by key."""
        self.matched = not kind_scan.needs_match
        self.fails = False

    def note(self, code: Code, target: str, detail: str = "") -> None:
        """Note a finding."""
        self.noted.append((code, target, detail))

    def examine(self, row_check: RowCheck, value: Any) -> None:
        """Check a value that flows."""
        target = row_check.row.target
        if row_check.key is not None:
            self.texts[row_check.key] = self._keys[row_check.key].text(value)
        if row_check.matches:
            self.matched = True
            if not SPECIAL_CHARACTERS.isdisjoint(str(value)):
                self.note("matching-special-characters", target, str(value))
        if row_check.is_boolean and not isinstance(value, bool):
            self.note("value-not-boolean", target, str(value))
            self.fails = True
        elif row_check.is_email and not (isinstance(value, str) and is_email(value)):
            self.note("email-not-valid", target, str(value))
        elif row_check.is_phone and (code := _PHONES.get(phone_form(str(value)))) is not None:
            self.note(code, target, str(value))

    def miss(self, row_check: RowCheck, flow: Flow | None) -> None:
        """Note why nothing flows, where that is a finding."""
        target = row_check.row.target
        if flow is not None and flow.why == "failed":
            self.note("expression-fails", target, flow.problem)
            self.fails = True
            return
        if flow is not None and flow.why == "notJudged":
            self.note("not-judged", target, flow.problem)
            self.matched = self.matched or row_check.matches
            return
        detail = _sources(row_check.row, self._attributes)
        if flow is not None and flow.why in {"nothing", "IgnoreAttributeFlow"}:
            self.note("phone-not-sent" if row_check.is_phone else "expression-gives-nothing", target, detail)
        if row_check.is_mandatory:
            self.note("mandatory-empty", target, detail)
            self.fails = True

    def conclude(self, kind_scan: _KindScan, found: GraphObject) -> None:
        """Check the object as a whole, after all rows."""
        if not self.matched:
            self.note("matching-empty", "")
            self.fails = True
        lost = found.get(LOST)
        if lost:
            for name in sorted(kind_scan.properties.intersection(lost)):
                self.note("type-name-not-value", name, lost[name])
        enabled = found.get("accountEnabled")
        is_said = isinstance(enabled, bool) or (lost and "accountEnabled" in lost)
        if kind_scan.says_enabled and not is_said:
            self.note("account-enabled-unknown", "accountEnabled", "is empty" if enabled is None else str(enabled))
        if kind_scan.flow.kind == "Group" and (nesting := nested_in(found)):
            self.note("nested-group", "members", nesting)
        if found.get("userType") == "Guest":
            self.note("guest", "")


class Scanner:
    """Checks the objects of one partition, in the order of the source."""

    def __init__(self, plan: ScanPlan, partition: int = 0) -> None:
        self._plan = plan
        self._partition = partition
        self._context = plan.context
        self._kinds: dict[Kind, _KindScan] = {"User": _KindScan(plan, "User"), "Group": _KindScan(plan, "Group")}
        self._summary = Summary(plan.examples)
        self._worklist = WorklistPart(plan.worklist, partition) if plan.worklist else None

    def scan(self, found: GraphObject, offset: int, kind: Kind | None = None) -> None:
        """Check one object. Offsets grow from one object to the next."""
        name = kind or kind_of(found)
        kind_scan = self._kinds[name]
        flow = kind_scan.flow
        totals = self._summary.totals[name]
        if not flow.enabled:
            totals.seen += 1
            return
        before = totals.seen, totals.in_scope, totals.failing
        try:
            totals.seen += 1
            self._check(found, kind_scan, offset)
        except _ODD as error:
            totals.seen, totals.in_scope, totals.failing = before
            self.unreadable(offset, f"not as Microsoft Graph shows a user or group ({type(error).__name__})", found)

    def _check(self, found: GraphObject, kind_scan: _KindScan, offset: int) -> None:
        name = kind_scan.flow.kind
        attributes = kind_scan.flow.read(found)
        reason = self._left_out(found, kind_scan, attributes)
        if reason is None:
            self._judge(kind_scan, found, attributes, offset)
            return
        self._note(FindingKey(reason[0], name), offset, found, reason[1])
        if reason[0] == "filter-fails":
            totals = self._summary.totals[name]
            totals.in_scope += 1
            totals.failing += 1

    def unreadable(self, offset: int, reason: str, found: GraphObject = MappingProxyType({})) -> None:
        """Count a line that holds no object, or an object that cannot be read."""
        self._note(FindingKey("unreadable", "User"), offset, found, reason)

    def page(self, *, has_next: bool) -> None:
        """Count a page of a Graph list."""
        self._summary.pages += 1
        self._summary.last_pages += not has_next

    def summary(self) -> Summary:
        """What was seen. The scanner is used up then."""
        if self._worklist is not None:
            self._worklist.close()
        for name, kind_scan in self._kinds.items():
            if kind_scan.offsets:
                hashes = []
                for packed in kind_scan.hashes:
                    made = array("Q")
                    made.frombytes(bytes(packed))
                    hashes.append(made)
                self._summary.keys[self._partition, name] = Keys(kind_scan.offsets, hashes)
        return self._summary

    def _left_out(
        self, found: GraphObject, kind_scan: _KindScan, attributes: Mapping[str, Any]
    ) -> tuple[Code, str] | None:
        """Why an object is not in scope; None where it is."""
        if attributes["IsSoftDeleted"]:
            return "disabled", "deleted" if found.get("deletedDateTime") else ""
        assigned_ids = self._plan.assigned_ids
        if assigned_ids is not None and found.get("id") not in assigned_ids:
            return "not-assigned", ""
        if kind_scan.flow.filter_problem:
            return "filter-fails", kind_scan.flow.filter_problem
        if kind_scan.scope is not None:
            try:
                if not kind_scan.scope(attributes):
                    return "left-out-by-filter", ""
            except EvaluationError as error:
                return "filter-fails", error.line
        return None

    def _judge(self, kind_scan: _KindScan, found: GraphObject, attributes: Mapping[str, Any], offset: int) -> None:
        name = kind_scan.flow.kind
        seen = Observed(kind_scan, attributes)
        lost = found.get(LOST, {})
        for row_check in kind_scan.checks:
            if lost and not row_check.properties.isdisjoint(lost):
                seen.matched = seen.matched or row_check.matches
                continue
            if row_check.attribute is not None:
                value, flow = attributes.get(row_check.attribute), None
            else:
                flow = row_check.row.flow(attributes, self._context)
                value = flow.value
            if value is not None and value not in ("", []):
                if row_check.is_plain:
                    continue
                seen.examine(row_check, value)
            elif flow is not None and flow.why == "IgnoreObjectFlow":
                self._note(FindingKey("left-out-by-expression", name, row_check.row.target), offset, found)
                return
            elif row_check.is_judged:
                seen.miss(row_check, flow)
            if row_check.is_phone and row_check.is_judged:
                self._phone(row_check, attributes, value, offset)
        seen.conclude(kind_scan, found)
        for code, target, detail in seen.noted:
            self._note(FindingKey(code, name, target), offset, found, detail)
        totals = self._summary.totals[name]
        totals.in_scope += 1
        totals.failing += seen.fails
        kind_scan.remember(offset, seen)

    def _note(self, key: FindingKey, offset: int, found: GraphObject, detail: str = "") -> None:
        counts = self._summary.counts
        counts[key] += 1
        if counts[key] <= self._plan.examples:
            self._summary.examples.setdefault(key, []).append(example_of(found, offset, detail))
        if self._worklist is not None:
            self._worklist.add(key, example_of(found, offset, detail))

    def _phone(self, row_check: RowCheck, attributes: Mapping[str, Any], value: Any, offset: int) -> None:
        number = next((text for name in row_check.row.attributes if (text := attributes.get(name))), None)
        if not number:
            return
        sent = "" if value is None else str(value)
        key = PhoneKey(row_check.row.target, phone_shape(str(number)), phone_form(sent))
        known = self._summary.phones.get(key)
        self._summary.phones[key] = (
            PhoneSeen(1, offset, cut(str(number)), cut(sent))
            if known is None
            else known._replace(times=known.times + 1)
        )


def example_of(found: GraphObject, offset: int, detail: str) -> Example:
    """The object as a finding names it."""
    who = found.get("userPrincipalName") or found.get("displayName") or found.get("id") or ""
    object_id = _shown(found.get("id") or "")
    return Example(offset, _shown(who), cut(detail), (object_id,) if object_id else ())


def _shown(value: object) -> str:
    try:
        return cut(str(value))
    except (ValueError, RecursionError):
        return "(a value that cannot be shown)"


def cut(text: str) -> str:
    """The text, at a length that fits a line or two, without what a terminal or a file cannot show."""
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if text.isprintable():
        return text
    return "".join(" " if one.isspace() else one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _sources(row: CompiledMapping, attributes: Mapping[str, Any]) -> str:
    """The source attributes of a row with their values."""
    values = ((name, attributes.get(name)) for name in row.attributes)
    return ", ".join(f"[{name}] {'is empty' if value in (None, '', []) else value}" for name, value in values)
