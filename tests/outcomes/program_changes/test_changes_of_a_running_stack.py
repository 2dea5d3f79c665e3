"""In whatever order settings change, people edit, runs fail or are killed, and cycles run: nobody who is right is
touched, and after an `up` that succeeds and enough cycles Eptura has what the settings say.

I1, I3: while a run goes on, or after it failed or was killed, a cycle touches nobody who is right before and after.
I2: after an `up` that succeeded, and enough cycles, Eptura has exactly the people and groups of the settings.
I4: no user has another externalId than the object id, ever.
I5: a preview without changes means the same as I2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from acceptance.company import FILTERS, GROUP_FILTERS, Company, harm
from acceptance.eptura import Eptura
from eptura_scim.settings import Settings
from tests.examples import examples
from tests.outcomes.engine import Run
from tests.outcomes.sandbox import Sandbox

EXAMPLES = 6
_TOKEN = "another-token"
_CALLS = st.integers(0, 60)
_CHANGES: dict[str, tuple[str, ...]] = {
    "scope": ("all", "assigned"),
    "assignedGroups": ("", "Sales", "Everyone"),
    "assignedUsers": ("", "dan", "ann"),
    "userFilter": tuple(FILTERS),
    "groupFilter": tuple(GROUP_FILTERS),
    "groupActions": ("", "create,update"),
    "secretToken": ("", _TOKEN),
    "notificationEmail": ("", "it@contoso.example"),
    "phoneWork": ("off", "rfc3966", "direct"),
    "phoneMobile": ("off", "direct"),
    "groupMatching": ("externalIdThenDisplayName", "externalIdOnly"),
    "skipOutOfScopeDeletions": ("off", "on"),
    "tenantUrl": ("", "", "other"),
    "provisioning": ("on", "on", "on", "off"),
}
_FAULTS = st.fixed_dictionaries(
    {"after": _CALLS, "times": st.sampled_from([1, 1, 99])},
    optional={"applied": st.booleans()},
).flatmap(
    lambda fault: st.sampled_from(
        [
            *({**fault, "status": status} for status in (400, 403, 404, 409, 500)),
            {**fault, "kind": "reset"},
            {**fault, "kind": "truncate"},
            {"kind": "lag", "times": 1 + fault["after"] % 4},
            {"kind": "stale", "times": 1 + fault["after"] % 4},
        ]
    )
)
_CHANGED = st.lists(st.sampled_from(sorted(_CHANGES)), unique=True, max_size=3).flatmap(
    lambda names: st.fixed_dictionaries({name: st.sampled_from(_CHANGES[name]) for name in names})
)
_CYCLES = st.frozensets(_CALLS, max_size=2)
_SEEDS = st.integers(0, 9)
_EDITS = st.sampled_from(["pause", "start", "narrow", "widen", "remove mapping", "change mapping", "delete job"])


class RunningStack(RuleBasedStateMachine):
    """A stack that provisions, and what people, machines and chance do to it."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox()
        self.sandbox.__enter__()
        self.sandbox.accept(_TOKEN)
        self.company = Company(self.sandbox.entra.people)
        self.values: dict[str, str] = {}
        self.in_force: list[Settings] = []
        """Settings that may be live, in whole: those of the last run that succeeded, and of all that did not since."""
        self.left: set[str] = set()
        """Addresses of Eptura where Entra's links are forgotten: who leaves the scope later stays there."""

    def teardown(self) -> None:
        self.sandbox.__exit__()

    @initialize(changes=_CHANGED, restart_of_paused=st.sampled_from(["stays paused", "starts"]))
    def first_up(self, changes: dict[str, str], restart_of_paused: Literal["stays paused", "starts"]) -> None:
        self.sandbox.entra.switches.restart_of_paused = restart_of_paused
        self.values = changes
        self._up()
        self._cycles()

    @rule(changes=_CHANGED, cycles=_CYCLES, seed=_SEEDS)
    def up(self, changes: dict[str, str], cycles: frozenset[int], seed: int) -> None:
        self.values |= changes
        self._up(cycle_at=cycles, seed=seed)

    @rule(changes=_CHANGED)
    def up_and_enough_cycles(self, changes: dict[str, str]) -> None:
        self.values |= changes
        self._up()
        self._cycles()
        self._eptura_is_as_wanted()

    @rule(changes=_CHANGED, number=_CALLS, after=st.booleans(), cycles=_CYCLES, seed=_SEEDS)
    def up_that_is_killed(
        self, changes: dict[str, str], number: int, after: bool, cycles: frozenset[int], seed: int
    ) -> None:
        self.values |= changes
        self._run(**{"kill_after" if after else "kill_at": number}, cycle_at=cycles, seed=seed)

    @rule(changes=_CHANGED, fault=_FAULTS, cycles=_CYCLES, seed=_SEEDS)
    def up_that_meets_a_fault(
        self, changes: dict[str, str], fault: dict[str, Any], cycles: frozenset[int], seed: int
    ) -> None:
        self.values |= changes
        self.sandbox.fault(path="^/(v1.0|beta)/", **fault)
        self._run(cycle_at=cycles, seed=seed)
        self.sandbox.entra.faults.clear()

    @rule(changes=_CHANGED, refresh=st.booleans(), cycles=_CYCLES)
    def up_of_the_state_alone(self, changes: dict[str, str], refresh: bool, cycles: frozenset[int]) -> None:
        self.values |= changes
        self._run(target=":SynchronizationJobState", refresh=refresh, cycle_at=cycles)

    @rule(fault=st.none() | _FAULTS)
    def refresh(self, fault: dict[str, Any] | None) -> None:
        if fault:
            self.sandbox.fault(path="^/(v1.0|beta)/", **fault)
        note(f"refresh: {self.sandbox.refresh()}")
        self.sandbox.entra.faults.clear()

    @rule(edit=_EDITS)
    def edit_in_the_portal(self, edit: str) -> None:
        portal = self.sandbox.portal
        if not portal.jobs():
            return
        match edit:
            case "pause":
                portal.stop()
            case "start":
                portal.start()
            case "narrow" | "widen":
                scope = "assigned" if edit == "narrow" else "all"
                portal.set_scope(scope)  # type: ignore[arg-type]
                self.in_force += [found.model_copy(update={"scope": scope}) for found in self.in_force]
            case "remove mapping":
                if any(row["targetAttributeName"] == _MAIL for row in _user_rows(portal.schema())):
                    portal.remove_user_mapping(_MAIL)
            case "change mapping":
                portal.set_user_source("name.givenName", "[mailNickname]")
            case "delete job":
                portal.delete_job()
                self.left |= {server.url for server in self._servers()}

    @rule()
    def cycle(self) -> None:
        self.sandbox.cycle()
        self._nobody_was_harmed()

    @rule()
    def preview(self) -> None:
        run = self.sandbox.preview(self._settings())
        note(f"preview: {run}")
        if run.clean:
            self._cycles()
            self._eptura_is_as_wanted()

    @rule(changes=_CHANGED)
    def preview_of_other_settings(self, changes: dict[str, str]) -> None:
        self.sandbox.preview(self._settings(changes))
        assert self.sandbox.writes == []

    @invariant()
    def nobody_has_a_wrong_external_id(self) -> None:
        for server in self._servers() if self.in_force else ():
            assert self.company.wanted(self._settings()).wrong_keys(server.snapshot()) == []

    # Inside

    def _servers(self) -> tuple[Eptura, Eptura]:
        return self.sandbox.eptura, self.sandbox.other_eptura

    def _settings(self, changes: Mapping[str, str] = MappingProxyType({})) -> Settings:
        named = {**self.values, **changes}
        address = self.sandbox.other_eptura.url if named.pop("tenantUrl", "") else self.sandbox.eptura.url
        if not named.get("secretToken"):
            named.pop("secretToken", None)
        return self.sandbox.settings(tenantUrl=address, **self.company.with_ids(named))

    def _up(self, **options: Any) -> None:
        """An `up` that nothing disturbs."""
        run = self._run(**options)
        if "already exists" in run.error:  # azuread made an assignment, and the run was killed before it was noted
            for made in self.sandbox.entra.people.assignments(self.sandbox.portal.service_principal()["id"]):
                if not any(made["id"] in record.id for record in self.sandbox.engine.state):
                    self.sandbox.entra.people.unassign(self.sandbox.portal.service_principal()["id"], made["id"])
            run = self._run(**options)
        assert run.succeeded, run.error

    def _run(self, **options: Any) -> Run:
        settings = self._settings()
        self.in_force.append(settings)
        self._note_who_is_left()
        run = self.sandbox.up(settings, **options)
        note(f"{options}: {run}")
        self._nobody_was_harmed()
        if run.succeeded and "target" not in options:
            self.in_force = [settings]
        return run

    def _note_who_is_left(self) -> None:
        addresses = {found.tenant_url for found in self.in_force}
        self.left |= addresses if len(addresses) > 1 else set()

    def _cycles(self) -> None:
        self.sandbox.cycles()
        self._nobody_was_harmed()

    def _nobody_was_harmed(self) -> None:
        for server in self._servers():
            events, server.journal = server.journal, []
            note(f"at {server.url}: {', '.join(map(str, events)) or 'nothing'}")
            wanted = [self.company.wanted(found) for found in self.in_force if found.tenant_url == server.url]
            assert harm(events, wanted) == []

    def _eptura_is_as_wanted(self) -> None:
        settings = self._settings()
        [server] = [server for server in self._servers() if server.url == settings.tenant_url]
        wanted = self.company.wanted(settings)
        if server.url in self.left:
            wanted = replace(wanted, keeps_leavers=True)
        if settings.provisioning:
            assert wanted.problems(server.snapshot()) == []


_MAIL = 'emails[type eq "work"].value'


def _user_rows(schema: dict[str, Any]) -> list[dict[str, Any]]:
    mappings = schema["synchronizationRules"][0]["objectMappings"]
    return [row for found in mappings if found["sourceObjectName"] == "User" for row in found["attributeMappings"]]


@pytest.mark.slow
def test_any_sequence_of_changes_edits_faults_and_cycles() -> None:
    run_state_machine_as_test(RunningStack, settings=settings(examples(EXAMPLES), stateful_step_count=8))
