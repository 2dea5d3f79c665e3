"""Looks at each user and group of a partition of a directory, once, and adds up what would become of them.

Written to be fast: a million users are looked at in seconds, so the loop below keeps to plain operations.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from eptura_scim.documented import mandatory_targets
from eptura_scim.mapping import EvaluationError, Mappings, Surroundings
from eptura_scim.mapping.flow import Flow, GraphObject, ObjectFlow, Row, object_flow
from eptura_scim.mapping.source import graph_properties
from eptura_scim.simulation.directory_check.finding_codes import Code
from eptura_scim.simulation.directory_check.phone_forms import PhoneForm, phone_form, phone_shape
from eptura_scim.simulation.directory_check.summary import Example, Keys, PhoneKey, PhoneSeen, Subject, Summary
from eptura_scim.simulation.directory_check.unique_keys import NO_VALUE, UniqueKey, digest, unique_keys_of
from eptura_scim.types import Kind

__all__ = ["Plan", "Scanner", "cut", "kind_of", "who"]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SPECIAL = re.compile("[\"\\\\&#%+?']")  # Microsoft, "Customize user provisioning attribute-mappings", matching
_PHONES: dict[PhoneForm, Code] = {"other": "phone-not-rfc3966", "e164": "phone-without-tel"}
_LONGEST = 120
_TYPES: dict[Any, Kind] = {"#microsoft.graph.user": "User", "#microsoft.graph.group": "Group"}


@dataclass(frozen=True)
class Plan:
    """What is checked, the same for every partition: it travels to other processes."""

    mappings: Mappings
    now: datetime
    entitled: frozenset[str] | None = None
    """Object ids of those who are assigned; None where all users and groups are synchronized."""
    absent: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    """Properties of Graph that the source does not have at all."""
    examples: int = 5
    """How many examples each finding keeps."""

    @property
    def surroundings(self) -> Surroundings:
        """What expressions see beside the object."""
        return Surroundings(now=self.now)


def kind_of(found: GraphObject) -> Kind:
    """Whether an object of Graph is a user or a group."""
    return _TYPES.get(found.get("@odata.type")) or ("User" if "userPrincipalName" in found else "Group")


class RowCheck(NamedTuple):
    """A row, and what its value is looked at for. What is the same for all objects is decided once."""

    row: Row
    attribute: str | None
    """The source attribute, where nothing is computed and no default stands in."""
    is_plain: bool
    """Whether a value that is there needs no second look."""
    is_mandatory: bool
    is_judged: bool
    """Whether the source has all that the row looks at."""
    is_boolean: bool
    is_email: bool
    is_phone: bool
    matches: bool
    key: int | None


class _KindScan:
    """Everything about users, or about groups."""

    def __init__(self, plan: Plan, kind: Kind) -> None:
        self.flow: ObjectFlow = object_flow(plan.mappings, kind)
        self.keys: list[UniqueKey] = unique_keys_of(self.flow)
        absent = plan.absent.get(kind, frozenset())
        # A filter over what the source does not have says nothing about anybody.
        is_judged = absent.isdisjoint(graph_properties(kind, self.flow.filter_attributes))
        self.scope = self.flow.scope if is_judged else None
        self.checks = [self._row_check(row, absent) for row in self.flow.rows if not row.is_reference]
        # Without any matching row, or with one that cannot be judged, nothing is said about matching.
        matching = [row_check for row_check in self.checks if row_check.matches]
        self.needs_match = bool(matching) and all(row_check.is_judged for row_check in matching)
        self.offsets: array[int] = array("Q")
        self.hashes = [bytearray() for _ in self.keys]

    def _row_check(self, row: Row, absent: frozenset[str]) -> RowCheck:
        plain_attribute = not row.is_computed and not row.problem and row.mapping.default_value is None
        path = row.path
        is_boolean = path is not None and path.is_boolean
        is_email = path is not None and path.attribute == "emails" and path.sub == "value"
        is_phone = path is not None and path.attribute == "phoneNumbers" and path.sub == "value"
        matches = row.mapping.matching_precedence > 0
        key = next((number for number, key in enumerate(self.keys) if key.row is row), None)
        return RowCheck(
            row=row,
            attribute=row.attributes[0] if plain_attribute and row.attributes else None,
            is_plain=not (is_boolean or is_email or is_phone or matches or key is not None),
            is_mandatory=row.target in mandatory_targets(self.flow.kind),
            is_judged=absent.isdisjoint(graph_properties(self.flow.kind, row.attributes)),
            is_boolean=is_boolean,
            is_email=is_email,
            is_phone=is_phone,
            matches=matches,
            key=key,
        )

    def remember(self, offset: int, seen: Observed) -> None:
        """Keep what must differ from other objects."""
        # The lowest bit says whether the object fails by itself: then it is no rival of another one.
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
        """What must differ, key by key."""
        self.matched = not kind_scan.needs_match
        self.fails = False

    def note(self, code: Code, target: str, detail: str = "") -> None:
        """Something was found."""
        self.noted.append((code, target, detail))

    def examine(self, row_check: RowCheck, value: Any) -> None:
        """Look at a value that flows."""
        target = row_check.row.target
        if row_check.key is not None:
            self.texts[row_check.key] = self._keys[row_check.key].text(value)
        if row_check.matches:
            self.matched = True
            if _SPECIAL.search(str(value)):
                self.note("matching-special-characters", target, str(value))
        if row_check.is_boolean and not isinstance(value, bool):
            self.note("value-not-boolean", target, str(value))
            self.fails = True
        elif row_check.is_email and not (isinstance(value, str) and _EMAIL.fullmatch(value)):
            self.note("email-not-valid", target, str(value))
        elif row_check.is_phone and (code := _PHONES.get(phone_form(str(value)))) is not None:
            self.note(code, target, str(value))

    def miss(self, row_check: RowCheck, flow: Flow | None) -> None:
        """Look at why nothing flows."""
        target = row_check.row.target
        if flow is not None and flow.why == "failed":
            self.note("expression-fails", target, flow.problem)
            self.fails = True
            return
        detail = _sources(row_check.row, self._attributes)
        if flow is not None and flow.why in {"nothing", "IgnoreAttributeFlow"}:
            self.note("phone-not-sent" if row_check.is_phone else "expression-gives-nothing", target, detail)
        if row_check.is_mandatory:
            self.note("mandatory-empty", target, detail)
            self.fails = True


class Scanner:
    """Looks at the objects of one partition, in the order of the source."""

    def __init__(self, plan: Plan, partition: int = 0) -> None:
        self._plan = plan
        self._partition = partition
        self._surroundings = plan.surroundings
        self._kinds: dict[Kind, _KindScan] = {"User": _KindScan(plan, "User"), "Group": _KindScan(plan, "Group")}
        self._summary = Summary(plan.examples)

    def scan(self, found: GraphObject, offset: int, kind: Kind | None = None) -> None:
        """Look at one object. Offsets grow from one object to the next."""
        name = kind or kind_of(found)
        kind_scan = self._kinds[name]
        flow = kind_scan.flow
        totals = self._summary.totals[name]
        if not flow.enabled:
            totals.seen += 1
            return
        try:
            attributes = flow.read(found)
            reason = self._left_out(found, kind_scan, attributes)
        except (TypeError, AttributeError, KeyError, IndexError):
            self.unreadable(offset, "not as Microsoft Graph shows a user or group")
            return
        totals.seen += 1
        if reason is not None:
            self._note(Subject(reason[0], name), offset, found, reason[1])
            if reason[0] == "filter-fails":
                totals.in_scope += 1
                totals.failing += 1
            return
        self._judge(kind_scan, found, attributes, offset)

    def unreadable(self, offset: int, reason: str) -> None:
        """Count a line that holds no object."""
        subject = Subject("unreadable", "User")
        self._summary.counts[subject] += 1
        if self._summary.counts[subject] <= self._plan.examples:
            self._summary.examples.setdefault(subject, []).append(Example(offset, "", reason))

    def summary(self) -> Summary:
        """What was seen. Looking goes on no further."""
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
        entitled = self._plan.entitled
        if entitled is not None and found.get("id") not in entitled:
            return "not-assigned", ""
        if kind_scan.flow.filter_problem:
            return "filter-fails", kind_scan.flow.filter_problem
        if kind_scan.scope is not None:
            try:
                if not kind_scan.scope(attributes):
                    return "left-out-by-filter", ""
            except EvaluationError as error:
                return "filter-fails", str(error)
        return None

    def _judge(self, kind_scan: _KindScan, found: GraphObject, attributes: Mapping[str, Any], offset: int) -> None:
        name = kind_scan.flow.kind
        seen = Observed(kind_scan, attributes)
        for row_check in kind_scan.checks:
            if row_check.attribute is not None:
                value, flow = attributes.get(row_check.attribute), None
            else:
                flow = row_check.row.flow(attributes, self._surroundings)
                value = flow.value
            if value is not None and value not in ("", []):
                if row_check.is_plain:
                    continue
                seen.examine(row_check, value)
            elif flow is not None and flow.why == "IgnoreObjectFlow":
                self._note(Subject("left-out-by-expression", name, row_check.row.target), offset, found)
                return
            elif row_check.is_judged:
                seen.miss(row_check, flow)
            if row_check.is_phone and row_check.is_judged:
                self._phone(row_check, attributes, value, offset)
        if not seen.matched:
            seen.note("matching-empty", "")
            seen.fails = True
        if found.get("userType") == "Guest":
            seen.note("guest", "")
        for code, target, detail in seen.noted:
            self._note(Subject(code, name, target), offset, found, detail)
        totals = self._summary.totals[name]
        totals.in_scope += 1
        totals.failing += seen.fails
        kind_scan.remember(offset, seen)

    def _note(self, subject: Subject, offset: int, found: GraphObject, detail: str = "") -> None:
        counts = self._summary.counts
        counts[subject] += 1
        if counts[subject] <= self._plan.examples:
            self._summary.examples.setdefault(subject, []).append(Example(offset, who(found), cut(detail)))

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


def who(found: GraphObject) -> str:
    """What people call an object."""
    return cut(str(found.get("userPrincipalName") or found.get("displayName") or found.get("id") or ""))


def cut(text: str) -> str:
    """The text, at a length that fits a line or two."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _sources(row: Row, attributes: Mapping[str, Any]) -> str:
    """The source attributes of a row with their values."""
    texts = (f"[{name}] {'is empty' if (value := attributes.get(name)) in (None, '', []) else value}"
             for name in row.attributes)  # fmt: skip
    return ", ".join(texts)
