"""`eptura-scim simulate`: what one user or group would arrive as at Eptura."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from eptura_scim.cli.options import (
    JobOption,
    JsonOption,
    PrincipalArgument,
    ProjectOption,
    ServicePrincipalOption,
    StackOption,
)
from eptura_scim.cli.simulate_text import sentences
from eptura_scim.jobs.locate import JobSelector
from eptura_scim.simulation.subject import Simulation

__all__ = ["simulate"]


class Compared(StrEnum):
    """The choices of --mappings."""

    STACK = "stack"
    LIVE = "live"
    DOCUMENTED = "documented"
    CHANGE = "change"


def simulate(
    *,
    subject: PrincipalArgument,
    group: Annotated[bool, typer.Option("--group", help="Treat the name as a group.")] = False,
    mappings: Annotated[
        Compared | None,
        typer.Option(
            help="The stack's, the live ones of the job, the documented ones, or the change from live to the stack's. "
            "Default: the stack's, else the documented ones.",
            case_sensitive=False,
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Read from an export as for check-directory, not from the tenant."),
    ] = None,
    as_json: JsonOption = False,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Show the SCIM payload of one user or group, attribute by attribute, and what is wrong with it. Nothing is sent.

    Exit codes: 0 it would be provisioned, 1 cannot be read, 3 it would be left out, 4 it has problems, 5 something
    could not be judged, 64 wrong usage.
    """
    # Where the job is named itself, the stack is named for its settings alone.
    selector = JobSelector(service_principal, job, None if service_principal else stack, project)
    simulation = Simulation(selector, stack, source, now=datetime.now(UTC).replace(microsecond=0))
    report = asyncio.run(simulation.of(subject, mappings and mappings.value, group=group))
    typer.echo(report.model_dump_json(indent=2) if as_json else "\n".join(sentences(report)))
    raise typer.Exit(report.exit_code)
