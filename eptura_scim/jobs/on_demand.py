"""Sending one user or group on demand: found, seen to be assigned, sent at the pace that Microsoft allows.

Source: Microsoft, "On-demand provisioning in Microsoft Entra ID"; Microsoft Graph v1.0, provisionOnDemand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.on_demand import MEMBERS_AT_ONCE, OnDemandResult, RateLimit
from eptura_scim.graph.principals import Principal, Principals
from eptura_scim.graph.secrets import COMPLIANCE_FLAG
from eptura_scim.jobs.assigned import SCOPE_UNSET
from eptura_scim.jobs.errors import NothingDoneError
from eptura_scim.jobs.locate import JobSession
from eptura_scim.jobs.on_demand_report import OnDemandReport, on_demand_report
from eptura_scim.mapping import external_id_problem
from eptura_scim.mapping.schema import provisioning_rule
from eptura_scim.quantities import counted
from eptura_scim.types import Say

__all__ = ["OnDemand", "OnDemandOptions"]

_ASK_ABOVE = 10
_RETRY_SECONDS = 15.0


@dataclass(frozen=True)
class OnDemandOptions:
    """What the options say."""

    wait: float = 0
    members: int | None = None
    unassigned: bool = False
    force: bool = False


class OnDemand:
    """Provisions on demand through one job. Methods raise GraphError, and NothingDoneError where nothing was sent."""

    def __init__(
        self,
        session: JobSession,
        options: OnDemandOptions,
        *,
        say: Say,
        confirm: Callable[[], bool],
        time: Consistency | None = None,
        rate_limit: RateLimit | None = None,
    ) -> None:
        self._session = session
        self._options = options
        self._say = say
        self._confirm = confirm
        self._time = time or Consistency()
        self._rate_limit = rate_limit or RateLimit()
        self._principals = Principals(session.client)
        self._warnings: list[str] = []

    async def provision(self, name: str) -> OnDemandReport:
        """Find the user or group, see that it is assigned, send it."""
        api, ref = self._session.api, self._session.ref
        principal = await self._found(name)
        connection = await api.connection(ref.service_principal)
        rule = await self._rule(principal)
        if COMPLIANCE_FLAG.lower() in connection.tenant_url.lower():
            self._warnings.append(
                f"the tenant URL has the flag {COMPLIANCE_FLAG}, which on-demand provisioning does not use: a "
                "cycle may send other requests than this did"
            )
        if connection.scope == "unset":
            self._warnings.append(SCOPE_UNSET)
        deadline = self._time.clock() + self._options.wait
        by_assignment = connection.scope == "assigned"
        if by_assignment and not self._options.unassigned and not await self._assigned(principal, deadline):
            return on_demand_report(principal, [], self._warnings)
        batches, left = await self._batches(principal)
        results: list[tuple[tuple[str, ...], OnDemandResult]] = []
        for batch in batches:
            result = await self._sent(rule, principal, batch, deadline if by_assignment else 0)
            results.append((batch, result))
            if result.outcome in {"skipped", "failed"}:
                left += sum(map(len, batches[len(results) :]))
                break
        return on_demand_report(principal, results, self._warnings, left)

    async def _found(self, name: str) -> Principal:
        found = await self._principals.find(name)
        if len(found) == 1:
            return found[0]
        if found:
            ids = "".join(f"\n  {principal.id} {principal.name}" for principal in found)
            raise NothingDoneError(
                f"{name!r} names {counted(len(found), found[0].kind.lower())}; give the object id of one:{ids}"
            )
        raise NothingDoneError(
            f"{name!r} is neither a user's userPrincipalName, mail or object id nor a group's display name or object id"
        )

    async def _rule(self, principal: Principal) -> str:
        """The synchronization rule for the kind of principal. Its externalId is checked as `start` does."""
        schema = await self._session.api.schema(self._session.ref)
        rule, enabled = provisioning_rule(schema, principal.kind)
        if not enabled:
            raise NothingDoneError(
                f"{principal.kind.lower()}s are not provisioned by this job: their mapping is switched off"
            )
        if principal.kind == "User" and (problem := external_id_problem(schema)):
            if not self._options.force:
                raise NothingDoneError(
                    f"nothing was sent: {problem}. `pulumi up` writes the mappings; --force sends anyway"
                )
            self._warnings.append(problem)
        return rule

    async def _assigned(self, principal: Principal, deadline: float) -> bool:
        pause = self._time.first_pause
        while not await self._principals.is_assigned(principal, self._session.ref.service_principal):
            if self._time.clock() + pause > deadline:
                return False
            self._say(f"{principal.name} is not shown as assigned yet; retrying in {pause:.0f} s")
            await self._time.sleep(pause)
            pause = min(pause * 2, self._time.longest_pause)
        return True

    async def _batches(self, principal: Principal) -> tuple[list[tuple[str, ...]], int]:
        """The members to send, request by request, and how many members are not sent."""
        if principal.kind == "User" or self._options.members == 0:
            return [()], 0
        users, groups, neither = await self._principals.members(principal)
        if others := len(groups) + neither:
            self._warnings.append(
                f"not users: {counted(others, 'direct member')}. Entra does not provision nested groups"
            )
        sent = users[: self._options.members]
        batches = [sent[at : at + MEMBERS_AT_ONCE] for at in range(0, len(sent), MEMBERS_AT_ONCE)] or [()]
        if len(batches) > _ASK_ABOVE:
            self._say(
                f"{principal.name}: {counted(len(sent), 'member')} need {counted(len(batches), 'request')} "
                f"(at least {2 * len(batches)} s). "
                "--members 5 sends only five"
            )
            if not self._confirm():
                raise NothingDoneError("not confirmed: nothing was sent. --yes confirms beforehand")
        return batches, len(users) - len(sent)

    async def _sent(self, rule: str, principal: Principal, members: tuple[str, ...], deadline: float) -> OnDemandResult:
        """Send one request, and again until the deadline while Entra does not honour an existing assignment."""
        while True:
            await self._rate_limit.turn()
            result = await self._session.api.provision_on_demand(
                self._session.ref, rule, principal.kind, principal.id, members
            )
            out_of_scope = result.outcome == "skipped" and result.error_code == "NotEffectivelyEntitled"
            if not out_of_scope or self._time.clock() + _RETRY_SECONDS > deadline:
                return result
            self._say(f"Entra does not honour the assignment yet; retrying in {_RETRY_SECONDS:.0f} s")
            await self._time.sleep(_RETRY_SECONDS)
