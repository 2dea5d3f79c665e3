"""One user or group through provisioning: imported, scoped, matched, exported.

Source: Microsoft, "How application provisioning works" (the outcomes), "On-demand provisioning" (the steps),
"How to analyze the provisioning logs" (codes of skips and failures).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from eptura_scim.local_entra.directory.principal_models import PrincipalEntry
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.provisioning.compiled_rules import CompiledRules, ObjectRules, Skipped
from eptura_scim.local_entra.provisioning.matching import ENDPOINTS, counterpart
from eptura_scim.local_entra.provisioning.patch import AttributeWrite, Dialect, update
from eptura_scim.local_entra.provisioning.scope import CycleScope, ScopeDecision
from eptura_scim.local_entra.provisioning.target import CredentialsError, DefectError, Target, TargetError
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.cycle_memory import CycleState, Link
from eptura_scim.mapping.scim_schemas import MICROSOFT_GROUP
from eptura_scim.types import Json, Kind

__all__ = ["ObjectOutcome", "ObjectSync", "Sources", "SyncAction"]

SyncAction = Literal["Create", "Update", "Disable", "Delete", "StagedDelete", "Other"]
"""What was done, in the words of the provisioning logs; Other is nothing."""

Sources = Callable[[Kind, PrincipalEntry], dict[str, Any]]
"""The source attributes of a user or group, by the names that mappings use."""


@dataclass(slots=True)
class ObjectOutcome:
    """What became of one object, step by step."""

    kind: Kind
    source: str
    label: str = ""
    """userPrincipalName or displayName."""
    action: SyncAction = "Other"
    status: Literal["Success", "Skipped", "Failure"] = "Skipped"
    code: str = ""
    """SkipReason or error code."""
    message: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    """The imported source attributes."""
    verdict: ScopeDecision | None = None
    """None for what is gone from the directory."""
    current: Json | None = None
    """The counterpart as it was found in the target."""
    target: str | None = None
    changes: list[AttributeWrite] = field(default_factory=list)
    """What was written, or would have been."""

    def skipped(self, code: str) -> ObjectOutcome:
        """Note that there is nothing to do, and why."""
        self.code = code
        return self

    def failed(self, error: TargetError) -> ObjectOutcome:
        """Note the failure."""
        self.status, self.code, self.message = "Failure", error.code, error.message
        return self


@dataclass(frozen=True, slots=True)
class ObjectSync:
    """Provisions single objects under one configuration."""

    people: People
    rules: CompiledRules
    scope: CycleScope
    state: CycleState
    target: Target
    sources: Sources
    switches: Switches
    dialect: Dialect
    skip_out_of_scope: bool
    is_initial: bool = False

    async def sync(self, kind: Kind, source: str) -> tuple[ObjectOutcome, bool]:
        """Provision an object. The second value says whether it is left to `deprovision` to disable or delete it.

        Deprovisionings are held back, because they are counted before any of them is done. Raises CredentialsError.
        """
        outcome, link = ObjectOutcome(kind, source), self.state.link(source)
        try:
            entry = self.people.find(source)
            if entry is None:
                return self._purged(outcome, link)
            self._judge(outcome, entry)
            if outcome.verdict is None or outcome.verdict.in_scope:
                return await self._export(outcome, link), False
            return await self._leaving(outcome, link)
        except CredentialsError:
            raise
        except Skipped:
            return outcome.skipped("IgnoreObjectFlow"), False
        except TargetError as error:
            return outcome.failed(error), False
        except Exception as error:  # whatever goes wrong with one object is that object's failure
            return outcome.failed(DefectError(error)), False

    async def deprovision(self, outcome: ObjectOutcome) -> ObjectOutcome:
        """Disable or delete what `sync` held back. Raises CredentialsError."""
        link = self.state.links[outcome.source]
        endpoint = ENDPOINTS[outcome.kind]
        try:
            if outcome.action == "Delete":
                await self.target.delete(endpoint, link.target)
                self.state.put_link(outcome.source, replace(link, deleted=True, in_scope=False, members={}))
            else:
                await self.target.patch(endpoint, link.target, update(outcome.changes, self.dialect))
                self._left(outcome, link)
        except CredentialsError:
            raise
        except TargetError as error:
            return outcome.failed(error)
        except Exception as error:
            return outcome.failed(DefectError(error))
        outcome.status = "Success"
        return outcome

    def judged(self, kind: Kind, entry: PrincipalEntry) -> ScopeDecision:
        """Whether an object is in scope."""
        return self.scope.of(kind, entry, self.sources(kind, entry))

    def _judge(self, outcome: ObjectOutcome, entry: PrincipalEntry) -> None:
        outcome.label = str(entry.get("userPrincipalName") or entry.get("displayName") or "")
        attributes = self.sources(outcome.kind, entry)
        outcome.verdict = self.scope.of(outcome.kind, entry, attributes)
        outcome.attributes = {**attributes, "IsSoftDeleted": not outcome.verdict.in_scope}

    async def _export(self, outcome: ObjectOutcome, link: Link | None) -> ObjectOutcome:
        rules = self.rules.of(outcome.kind)
        found = await counterpart(
            link, rules, outcome.attributes, self.target, self.switches, is_initial=self.is_initial
        )
        if found is None:
            return await self._create(outcome, rules, link)
        outcome.current, outcome.target = found, str(found["id"])
        members = link.members if link is not None and link.target == outcome.target else {}
        self.state.put_link(outcome.source, Link(outcome.kind, outcome.target, members=members))
        await self._update(outcome, rules, found)
        return outcome

    async def _create(self, outcome: ObjectOutcome, rules: ObjectRules, link: Link | None) -> ObjectOutcome:
        created = rules.created(outcome.attributes)
        outcome.changes = [AttributeWrite(row.target, flow.value, is_new=True) for row, flow in created]
        outcome.action = "Create"
        if "Add" not in rules.actions:
            return outcome.skipped("NotPermitted")
        body = rules.body(created)
        if outcome.kind == "Group" and self.switches.group_creation_schemas == "documented":
            body["schemas"] = [*body["schemas"], MICROSOFT_GROUP]
        made = await self.target.create(ENDPOINTS[outcome.kind], body)
        outcome.target, outcome.status = str(made["id"]), "Success"
        self.state.put_link(outcome.source, Link(outcome.kind, outcome.target))
        return outcome

    async def _update(self, outcome: ObjectOutcome, rules: ObjectRules, current: Json) -> None:
        outcome.changes = self._changes(rules, outcome.attributes, current)
        if not outcome.changes:
            outcome.skipped("RedundantExport")
            return
        outcome.action = "Update"
        if "Update" not in rules.actions:
            outcome.skipped("NotPermitted")
            return
        await self.target.patch(ENDPOINTS[outcome.kind], str(current["id"]), update(outcome.changes, self.dialect))
        outcome.status = "Success"

    async def _leaving(self, outcome: ObjectOutcome, link: Link | None) -> tuple[ObjectOutcome, bool]:
        """Prepare the deprovisioning of an object that is out of scope, where it was in scope before."""
        if link is None or not link.in_scope:
            return outcome.skipped("NotEffectivelyEntitled"), False
        outcome.target = link.target
        if self.skip_out_of_scope:
            return outcome.skipped("SkipOutOfScopeDeletions"), False
        rules = self.rules.of(outcome.kind)
        if outcome.kind == "Group":
            if self.switches.group_out_of_scope == "left" or "Delete" not in rules.actions:
                return outcome.skipped("NotEffectivelyEntitled"), False
            outcome.action = "Delete"
            return outcome, True
        current = await self.target.get(ENDPOINTS[outcome.kind], link.target)
        outcome.current = current
        outcome.changes = [] if current is None else self._changes(rules, outcome.attributes, current)
        if not outcome.changes or "Update" not in rules.actions:
            self._left(outcome, link)
            return outcome.skipped("RedundantExport" if not outcome.changes else "NotPermitted"), False
        outcome.action = "Disable"
        return outcome, True

    def _purged(self, outcome: ObjectOutcome, link: Link | None) -> tuple[ObjectOutcome, bool]:
        if link is None:
            return outcome.skipped("NotEffectivelyEntitled"), False
        outcome.target = link.target
        if not link.managed or "Delete" not in self.rules.of(outcome.kind).actions:
            self.state.put_link(outcome.source, replace(link, deleted=True, in_scope=False, members={}))
            return outcome.skipped("NotPermitted" if link.managed else "NotEffectivelyEntitled"), False
        outcome.action = "Delete"
        return outcome, True

    def _left(self, outcome: ObjectOutcome, link: Link) -> None:
        managed = link.managed and outcome.verdict is not None and outcome.verdict.stays_managed
        self.state.put_link(outcome.source, replace(link, in_scope=False, managed=managed))

    def _changes(self, rules: ObjectRules, attributes: Mapping[str, Any], current: Json) -> list[AttributeWrite]:
        return rules.changes(attributes, current, case_counts=self.switches.case_only_changes == "sent")
