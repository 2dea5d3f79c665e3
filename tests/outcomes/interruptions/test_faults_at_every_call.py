"""Any fault at any call of a change of a running stack harms no user and no group; the next `up` completes the change.

A cycle runs before each call. Each half of these changes alone would do harm: see `CHANGES`. `make fuzz` tries most of
the faults at most of the calls; docs/faults.md has the first change with the real engine.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from acceptance.company import Company, harm
from acceptance.faults.steps import FaultStep, steps_of
from eptura_scim.settings import Settings
from tests.examples import examples
from tests.outcomes.engine import Run
from tests.outcomes.sandbox import Sandbox

ALWAYS = frozenset(range(400))
SALES = 'department EQUALS "sales"'

CHANGES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    # The narrow scope alone disables Ann and Cid, the wide scope without the filter creates Dan.
    "a filter becomes assignments": (
        {"userFilter": SALES},
        {"scope": "assigned", "assignedGroups": "Sales", "assignedUsers": "bob", "phoneWork": "rfc3966"},
    ),
    # The wide scope alone creates Bob and Dan.
    "assignments become a filter": (
        {"scope": "assigned", "assignedGroups": "Sales"},
        {"userFilter": SALES, "notificationEmail": "operations@example.com"},
    ),
    # Ann, who stays, must not be disabled while her own assignment is missing and that of her group is removed.
    "others are assigned": (
        {"scope": "assigned", "assignedGroups": "Sales"},
        {"scope": "assigned", "assignedUsers": "ann", "groupMatching": "externalIdOnly"},
    ),
    # The narrow scope must not be seen by a last cycle.
    "provisioning is switched off": ({}, {"scope": "assigned", "assignedGroups": "Sales", "provisioning": "off"}),
}
FAULTS: dict[str, dict[str, Any]] = {
    "429": {"status": 429, "retry_after": 2},
    "500": {"status": 500},
    "400": {"status": 400},
    "409": {"status": 409},
    "403 for ever": {"status": 403, "times": 999},
    "404": {"status": 404},
    "409 for ever": {"status": 409, "times": 999},
    "503 for ever": {"status": 503, "times": 999},
    "cut": {"kind": "reset"},
    "done and cut": {"kind": "reset", "applied": True},
    "done and always cut": {"kind": "reset", "applied": True, "times": 999},
    "truncated": {"kind": "truncate"},
    "a web page": {"kind": "garble"},
}
REPLICAS: dict[str, dict[str, Any]] = {"late": {"kind": "lag", "times": 3}, "stale": {"kind": "stale", "times": 3}}
"""For every client: what was created is not found, what was written is not seen."""


class Change:
    """A stack that provisions and is to be changed."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self.sandbox = sandbox
        self.company = Company(sandbox.entra.people)
        self.before, self.after = (self._settings(values) for values in CHANGES[name])
        assert sandbox.up(self.before).succeeded
        sandbox.cycles()
        assert self.company.wanted(self.before).problems(sandbox.eptura.snapshot()) == []
        sandbox.eptura.journal.clear()
        sandbox.entra.calls.clear()

    def _settings(self, values: dict[str, str]) -> Settings:
        return self.sandbox.settings(**self.company.with_ids(values))

    def no_harm(self) -> None:
        """In no cycle so far."""
        wanted = [self.company.wanted(self.before), self.company.wanted(self.after)]
        assert harm(self.sandbox.eptura.journal, wanted) == []
        assert self.company.wanted(self.after).wrong_keys(self.sandbox.eptura.snapshot()) == []

    def arrived(self) -> None:
        """At Eptura, after enough cycles. While provisioning is off nothing arrives."""
        self.sandbox.cycles()
        self.no_harm()
        expected = self.after if self.after.provisioning else self.before
        assert self.company.wanted(expected).problems(self.sandbox.eptura.snapshot()) == []

    def up(self) -> Run:
        """With a cycle before each call."""
        run = self.sandbox.up(self.after, cycle_at=ALWAYS)
        self.no_harm()
        return run

    def completed_by_up(self) -> None:
        """The same `up`, after what the README tells to do where an assignment is in no state."""
        run = self.sandbox.up(self.after, cycle_at=ALWAYS)
        if "already exists" in run.error:
            principal = self.sandbox.portal.service_principal()["id"]
            for made in self.sandbox.entra.people.assignments(principal):
                if not any(made["id"] in record.id for record in self.sandbox.engine.state):
                    self.sandbox.entra.people.unassign(principal, made["id"])
            run = self.sandbox.up(self.after)
        assert run.succeeded, run.error
        self.arrived()
        assert self.sandbox.preview(self.after).clean


@cache
def steps(name: str) -> tuple[FaultStep, ...]:
    """The calls that a change makes, each kind once."""
    with Sandbox() as sandbox:
        change = Change(sandbox, name)
        assert change.up().succeeded
        return tuple(step for step in steps_of(sandbox.entra.calls) if step.is_graph)


def is_forgotten(step: FaultStep, fault: str) -> bool:
    """azuread takes what it does not find for deleted: it makes another application, and an assignment that the program
    no longer declares stays, like one made in the portal. No plugin can prevent that.
    """
    return fault == "404" and (step.plugin, step.method) == ("azuread", "GET")


@pytest.mark.slow
@given(st.sampled_from(sorted(CHANGES)), st.sampled_from([*FAULTS, *REPLICAS]), st.integers(0, 99))
@examples(8)
def test_a_fault_at_any_call_of_a_change_harms_no_user(name: str, fault: str, number: int) -> None:
    possible = [step for step in steps(name) if step.is_write or fault in FAULTS]
    step = possible[number % len(possible)]
    assume(not is_forgotten(step, fault))
    note(f"{name}: {fault} at {step.label}")
    with Sandbox() as sandbox:
        change = Change(sandbox, name)
        if fault in REPLICAS:
            sandbox.fault(method=step.method, path=step.pattern, **REPLICAS[fault])
        else:
            sandbox.fault(**step.where, **FAULTS[fault])
        run = change.up()
        note(f"{run}")
        if run.succeeded:
            change.arrived()
        sandbox.cycles()
        change.no_harm()
        sandbox.entra.faults.clear()
        change.completed_by_up()


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_change_without_a_fault_harms_no_user(name: str) -> None:
    with Sandbox() as sandbox:
        change = Change(sandbox, name)
        assert change.up().succeeded
        change.arrived()
