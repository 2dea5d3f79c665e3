"""Starting, pausing and restarting a job: what the portal's buttons do (S46)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.synchronization import Job, ResetScope
from eptura_scim.jobs.errors import NothingDoneError
from eptura_scim.jobs.locate import JobSession
from eptura_scim.jobs.restart_scopes import EVERYONE, MEANINGS
from eptura_scim.mapping import external_id_problem
from eptura_scim.types import Say

__all__ = ["pause_job", "restart_job", "start_job"]

Confirm = Callable[[], bool]


async def start_job(session: JobSession, *, force: bool, say: Say, consistency: Consistency | None = None) -> None:
    """Start the job where that changes something. Raises NothingDoneError where users would get a wrong externalId."""
    job = await _job(session)
    quarantined = job.status.code == "Quarantine"
    if job.scheduled and not quarantined:
        say("provisioning is on already: nothing was done")
        return
    if problem := external_id_problem(await session.api.schema(session.ref)):
        if not job.status.ever_ran and not force:
            raise NothingDoneError(
                f"provisioning was not started: {problem}. `pulumi up` writes the mappings; --force starts anyway"
            )
        say(f"warning: {problem}")
    await session.api.start(session.ref)
    await _wait_until_shown(session, consistency, on=True)
    ended = "; the quarantine has ended" if quarantined else ""
    say(
        f"provisioning is on{ended}: `eptura-scim status --watch` follows it. "
        "While the stack's setting provisioning is off, the next `pulumi up` stops it again"
    )


async def pause_job(session: JobSession, *, say: Say, consistency: Consistency | None = None) -> None:
    """Stop the job where it is not stopped."""
    if not (await _job(session)).scheduled:
        say("provisioning is off already: nothing was done")
        return
    await session.api.pause(session.ref)
    await _wait_until_shown(session, consistency, on=False)
    say(
        "provisioning is off; the running cycle finishes. "
        "While the stack's setting provisioning is on, the next `pulumi up` starts it again"
    )


async def restart_job(session: JobSession, scopes: Sequence[ResetScope], *, say: Say, confirm: Confirm) -> None:
    """Restart the job, once what it costs has been confirmed. Raises NothingDoneError where it was not."""
    job = await _job(session)
    for scope in scopes:
        say(f"{scope}: {MEANINGS[scope]}")
    held_back = job.status.quarantine is not None and job.status.quarantine.reason == "TooManyDeletes"
    if "ForceDeletes" in scopes and not held_back:
        say("warning: nothing to force: the job is not quarantined for too many deletions")
    costly = EVERYONE.intersection(scopes) or "ForceDeletes" in scopes
    if costly and not confirm():
        raise NothingDoneError("not confirmed: nothing was done. --yes confirms beforehand")
    await session.api.restart(session.ref, scopes)
    if job.scheduled:
        say("provisioning restarts: `eptura-scim status --watch` follows it")
    else:
        say("this takes effect when provisioning is started: it is off now")


async def _job(session: JobSession) -> Job:
    return session.listed or await session.api.job(session.ref)


async def _wait_until_shown(session: JobSession, consistency: Consistency | None, *, on: bool) -> None:
    """Wait until Graph shows the job as started or stopped."""
    await (consistency or Consistency()).wait_until(
        lambda: session.api.job(session.ref),
        lambda job: "" if job.scheduled == on else f"Entra does not show provisioning as {'on' if on else 'off'}",
    )
