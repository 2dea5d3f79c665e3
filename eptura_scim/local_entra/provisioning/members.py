"""The members of groups: references, exported after all users and groups are there.

Source: Microsoft, "How application provisioning works" (users and groups first, then memberships; nested groups; a user
who comes back from the recycle bin), "Known issues for provisioning" (Member of group not provisioned), "Develop and
plan provisioning for a SCIM endpoint" (members are never read, one PATCH may have many).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.provisioning.patch import Dialect, add_members, remove_members
from eptura_scim.local_entra.provisioning.target import CredentialsError, DefectError, Target, TargetError
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.cycle_memory import CycleState
from eptura_scim.quantities import counted

__all__ = ["MemberSync", "MembersOutcome"]


@dataclass(slots=True)
class MembersOutcome:
    """What became of a group's members."""

    group: str
    added: int = 0
    removed: int = 0
    code: str = ""
    message: str = ""
    """Why some could not be exported."""


@dataclass(frozen=True, slots=True)
class MemberSync:
    """Exports the members of groups under one configuration."""

    people: People
    state: CycleState
    target: Target
    switches: Switches
    dialect: Dialect
    adds_only: bool
    """Whether the mapping's flow type never takes a member out."""

    async def sync(self, group: str, *, all_members: bool, only: Iterable[str] | None = None) -> MembersOutcome:
        """Bring a group's members to the target: what changed since they were last seen, or with `all_members` all.

        An initial cycle sends all of them again: "restart provisioning to update the … membership". Who was out of
        scope when the membership was seen stays out until then. `only` limits it to some members, as provision on
        demand does. Raises CredentialsError.
        """
        outcome, link = MembersOutcome(group), self.state.links[group]
        present, seen = {entry["id"] for entry in self.people.members(group)}, link.members.keys()
        chosen = present | seen if only is None else set(only)
        new = sorted(chosen & (present if all_members else present - seen))
        gone = {
            member: link.members[member] for member in sorted(chosen & (seen - present)) if not self._in_bin(member)
        }
        added, waiting = self._counterparts(new)
        try:
            await self._send(group, link.target, added, gone, outcome)
        except CredentialsError:
            raise
        except TargetError as error:
            outcome.code, outcome.message = error.code, error.message
            return outcome
        except Exception as error:  # one group's failure
            defect = DefectError(error)
            outcome.code, outcome.message = defect.code, defect.message
            return outcome
        if waiting:
            outcome.code, outcome.message = (
                "ReferenceMissing",
                f"{counted(len(waiting), 'member')} could not be provisioned.",
            )
        return outcome

    async def _send(
        self,
        group: str,
        identifier: str,
        added: dict[str, str | None],
        removed: dict[str, str | None],
        outcome: MembersOutcome,
    ) -> None:
        there = [target for target in added.values() if target is not None]
        # A user that left the directory was deleted in the target, and has left its groups there.
        leaving = [target for member, target in removed.items() if target is not None and self.people.find(member)]
        if there:
            await self.target.patch("Groups", identifier, add_members(there, self.dialect))
            outcome.added = len(there)
        self.state.see_members(group, added, ())
        if leaving and not self.adds_only:
            await self.target.patch("Groups", identifier, remove_members(leaving, self.dialect))
            outcome.removed = len(leaving)
        self.state.see_members(group, {}, list(removed))

    def can_add(self, group: str) -> bool:
        """Whether a member that had no counterpart when the group was last exported has one now."""
        seen = self.state.links[group].members
        links = (self.state.link(entry["id"]) for entry in self.people.members(group) if entry["id"] not in seen)
        return any(link is not None and link.in_scope for link in links)

    def _counterparts(self, members: Iterable[str]) -> tuple[dict[str, str | None], list[str]]:
        """The ids of members in the target, None where a member is out of scope; and the members that failed before."""
        found: dict[str, str | None] = {}
        waiting = []
        for member in members:
            link = self.state.link(member)
            if self.people.kind(member) == "group" and self.switches.nested_group_members == "skipped":
                found[member] = None
            elif link is not None and link.in_scope:
                found[member] = link.target
            elif self.state.escrowed(member) is not None:
                waiting.append(member)
            else:
                found[member] = None
        return found, waiting

    def _in_bin(self, member: str) -> bool:
        """A user in the recycle bin keeps the membership, and has it again when restored."""
        entry = self.people.find(member)
        return entry is not None and entry.get("deletedDateTime") is not None
