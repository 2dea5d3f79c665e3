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

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.synchronization import PORTAL_RESTART, JobRef, ResetScope, SynchronizationClient
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.messages import inform

__all__ = ["REEVALUATE", "RELINK", "PausedChange", "PausedChanges", "pause_and_wait"]

REEVALUATE = PORTAL_RESTART
"""What a restart forgets so that all users and groups are evaluated again; links to the target are kept."""

RELINK: tuple[ResetScope, ...] = ("Full",)
"""What a restart forgets when the target is another one: links point at ids of the old target."""


@dataclass
class PausedChange:
    """The change of one application in one run, which ends with a restart of its job. Configurations are in wire names.

    Each resource notes what those after it need: the engine gives a resource its own state and inputs alone.
    """

    completed: Any = None
    """The configuration that the last run brought about to its end; None where it is unknown, without a refresh say.

    SynchronizationJob is updated first: what its state says may stem from a run that was cut before the rest.
    """
    declared: Any = None
    """The configuration that the program declares for the SynchronizationJob; None where none is declared."""
    linked: str | None = None
    """The tenant URL that Entra's links belong to; None where it is unknown."""
    address: str | None = None
    """The tenant URL that the program declares, since Graph may mask the saved one; None where none is declared."""
    parts: set[str] = field(default_factory=set)
    """The groups of settings whose resource takes part in the run. The engine checks no resource that `--target` leaves
    out.
    """
    connection_problem: Callable[[dict[str, str]], str] | None = None
    """Tells how saved secrets differ from those that this run has saved; None where it saved none."""
    mappings_problem: Callable[[dict[str, Any]], str] | None = None
    """Tells how a schema differs from the one that this run has saved; None where it saved none."""
    restart: tuple[ResetScope, ...] | None = None
    """What the restart forgets that the run has to end with; None where it needs no restart, or had it."""

    def note_linked(self, address: str | None) -> None:
        """Note the tenant URL that Entra's links belong to. The first of a run counts: the run saves later ones."""
        self.linked = self.linked or address or None

    def plan(self, scopes: tuple[ResetScope, ...] = REEVALUATE) -> None:
        """Note that this run changes something for which the job has to evaluate all users and groups again."""
        if self.restart != RELINK:
            self.restart = scopes

    async def pause(self, api: SynchronizationClient, consistency: Consistency, job: JobRef) -> None:
        """Pause the job if it is started, wait for the running cycle to finish, and plan the restart.

        Raises ResourceError when the cycle does not finish within `consistency.cycle_seconds`.
        """
        self.plan()
        if not await pause_and_wait(
            api, consistency, job, "while its configuration changes; it restarts at the end of this run"
        ):
            raise ResourceError(
                f"a provisioning cycle of job {job.job} still runs after {consistency.cycle_seconds / 60:.0f} minutes, "
                "so nothing was changed. Provisioning is paused. Run `pulumi up` again when `eptura-scim status` shows "
                "that the cycle has finished"
            )


class PausedChanges:
    """The changes of one run, by service principal.

    The engine serves a run with one process, so all resources of a run share one object. A preview only plans.
    """

    def __init__(self) -> None:
        self._changes: defaultdict[str, PausedChange] = defaultdict(PausedChange)

    def of(self, service_principal: str) -> PausedChange:
        """The change of an application, by the object id of its service principal."""
        return self._changes[service_principal]


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
