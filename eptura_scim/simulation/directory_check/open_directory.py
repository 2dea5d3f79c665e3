"""Where `check-directory` has users, groups and mappings from: the tenant, or files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from eptura_scim.documented import Phone
from eptura_scim.errors import ReadableError
from eptura_scim.jobs.locate import JobSelector, open_job
from eptura_scim.simulation.directory_check.scan import ScanPlan
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
    from eptura_scim.jobs.assigned import Assigned, LeftOut
    from eptura_scim.mapping import Mappings
    from eptura_scim.types import Kind, Say

__all__ = ["DirectoryOptions", "OpenSource", "chosen_settings", "live_mappings", "opened_source"]

TENANT = "tenant"


@dataclass(frozen=True)
class DirectoryOptions:
    """What the command line says."""

    mappings: MappingsName | None = None
    phone_work: Phone | None = None
    phone_mobile: Phone | None = None
    assigned: Path | None = None
    keep: Path | None = None
    examples: int = 5
    service_principal: str | None = None
    job: str | None = None
    stack: str | None = None
    project: Path = Path()

    @property
    def selector(self) -> JobSelector:
        """The job that is meant. Where --service-principal names it, --stack names the settings alone."""
        return JobSelector(
            self.service_principal, self.job, None if self.service_principal else self.stack, self.project
        )


class Listener(Protocol):
    """What is told of the progress while a directory is opened."""

    def note(self, line: str) -> None:
        """Something that the user should know."""

    def read(self, kind: Kind, count: int) -> None:
        """So many users or groups of the tenant were read."""


@dataclass(frozen=True)
class OpenSource:
    """A directory that is ready to be checked."""

    export: Export
    plan: ScanPlan
    mappings: str
    stack: str = ""
    """The name of the stack whose settings are used; empty without a stack."""
    close: Callable[[], None] = lambda: None
    files_stay: bool = True
    """Whether the user has the files that were read: a download of the tenant is deleted unless it is to be kept."""

    def place(self, offset: int) -> str | None:
        """File and line of an offset; None where the user has no such file, or the object is in none (-1)."""
        return self.export.location(offset) if self.files_stay and offset >= 0 else None


class AssignedError(ReadableError):
    """The list of who is assigned cannot be read."""


@dataclass(frozen=True)
class _ChosenMappings:
    """The mappings, what they are called, and who is assigned where that counts and is known."""

    mappings: Mappings
    name: str
    stack: str = ""
    assigned: Assigned | None = None


async def opened_source(source: str, options: DirectoryOptions, now: datetime, listener: Listener) -> OpenSource:
    """Find the mappings, and get what they need of users and groups. Raises ReadableError."""
    chosen = await _chosen(options, listener, from_tenant=source == TENANT)
    assigned_ids, left_out = await _scope(options, chosen)
    folder, gone = Path(source), False
    if source == TENANT:
        from eptura_scim.simulation.directory_check.download import downloaded

        folder, gone = await downloaded(chosen.mappings, options.keep, listener.read), options.keep is None

    def close() -> None:
        if gone:
            shutil.rmtree(folder)

    try:
        export = open_export(folder, chosen.mappings)
    except BaseException:
        close()
        raise
    plan = ScanPlan(
        chosen.mappings,
        now,
        assigned_ids=assigned_ids,
        left_out=left_out,
        gaps=export.gaps,
        examples=options.examples,
    )
    return OpenSource(export, plan, chosen.name, chosen.stack, close, files_stay=not gone)


async def _chosen(options: DirectoryOptions, listener: Listener, *, from_tenant: bool) -> _ChosenMappings:
    assigned: Assigned | None = None
    if from_tenant and options.service_principal:
        from eptura_scim.jobs.assigned import assigned_by_job

        async with open_job(options.selector) as session:
            assigned = await assigned_by_job(session)
    if options.mappings is MappingsName.LIVE:
        return _ChosenMappings(
            await live_mappings(options.selector), "the live mappings", options.stack or "", assigned
        )
    chosen = chosen_settings(options.mappings, options.project, options.stack, listener.note)
    if chosen.settings.scope == "assigned" and not options.service_principal and not options.assigned:
        if from_tenant:
            from eptura_scim.jobs.assigned import assigned_by_settings

            assigned = await assigned_by_settings(chosen.settings)
        else:
            listener.note("The scope is assigned users and groups: list their object ids with --assigned FILE")
    settings = with_phones(chosen.settings, options.phone_work, options.phone_mobile)
    return _ChosenMappings(settings.mappings, chosen.source, chosen.stack, assigned)


def chosen_settings(name: MappingsName | None, project: Path, stack: str | None, note: Say) -> ChosenSettings:
    """The stack's settings, or the documented ones where they are asked for, or no stack can be found."""
    if name is MappingsName.DOCUMENTED:
        return documented_settings()
    try:
        return stack_settings(project, stack)
    except NoStackError as error:
        if name is MappingsName.STACK or stack is not None:
            raise
        note(f"Using the documented mappings, since the stack cannot be read: {error}")
        return documented_settings()


async def live_mappings(selector: JobSelector) -> Mappings:
    """The mappings of a job, as they are. Raises GraphError, JobSelectorError."""
    from eptura_scim.mapping import mappings_of

    async with open_job(selector) as session:
        return mappings_of(await session.api.schema(session.ref))


async def _scope(
    options: DirectoryOptions, chosen: _ChosenMappings
) -> tuple[frozenset[str] | None, tuple[LeftOut, ...]]:
    """Who is assigned, None where all are provisioned; and whom Entra leaves out, because their group is nested."""
    if options.assigned:
        return _assigned(options.assigned), ()
    if chosen.assigned is None:
        return None, ()
    from eptura_scim.jobs.assigned import left_out_by_nesting

    return chosen.assigned.ids, tuple(await left_out_by_nesting(chosen.assigned))


def _assigned(path: Path) -> frozenset[str]:
    try:
        return frozenset(path.read_text(encoding="utf-8-sig").split())
    except (OSError, UnicodeDecodeError) as error:
        raise AssignedError(f"--assigned: {path} cannot be read: {error}") from error
