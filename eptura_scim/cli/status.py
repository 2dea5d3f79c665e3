"""`eptura-scim status`: the current cycle of a job, for people and for pipelines (S45, S47).

Reading the status costs one call of Microsoft Graph, `GET job`; --connection adds one, `GET secrets`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from eptura_scim.cli.options import JobOption, ProjectOption, ServicePrincipalOption, StackOption
from eptura_scim.cli.status_text import block, plain
from eptura_scim.cli.status_watch import Lines, Screen, watch
from eptura_scim.jobs.locate import JobSelector, JobSession, open_job
from eptura_scim.jobs.status import StatusReport, connection_report, status_report

__all__ = ["StatusReader", "status"]


def status(
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Repeat until Ctrl-C.")] = False,
    interval: Annotated[int, typer.Option(help="Seconds between two reads of --watch.", min=5)] = 30,
    connection: Annotated[
        bool,
        typer.Option("--connection", help="Show scope and connection too; needs one more call to Microsoft Graph."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; with --watch one line for each change.")] = False,
    service_principal: ServicePrincipalOption = None,
    job: JobOption = None,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Show the current cycle: initial or incremental, running or not, counts, quarantine and what to do about it.

    Exit codes: 0 healthy, 1 cannot be read, 3 in quarantine, 4 the last run had errors, 5 stopped, 6 never started,
    7 overdue, 64 wrong usage. Ctrl-C ends --watch with the exit code of the last status.
    """
    selector, reader = JobSelector(service_principal, job, stack, project), StatusReader(connection)
    try:
        asyncio.run(_follow(selector, reader, interval, as_json) if watch else _once(selector, reader, as_json))
    except KeyboardInterrupt:
        if reader.last is None:
            raise typer.Exit(130) from None
    if reader.last is not None:
        raise typer.Exit(reader.last.exit_code)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class StatusReader:
    """Reads the status of a job; `last` is the report that was read last."""

    def __init__(self, connection: bool = False, clock: Callable[[], datetime] = _now) -> None:
        self._connection = connection
        self._clock = clock
        self.last: StatusReport | None = None

    async def read(self, session: JobSession) -> StatusReport:
        """The status now. The first read uses the answer by which the job was found, if any. Raises GraphError."""
        job = session.listed if session.listed and self.last is None else await session.api.job(session.ref)
        secrets = await session.api.secrets(session.ref.service_principal) if self._connection else None
        self.last = status_report(
            session.ref,
            job,
            self._clock(),
            portal_url=session.portal_url,
            token=session.token_expiry,
            connection=None if secrets is None else connection_report(secrets),
        )
        return self.last


async def _once(selector: JobSelector, reader: StatusReader, as_json: bool) -> None:
    async with open_job(selector) as session:
        report = await reader.read(session)
    console = Console(highlight=False)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    elif console.is_terminal:
        console.print(block(report))
    else:
        typer.echo(plain(report))


async def _follow(selector: JobSelector, reader: StatusReader, interval: int, as_json: bool) -> None:
    out, err = Console(highlight=False), Console(highlight=False, stderr=True)
    async with open_job(selector) as session:

        async def read() -> StatusReport:
            return await reader.read(session)

        if as_json:
            await watch(read, Lines(out, err, lambda report: report.model_dump_json()), interval)
        elif not out.is_terminal:
            await watch(read, Lines(out, err), interval)
        else:
            with Live(console=out, auto_refresh=False) as live:
                await watch(read, Screen(live), interval)
