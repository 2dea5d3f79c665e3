"""Who is at Eptura after a run with a fault and the cycles that follow it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from acceptance.company import Wanted, harm
from acceptance.eptura import CYCLES, Eptura, Event, Snapshot
from acceptance.sandbox import EngineSandbox

__all__ = ["AS_CONFIGURED", "UNCHANGED", "Expected", "Seen", "Watch"]

UNCHANGED = "unchanged"
AS_CONFIGURED = "as configured"


@dataclass(frozen=True)
class Expected:
    """What Eptura has before an operation, and what it has to have after it."""

    before: Wanted
    after: Wanted


@dataclass(frozen=True)
class Seen:
    """What Eptura has."""

    found: str
    """`UNCHANGED`, `AS_CONFIGURED`, or what happened."""
    harm: list[str]
    """What happened to users and groups although no configuration asks for it."""
    missing: list[str]
    """What differs from the new configuration."""


class Watch:
    """Eptura beside the runs of one operation, which begins when this is made."""

    def __init__(self, sandbox: EngineSandbox, expected: Expected) -> None:
        self._sandbox = sandbox
        self._expected = expected
        if problems := expected.before.problems(self._snapshot()):
            raise RuntimeError(f"Eptura does not have what the operation begins with: {problems}")

    def run_cycles(self) -> Seen:
        """Run cycles, and see what each did."""
        now, wanted = self._snapshot(), self._expected
        events: list[Event] = []
        for _ in range(CYCLES):
            self._sandbox.cycle()
            earlier, now = now, self._snapshot()
            events += now.since(earlier)
        missing = wanted.after.problems(now)
        done = [*harm(events, [wanted.before, wanted.after]), *wanted.after.wrong_keys(now)]
        return Seen(_word(wanted, now, events, missing), [f"at Eptura: {event}" for event in done], missing)

    def contents(self) -> str:
        """What Eptura has, as a text that is the same whenever it means the same."""
        now = self._snapshot()
        users = {user["userName"]: {**user, "id": "", "meta": "", "groups": ""} for user in now.users.values()}
        groups = {name: sorted(members) for name, members in now.members.items()}
        return json.dumps([users, groups], sort_keys=True, default=str)

    def _snapshot(self) -> Snapshot:
        return Eptura(self._sandbox.entra.scim).snapshot()


def _word(wanted: Expected, now: Snapshot, events: list[Event], missing: list[str]) -> str:
    if not missing:
        return AS_CONFIGURED
    if not wanted.before.problems(now):
        return UNCHANGED
    return ", ".join(map(str, events)) or "; ".join(missing)
