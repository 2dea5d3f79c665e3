"""What a run of the engine did, from its structured events."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi.automation.events import DiagnosticEvent, EngineEvent, PolicyEvent, StepEventMetadata

__all__ = ["Diagnostic", "EventLog", "Outcome", "ResourceChange", "Violation", "broken_policies", "last_error_line"]

_QUIET = ("same", "refresh", "read")
_COLOUR_MARKS = re.compile(r"<\{%.*?%\}>")


@dataclass(frozen=True)
class ResourceChange:
    """One step of the engine on one resource."""

    urn: str
    operation: str
    """The engine's word: same, create, update, delete, replace, refresh, read, import …"""
    differences: Mapping[str, str]
    """Path of each property that differs, and how: add, update, delete, each perhaps with -replace."""
    id: str = ""
    """The resource's id, where the engine tells it."""
    live: Mapping[str, Any] = field(default_factory=dict)
    """Its properties as a refresh has read them; only a preview's document tells them."""
    wanted: Mapping[str, Any] = field(default_factory=dict)
    """Its inputs as the program declares them; only a preview's document tells them."""

    @property
    def type(self) -> str:
        """The resource's type, without its parents'."""
        return self.urn.split("::")[2].rsplit("$", 1)[-1]

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.split("::", 3)[3]

    @property
    def internal(self) -> bool:
        """Whether it is of Pulumi itself: the stack or a provider."""
        return self.type.startswith("pulumi:")

    @property
    def word(self) -> str:
        """The type without package and module: `SynchronizationSchema`."""
        return self.type.rsplit(":", 1)[-1]

    @property
    def is_drift(self) -> bool:
        """Whether an `up` would change something here."""
        return self.operation not in _QUIET and not self.internal


@dataclass(frozen=True)
class Diagnostic:
    """One message of the engine, a provider or the program."""

    severity: str
    message: str
    urn: str


@dataclass(frozen=True)
class Violation:
    """What a policy pack says of one resource or of the stack."""

    policy: str
    pack: str
    message: str
    urn: str
    mandatory: bool
    """Whether it ends the run; else it is advice."""

    def __str__(self) -> str:
        resource = self.urn.rpartition("::")[2]
        return f"policy {self.policy} ({self.pack}): {resource}: {self.message}"


@dataclass(frozen=True)
class Outcome:
    """One run: the engine's own words and what they mean."""

    text: str
    """The engine's output, without colours."""
    summary: Mapping[str, int]
    """Number of resources for each operation."""
    changes: tuple[ResourceChange, ...] = ()
    """Every step, `same` included, in the engine's order."""
    diagnostics: tuple[Diagnostic, ...] = ()
    violations: tuple[Violation, ...] = ()
    """Of the policy packs of the run, advice too."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """The stack's outputs after an `up`."""
    seconds: float = 0.0

    @property
    def changed(self) -> Mapping[str, int]:
        """The summary without what stays as it is."""
        return {operation: count for operation, count in self.summary.items() if operation != "same" and count}

    @property
    def drift(self) -> Mapping[str, Mapping[str, str]]:
        """For each resource that the run changes or would change, the paths that differ.

        Keys are the types without package and module (`SynchronizationSchema`), which is unique in one project with one
        application; where two resources share a type the name follows (`SynchronizationSchema name`).
        A resource that is created, deleted or replaced as a whole has its operation as the only path: `(create)`.
        """
        planned = [change for change in self.changes if change.is_drift]
        names: dict[str, set[str]] = {}
        for change in planned:
            names.setdefault(change.type, set()).add(change.name)
        found: dict[str, dict[str, str]] = {}
        for change in planned:
            key = change.word if len(names[change.type]) == 1 else f"{change.word} {change.name}"
            found.setdefault(key, {}).update(change.differences or {f"({change.operation})": change.operation})
        return found


class EventLog:
    """Collects the events of one run; the engine delivers them from several threads."""

    def __init__(self) -> None:
        self._events: list[EngineEvent] = []
        self._lock = threading.Lock()

    @classmethod
    def read(cls, file: Path) -> EventLog:
        """What the CLI wrote with `--event-log`; empty where it wrote nothing. Lines that are cut are left out."""
        log = cls()
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            try:
                log.add(EngineEvent.from_json(json.loads(line)))
            except (ValueError, KeyError, TypeError):
                continue
        return log

    def add(self, event: EngineEvent) -> None:
        """Take one event."""
        with self._lock:
            self._events.append(event)

    @property
    def _ordered(self) -> list[EngineEvent]:
        with self._lock:
            return sorted(self._events, key=lambda event: event.sequence)

    @property
    def changes(self) -> tuple[ResourceChange, ...]:
        """Every step that the engine announced."""
        return tuple(_change(event.resource_pre_event.metadata) for event in self._ordered if event.resource_pre_event)

    @property
    def summary(self) -> dict[str, int]:
        """The last summary; empty where the run did not get so far."""
        for event in reversed(self._ordered):
            if event.summary_event:
                return {str(getattr(op, "value", op)): n for op, n in event.summary_event.resource_changes.items()}
        return {}

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Every message that was meant to stay."""
        events = (event.diagnostic_event for event in self._ordered)
        return tuple(_diagnostic(event) for event in events if event and not event.ephemeral)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What policy packs say."""
        events = (event.policy_event for event in self._ordered)
        return tuple(dict.fromkeys(_violation(event) for event in events if event))


def broken_policies(violations: Iterable[Violation]) -> str:
    """A line for each violation of a mandatory policy; empty where there is none."""
    return "\n".join(str(violation) for violation in violations if violation.mandatory)


def last_error_line(text: str) -> str:
    """The engine's reason, from what it printed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marked = [line.split("error: ", 1)[1] for line in lines if "error: " in line]
    return (marked or lines or ["the engine failed and printed no reason"])[-1]


def _change(step: StepEventMetadata) -> ResourceChange:
    differences = {path: difference.diff_kind.value for path, difference in (step.detailed_diff or {}).items()}
    return ResourceChange(urn=step.urn, operation=step.op.value, differences=differences)


def _violation(event: PolicyEvent) -> Violation:
    # The engine puts the description before the rule's own message, with a line between them.
    message = " ".join(_COLOUR_MARKS.sub("", event.message).split())
    return Violation(
        policy=event.policy_name,
        pack=event.policy_pack_name,
        message=message,
        urn=event.resource_urn or "",
        mandatory=event.enforcement_level == "mandatory",
    )


def _diagnostic(event: DiagnosticEvent) -> Diagnostic:
    return Diagnostic(
        severity=event.severity, message=_COLOUR_MARKS.sub("", event.message).strip(), urn=event.urn or ""
    )
