"""Changes of a job that runs: the job is paused first, and restarted when everything is saved.

A cycle must see the old configuration or the new one, never a mixture of both. One write is atomic for a cycle; where
a change needs several, or where Entra does not evaluate all users again by itself, the job is paused before the first
write. A run that ends early leaves the job paused: that harms no user, the next preview names the paused job, and the
next update restarts it.

Sources: Microsoft Graph v1.0, synchronizationJob: pause (the running cycle finishes) and restart; Microsoft, "How
application provisioning works": a restart, changed mappings and changed scoping filters start an initial cycle. The
Sync all switch is not among them.
"""

from __future__ import annotations

from typing import Any

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.synchronization import PORTAL_RESTART, JobRef, ResetScope, SynchronizationClient
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.messages import inform

__all__ = ["REEVALUATE", "RELINK", "PausedChanges", "pause_and_wait"]

REEVALUATE = PORTAL_RESTART
"""What a restart forgets so that all users and groups are evaluated again; links to the target are kept."""

RELINK: tuple[ResetScope, ...] = ("Full",)
"""What a restart forgets when the target is another one: links point at ids of the old target."""


class PausedChanges:
    """The changes of one run that end with a restart of their job.

    The engine serves a run with one process, so all resources of a run share one object. A preview only plans.
    """

    def __init__(self) -> None:
        self._planned: dict[str, tuple[ResetScope, ...]] = {}
        self._completed: dict[str, Any] = {}
        self._declared: dict[str, Any] = {}
        self._linked: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._parts: dict[str, set[str]] = {}

    def note_completed(self, service_principal: str, configuration: Any) -> None:
        """Note the configuration that the last run brought about to its end, in wire names; None where it is unknown.

        SynchronizationJob is updated first: what its state says may stem from a run that was cut before the rest.
        """
        self._completed[service_principal] = configuration

    def completed(self, service_principal: str) -> Any:
        """The configuration that was noted; None without a refresh."""
        return self._completed.get(service_principal)

    def note_declared(self, service_principal: str, configuration: Any) -> None:
        """Note the configuration that the program declares for the SynchronizationJob, in wire names."""
        self._declared[service_principal] = configuration

    def declared(self, service_principal: str) -> Any:
        """The configuration that was noted; None where none is declared."""
        return self._declared.get(service_principal)

    def note_linked(self, service_principal: str, address: str | None) -> None:
        """Note the tenant URL that Entra's links belong to. The first of a run counts: the run saves later ones."""
        if address:
            self._linked.setdefault(service_principal, address)

    def linked(self, service_principal: str) -> str | None:
        """The tenant URL that was noted; None where it is unknown."""
        return self._linked.get(service_principal)

    def note_address(self, service_principal: str, address: str) -> None:
        """Note the tenant URL that the program declares: Graph may mask the saved one."""
        self._addresses[service_principal] = address

    def address(self, service_principal: str) -> str | None:
        """The tenant URL that was noted; None where none is declared in this run."""
        return self._addresses.get(service_principal)

    def note_part(self, service_principal: str, group: str) -> None:
        """Note that the resource that writes a group of settings takes part in this run: `--target` may leave it out.

        The engine checks no resource that is left out.
        """
        self._parts.setdefault(service_principal, set()).add(group)

    def parts(self, service_principal: str) -> set[str]:
        """The groups of settings that were noted."""
        return self._parts.get(service_principal, set())

    def plan(self, service_principal: str, scopes: tuple[ResetScope, ...] = REEVALUATE) -> None:
        """Note that this run changes something for which the job has to evaluate all users and groups again."""
        if self._planned.get(service_principal) != RELINK:
            self._planned[service_principal] = scopes

    def restart(self, service_principal: str) -> tuple[ResetScope, ...] | None:
        """What the restart forgets that this run has to end with; None where it needs no restart."""
        return self._planned.get(service_principal)

    def done(self, service_principal: str) -> None:
        """Note that the job was restarted."""
        self._planned.pop(service_principal, None)

    async def pause(self, api: SynchronizationClient, consistency: Consistency, job: JobRef) -> None:
        """Pause the job if it is started, wait for the running cycle to finish, and plan the restart.

        Raises ResourceError when the cycle does not finish within `consistency.cycle_seconds`.
        """
        self.plan(job.service_principal)
        if not await pause_and_wait(
            api, consistency, job, "while its configuration changes; it restarts at the end of this run"
        ):
            raise ResourceError(
                f"a provisioning cycle of job {job.job} still runs after {consistency.cycle_seconds / 60:.0f} minutes, "
                "so nothing was changed. Provisioning is paused. Run `pulumi up` again when `eptura-scim status` shows "
                "that the cycle has finished"
            )


async def pause_and_wait(api: SynchronizationClient, consistency: Consistency, job: JobRef, why: str) -> bool:
    """Pause the job if it is started, and wait for the running cycle to finish. `why` ends the line that tells it.

    False where it still runs after `consistency.cycle_seconds`.
    """
    live = await consistency.confirmed(lambda: api.job(job), lambda shown: shown.scheduled)
    if live.scheduled:
        await inform(f"provisioning is paused {why}")
        await api.pause(job)
        live = await consistency.wait_until(
            lambda: api.job(job),
            lambda shown: "Entra shows provisioning as on (it may have been started again)" if shown.scheduled else "",
        )
    if not live.status.cycle_runs:
        return True
    await inform("waiting for the running provisioning cycle to finish")
    return await consistency.cycle_finished(lambda: api.job(job), lambda shown: not shown.status.cycle_runs)
