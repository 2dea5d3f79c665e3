"""`eptura-scim provision-on-demand`: one user or group now, with the result of each step."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from eptura_scim.cli.confirm import confirm
from eptura_scim.cli.on_demand_text import sentences
from eptura_scim.cli.options import JobOption, PrincipalArgument, ProjectOption, ServicePrincipalOption, StackOption
from eptura_scim.jobs.locate import JobSelector, open_job
from eptura_scim.jobs.on_demand import OnDemand, OnDemandOptions
from eptura_scim.jobs.on_demand_report import OnDemandReport

__all__ = ["provision_on_demand"]


def provision_on_demand(
    *,
    subject: PrincipalArgument,
    wait: Annotated[
        int, typer.Option(metavar="SECONDS", help="Seconds to wait for the assignment to take effect.", min=0)
    ] = 0,
    members: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Send only N direct members of a group. Default: all.", min=0, show_default=False
        ),
    ] = None,
    unassigned: Annotated[
        bool,
        typer.Option("--unassigned", help="Send a user or group that is not assigned: Entra disables it at Eptura."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Send a user even if externalId is not mapped as the guide says.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before many requests.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Provision one user, or one group with its members, now, and show the result of each step.

    A user or group that a cycle would leave out is not provisioned.

    Exit codes: 0 provisioned or nothing to do, 1 not done, 3 skipped or not assigned, 4 failed, 64 wrong usage.
    """

    async def run() -> OnDemandReport:
        async with open_job(JobSelector(service_principal, job, stack, project)) as session:
            return await OnDemand(
                session,
                OnDemandOptions(wait, members, unassigned, force),
                say=lambda line: typer.echo(line, err=True),
                confirm=lambda: confirm(yes),
            ).provision(subject)

    report = asyncio.run(run())
    typer.echo(report.model_dump_json(indent=2) if as_json else "\n".join(sentences(report)))
    raise typer.Exit(report.exit_code)
