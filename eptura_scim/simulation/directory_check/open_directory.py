"""Where `check-directory` has users, groups and mappings from: the tenant, or files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from eptura_scim.errors import ReadableError
from eptura_scim.jobs.locate import JobChoice, opened
from eptura_scim.simulation.directory_check.scan import Plan
from eptura_scim.simulation.directory_check.sources.files import Export, open_export
from eptura_scim.simulation.select_mappings import (
    ChosenSettings,
    MappingsName,
    NoStackError,
    documented_settings,
    stack_settings,
    with_phones,
)

if TYPE_CHECKING:
    from eptura_scim.mapping import Mappings

__all__ = ["Options", "chosen_settings", "live_mappings", "opened_source"]

TENANT = "tenant"


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    mappings: MappingsName | None = None
    phone_work: str | None = None
    phone_mobile: str | None = None
    assigned: Path | None = None
    keep: Path | None = None
    examples: int = 5
    service_principal: str | None = None
    job: str | None = None
    stack: str | None = None
    project: Path = Path()

    @property
    def choice(self) -> JobChoice:
        """The job that is meant. Where it is named itself, the stack is named for its settings alone."""
        return JobChoice(self.service_principal, self.job, None if self.service_principal else self.stack, self.project)


@dataclass(frozen=True)
class OpenSource:
    """A directory that is ready to be looked at."""

    export: Export
    plan: Plan
    mappings: str
    close: Callable[[], None] = lambda: None


class AssignedError(ReadableError):
    """The list of who is assigned cannot be read."""


async def opened_source(source: str, options: Options, now: datetime) -> OpenSource:
    """Find the mappings, and get what they need of users and groups. Raises ReadableError."""
    mappings, name, entitled = await _mappings(options, from_tenant=source == TENANT)
    if options.assigned:
        entitled = _assigned(options.assigned)
    folder, gone = Path(source), False
    if source == TENANT:
        from eptura_scim.simulation.directory_check.download import downloaded

        folder, gone = await downloaded(mappings, options.keep), options.keep is None

    def close() -> None:
        if gone:
            shutil.rmtree(folder)

    try:
        export = open_export(folder, mappings)
    except BaseException:
        close()
        raise
    plan = Plan(mappings, now, entitled=entitled, absent=export.absent, examples=options.examples)
    return OpenSource(export, plan, name, close)


async def _mappings(options: Options, *, from_tenant: bool) -> tuple[Mappings, str, frozenset[str] | None]:
    """The mappings, what they are called, and who is assigned where that counts and is known."""
    entitled: frozenset[str] | None = None
    if from_tenant and options.service_principal:
        from eptura_scim.jobs.assigned import assigned_by_job

        async with opened(options.choice) as place:
            entitled = await assigned_by_job(place)
    if options.mappings is MappingsName.LIVE:
        return await live_mappings(options.choice), "the live mappings", entitled
    chosen = chosen_settings(options.mappings, options.project, options.stack)
    if chosen.settings.scope == "assigned" and not options.service_principal and not options.assigned:
        if from_tenant:
            from eptura_scim.jobs.assigned import assigned_by_settings

            entitled = await assigned_by_settings(chosen.settings)
        else:
            typer.echo("The scope is assigned users and groups: --assigned FILE says who they are", err=True)
    settings = with_phones(chosen.settings, options.phone_work, options.phone_mobile)
    return settings.mappings, chosen.source, entitled


def chosen_settings(name: MappingsName | None, project: Path, stack: str | None) -> ChosenSettings:
    """The stack's settings, or the documented ones where they are asked for, or no stack can be found."""
    if name is MappingsName.DOCUMENTED:
        return documented_settings()
    try:
        return stack_settings(project, stack)
    except NoStackError as error:
        if name is MappingsName.STACK or stack is not None:
            raise
        typer.echo(f"The documented mappings are looked at: {error}", err=True)
        return documented_settings()


async def live_mappings(choice: JobChoice) -> Mappings:
    """The mappings of a job, as they are. Raises GraphError, JobChoiceError."""
    from eptura_scim.mapping import observe

    async with opened(choice) as place:
        return observe(await place.api.schema(place.ref))


def _assigned(path: Path) -> frozenset[str]:
    try:
        return frozenset(path.read_text(encoding="utf-8-sig").split())
    except (OSError, UnicodeDecodeError) as error:
        raise AssignedError(f"--assigned: {path} cannot be read: {error}") from error
