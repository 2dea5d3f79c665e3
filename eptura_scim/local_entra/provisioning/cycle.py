"""One cycle of a job: initial or incremental, from the directory's changes to the stored watermark.

Source: Microsoft, "How application provisioning works", Provisioning cycles: initial and incremental; "Enable
accidental deletions prevention".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.directory.principal_models import PrincipalEntry
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.provisioning.members import MembersOutcome, MemberSync
from eptura_scim.local_entra.provisioning.object_sync import ObjectOutcome, ObjectSync
from eptura_scim.local_entra.provisioning.target import TargetError
from eptura_scim.local_entra.synchronization.cycle_memory import GIVE_UP, Escrow, retry_at
from eptura_scim.local_entra.synchronization.job_status import CycleCounts
from eptura_scim.types import Kind

__all__ = ["Cycle", "CycleReport"]

_PAGE = 100  # objects; how many a page of the service's progress has is undocumented


@dataclass(slots=True)
class CycleReport:
    """What a cycle did."""

    kind: Literal["initial", "incremental"]
    began: datetime
    counts: CycleCounts = field(default_factory=CycleCounts)
    outcomes: list[ObjectOutcome] = field(default_factory=list)
    """What became of each object that was exported, or failed; what was skipped is left out."""
    members: list[MembersOutcome] = field(default_factory=list)
    failures: int = 0
    """Objects that failed in this cycle."""
    error: TargetError | None = None
    """Why it ended before its end."""
    staged: int = 0
    """Deprovisionings that were held back because there are more than the threshold allows."""

    def of(self, action: str) -> list[str]:
        """The names of the objects for which an action succeeded or was staged."""
        return [one.label for one in self.outcomes if one.action == action and one.status != "Failure"]


class Cycle:
    """One cycle of one job; an object of this class runs once."""

    def __init__(
        self,
        sync: ObjectSync,
        clock: Clock,
        *,
        further: Sequence[tuple[Kind, ObjectSync]] = (),
        delete_threshold: int | None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        on_outcome: Callable[[ObjectOutcome], None] = lambda outcome: None,
    ) -> None:
        self._sync = sync
        self._further = further
        row = sync.rules.groups.members
        self._members = MemberSync(
            sync.people,
            sync.state,
            sync.target,
            sync.switches,
            sync.dialect,
            adds_only=row is not None and row.adds_only,
        )
        self._people: People = sync.people
        self._state = sync.state
        self._clock = clock
        self._threshold = delete_threshold
        self._on_progress = on_progress
        self._on_outcome = on_outcome
        self.report = CycleReport("initial" if sync.is_initial else "incremental", clock())
        """What it did so far."""
        self._held: list[ObjectOutcome] = []

    async def run(self) -> CycleReport:
        """Provision what is due. Raises CredentialsError, and leaves the watermark then as it was.

        More deprovisionings than the threshold allows are staged: none of them is done, and the watermark stays, so
        that the next cycle finds them again.
        """
        began = self._clock()
        changes = self._people.changes_since(0 if self._sync.is_initial else self._state.watermark or 0)
        users, groups = self._candidates(changes.ids, began)
        total = -(-(len(users) + len(groups)) // _PAGE)
        done = 0
        if total:
            self._on_progress(0, total)
        kinds: tuple[tuple[Kind, list[str]], ...] = (("User", users), ("Group", groups))
        for kind, sources in kinds:
            for source in sources:
                await self._provision(kind, source)
                done += 1
                if done % _PAGE == 0:
                    self._on_progress(done // _PAGE, total)
        if self._threshold is not None and len(self._held) > self._threshold:
            self._stage()
        else:
            for outcome in self._held:
                self._settle(await self._sync.deprovision(outcome))
        await self._references(set(changes.ids), began)
        if not self.report.staged:
            self._state.mark(changes.number)
        self.report.counts.escrowed = len(self._state.escrows)
        return self.report

    def _candidates(self, changed: Iterable[str], now: datetime) -> tuple[list[str], list[str]]:
        """The objects to process: changed ones, failures due for a retry, members that changed groups gain or lose."""
        ids = dict.fromkeys(changed)
        self.report.counts.imported = len(ids)
        self.report.counts.deltas = 0 if self._sync.is_initial else len(ids)
        ids.update(dict.fromkeys(e.source for e in self._state.escrows.values() if not e.reference and e.next <= now))
        if self._sync.is_initial:
            ids.update(dict.fromkeys(self._state.links))
        elif not self._sync.scope.sync_all:
            ids.update(dict.fromkeys(self._moved(list(ids))))
        users = [source for source in ids if self._people.kind(source) == "user"]
        groups = [source for source in ids if self._people.kind(source) == "group"]
        return users if self._provisions("User") else [], groups if self._provisions("Group") else []

    def _provisions(self, kind: Kind) -> bool:
        return self._sync.rules.of(kind).enabled or any(further == kind for further, _ in self._further)

    def _moved(self, changed: list[str]) -> Iterable[str]:
        """Users whose scope a changed group may have changed: its members, and those that were in scope before."""
        groups = [source for source in changed if self._people.kind(source) == "group"]
        if not groups:
            return
        for group in groups:
            if self._sync.scope.gives_access(group) and self._people.find(group) is not None:
                yield from (entry["id"] for entry in self._people.members(group))
        for source, link in list(self._state.links.items()):
            if link.kind == "User" and link.in_scope and not link.deleted:
                entry = self._people.find(source)
                if entry is not None and self._leaves("User", entry):
                    yield source

    def _leaves(self, kind: Kind, entry: PrincipalEntry, sync: ObjectSync | None = None) -> bool:
        try:
            return not (sync or self._sync).judged(kind, entry).in_scope
        except Exception:
            return True  # it fails again where failures are kept

    async def _provision(self, kind: Kind, source: str) -> None:
        """Provision one object by the mapping of its kind, then by the further mappings that have it in scope.

        It leaves the scope where no mapping has it in scope.
        """
        further = self._further_of(kind, source)
        if self._sync.rules.of(kind).enabled:
            outcome, is_held = await self._sync.sync(kind, source)
            if outcome.verdict is not None and outcome.verdict.in_scope:
                self.report.counts.entitled += 1
            if not is_held:
                self._settle(outcome)
            elif not further:
                self._held.append(outcome)
        for sync in further:
            outcome, _ = await sync.sync(kind, source)
            if outcome.status != "Skipped":
                self._settle(outcome)

    def _further_of(self, kind: Kind, source: str) -> list[ObjectSync]:
        entry = self._people.find(source)
        if entry is None:
            return []
        return [sync for further, sync in self._further if further == kind and not self._leaves(kind, entry, sync)]

    def _stage(self) -> None:
        self.report.staged = len(self._held)
        for outcome in self._held:
            outcome.action, outcome.status = "StagedDelete", "Skipped"
            self._on_outcome(outcome)
            self.report.outcomes.append(outcome)

    def _settle(self, outcome: ObjectOutcome) -> None:
        self._on_outcome(outcome)
        if outcome.status == "Skipped":
            self._state.settle(outcome.source)
            return
        self.report.outcomes.append(outcome)
        self.report.counts.exports += 1
        if outcome.status == "Success":
            self.report.counts.exported += 1
            self._state.settle(outcome.source)
            return
        self.report.failures += 1
        self._escrow(outcome.kind, outcome.source, TargetError(outcome.code, outcome.message))

    async def _references(self, changed: set[str], now: datetime) -> None:
        rules = self._sync.rules.groups
        if not rules.enabled or rules.members is None or "Update" not in rules.actions:
            return
        at_once = self._sync.switches.reference_retries == "when it exists"
        due = {
            escrow.source
            for escrow in self._state.escrows.values()
            if escrow.reference and (escrow.next <= now or (at_once and self._waited_for(escrow.source)))
        }
        for group, link in list(self._state.links.items()):
            entry = self._people.find(group)
            if link.kind != "Group" or link.deleted or not link.in_scope or entry is None:
                continue
            if not self._sync.is_initial and group not in changed | due:
                continue
            if self._leaves("Group", entry):  # with out-of-scope deletions skipped, the link is kept
                continue
            outcome = await self._members.sync(group, all_members=self._sync.is_initial)
            self.report.counts.reference_deltas += outcome.added + outcome.removed
            if outcome.added or outcome.removed or outcome.code:
                self.report.members.append(outcome)
                self._on_outcome(self._of_members(group, link.target, outcome))
            if outcome.code:
                self._escrow("Group", group, TargetError(outcome.code, outcome.message), reference=True)
            else:
                self._state.settle(f"{group}#members")

    def _of_members(self, group: str, target: str, done: MembersOutcome) -> ObjectOutcome:
        """A change of members as a change of the group, for the provisioning logs."""
        entry = self._people.find(group) or {}
        outcome = ObjectOutcome("Group", group, label=str(entry.get("displayName", "")), action="Update", target=target)
        if done.code:
            return outcome.failed(TargetError(done.code, done.message))
        outcome.status, outcome.message = "Success", f"{done.added} members were added, {done.removed} removed."
        return outcome

    def _waited_for(self, group: str) -> bool:
        """Whether a group waits for a member that this cycle has provisioned."""
        return self._people.find(group) is not None and self._members.can_add(group)

    def _escrow(self, kind: Kind, source: str, error: TargetError, *, reference: bool = False) -> None:
        """Remember a failure and when it is tried again; after 28 days it is given up."""
        now, before = self._clock(), self._state.escrowed(source, reference=reference)
        first = now if before is None else before.first
        attempts = 1 if before is None else before.attempts + 1
        if now - first >= GIVE_UP:
            self._state.settle(before.key if before is not None else source)
            return
        soon = error.is_retried_soon or self._sync.switches.escrow_retries == "each cycle"
        again = now if soon else retry_at(first, attempts, now)
        self._state.put_escrow(Escrow(kind, source, error.code, error.message, first, attempts, again, reference))
