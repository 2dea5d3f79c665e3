"""`eptura-scim start`, `pause`, `restart`: what the portal's buttons do (S46)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eptura_scim.jobs.confirmation import NotDoneError, go_on
from eptura_scim.jobs.locate import (
    JobChoice,
    JobOption,
    OpenJob,
    ProjectOption,
    ServicePrincipalOption,
    StackOption,
    opened,
)

if TYPE_CHECKING:
    from eptura_scim.graph.consistency import Patience
    from eptura_scim.graph.synchronization import Job, ResetScope

__all__ = ["pause", "pause_job", "restart", "restart_job", "start", "start_job"]

Say = Callable[[str], None]
Confirm = Callable[[], bool]


def start(
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Start although the users' externalId is not mapped as the guide says.")
    ] = False,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Start provisioning, or go on where it was stopped. Ends a quarantine."""
    _run(JobChoice(service_principal, job, stack, project), lambda place: start_job(place, force=force, say=typer.echo))


def pause(
    *,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Stop provisioning. A cycle that runs goes on to its end, and what Entra knows is kept."""
    _run(JobChoice(service_principal, job, stack, project), lambda place: pause_job(place, say=typer.echo))


def restart(
    *,
    reset_scope: Annotated[
        list[str] | None,
        typer.Option(
            "--reset-scope",
            metavar="SCOPE",
            help="Watermark (everyone anew), Escrows (forget failures), QuarantineState (lift it), Full (all of them, "
            "and match everyone anew); several with commas. Default: the first three, as the portal does.",
            show_default=False,
        ),
    ] = None,
    force_deletes: Annotated[
        bool,
        typer.Option(
            "--force-deletes", help="The portal's Allow deletes: carry out what the deletion threshold holds back."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Restart provisioning: process everyone anew, forget failures, lift the quarantine."""
    from eptura_scim.graph.synchronization import PORTAL_RESTART
    from eptura_scim.jobs.restart_scopes import reset_scopes

    scopes = reset_scopes([*(reset_scope or ()), *(["ForceDeletes"] if force_deletes else ())]) or PORTAL_RESTART

    async def act(place: OpenJob) -> None:
        await restart_job(place, scopes, say=typer.echo, confirm=lambda: go_on(yes))

    _run(JobChoice(service_principal, job, stack, project), act)


async def start_job(place: OpenJob, *, force: bool, say: Say, patience: Patience | None = None) -> None:
    """Start the job where that changes something. Raises NotDoneError where users would get a wrong externalId."""
    from eptura_scim.jobs.external_id import external_id_problem

    job = await _job(place)
    quarantined = job.status.code == "Quarantine"
    if job.scheduled and not quarantined:
        say("provisioning is on already: nothing was done")
        return
    if problem := external_id_problem(await place.api.schema(place.ref)):
        if not job.status.ever_ran and not force:
            raise NotDoneError(
                f"provisioning was not started: {problem}. `pulumi up` writes the mappings; --force starts all the same"
            )
        say(f"warning: {problem}")
    await place.api.start(place.ref)
    await _shows(place, patience, on=True)
    ended = "; the quarantine has ended" if quarantined else ""
    say(
        f"provisioning is on{ended}: `eptura-scim status --watch` follows it. "
        "While the stack's setting provisioning is off, the next `pulumi up` stops it again"
    )


async def pause_job(place: OpenJob, *, say: Say, patience: Patience | None = None) -> None:
    """Stop the job where it is not stopped."""
    if not (await _job(place)).scheduled:
        say("provisioning is off already: nothing was done")
        return
    await place.api.pause(place.ref)
    await _shows(place, patience, on=False)
    say(
        "provisioning is off; a cycle that runs goes on to its end. "
        "While the stack's setting provisioning is on, the next `pulumi up` starts it again"
    )


async def restart_job(place: OpenJob, scopes: Sequence[ResetScope], *, say: Say, confirm: Confirm) -> None:
    """Restart the job, once what it costs has been confirmed. Raises NotDoneError where it was not."""
    from eptura_scim.jobs.restart_scopes import EVERYONE, MEANINGS

    job = await _job(place)
    for scope in scopes:
        say(f"{scope}: {MEANINGS[scope]}")
    held_back = job.status.quarantine is not None and job.status.quarantine.reason == "TooManyDeletes"
    if "ForceDeletes" in scopes and not held_back:
        say("warning: no deletions are held back now: the job is not in quarantine for too many of them")
    costly = EVERYONE.intersection(scopes) or "ForceDeletes" in scopes
    if costly and not confirm():
        raise NotDoneError("not confirmed: nothing was done. --yes confirms beforehand")
    await place.api.restart(place.ref, scopes)
    if job.scheduled:
        say("provisioning restarts: `eptura-scim status --watch` follows it")
    else:
        say("this takes effect when provisioning is started: it is off now")


def _run(choice: JobChoice, act: Callable[[OpenJob], Awaitable[None]]) -> None:
    async def run() -> None:
        async with opened(choice) as place:
            await act(place)

    asyncio.run(run())


async def _job(place: OpenJob) -> Job:
    return place.listed or await place.api.job(place.ref)


async def _shows(place: OpenJob, patience: Patience | None, *, on: bool) -> None:
    """Wait until Graph shows the job as started or stopped."""
    from eptura_scim.graph.consistency import Patience

    await (patience or Patience()).until(
        lambda: place.api.job(place.ref),
        lambda job: "" if job.scheduled == on else f"Entra does not show provisioning as {'on' if on else 'off'}",
    )
