"""`eptura-scim start`, `pause`, `restart`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from eptura_scim.cli.confirm import confirm
from eptura_scim.cli.options import JobOption, ProjectOption, ServicePrincipalOption, StackOption, YesOption
from eptura_scim.graph.synchronization import PORTAL_RESTART
from eptura_scim.jobs.control import pause_job, restart_job, start_job
from eptura_scim.jobs.locate import JobSelector, JobSession, open_job
from eptura_scim.jobs.restart_scopes import reset_scopes

__all__ = ["pause", "restart", "start"]


def start(
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Start even if the users' externalId is not mapped as the guide says.")
    ] = False,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Start or resume provisioning. Ends a quarantine."""
    _run(
        JobSelector(service_principal, job, stack, project),
        lambda session: start_job(session, force=force, say=typer.echo),
    )


def pause(
    *,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Stop provisioning; the running cycle finishes. Links to Eptura accounts are kept."""
    _run(JobSelector(service_principal, job, stack, project), lambda session: pause_job(session, say=typer.echo))


def restart(
    *,
    reset_scope: Annotated[
        list[str] | None,
        typer.Option(
            "--reset-scope",
            metavar="SCOPE",
            help="Watermark (process all users again), Escrows (discard failures), QuarantineState (lift it), Full "
            "(all of them, and match all users again); several with commas. Default: the first three, as the portal.",
            show_default=False,
        ),
    ] = None,
    force_deletes: Annotated[
        bool,
        typer.Option(
            "--force-deletes", help="The portal's Allow deletes: carry out what the deletion threshold holds back."
        ),
    ] = False,
    yes: YesOption = False,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Process all users again, discard failures, lift the quarantine."""
    scopes = reset_scopes([*(reset_scope or ()), *(["ForceDeletes"] if force_deletes else ())]) or PORTAL_RESTART

    async def act(session: JobSession) -> None:
        await restart_job(session, scopes, say=typer.echo, confirm=lambda: confirm(yes))

    _run(JobSelector(service_principal, job, stack, project), act)


def _run(selector: JobSelector, act: Callable[[JobSession], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_job(selector) as session:
            await act(session)

    asyncio.run(run())
