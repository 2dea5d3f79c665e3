"""Applications of the configured name, and which of them the stack knows: `pulumi up` must not make another."""

from __future__ import annotations

from eptura_scim.doctor.finding import Finding
from eptura_scim.engine.stack_objects import StackObjects
from eptura_scim.graph.applications import Application, Applications
from eptura_scim.graph.errors import GraphError
from eptura_scim.graph.ids import ApplicationId
from eptura_scim.graph.synchronization import SynchronizationClient

__all__ = ["application"]

_CHECK = "application"


async def application(
    name: str, known: StackObjects, applications: Applications, synchronization: SynchronizationClient
) -> list[Finding]:
    """One finding for the stack's application, and one for each other of its name."""
    try:
        others = await applications.namesakes(name, ApplicationId(known.application))
        own = [await _own(name, known, applications)] if known.application else []
        return [*own, *[await _other(one, known, applications, synchronization) for one in others]] or [
            Finding(_CHECK, "green", f"not found: {name!r}; `pulumi up` creates it")
        ]
    except GraphError as error:
        return [Finding(_CHECK, "yellow", f"not checked: {error}")]


async def _own(name: str, known: StackObjects, applications: Applications) -> Finding:
    found = await applications.application(ApplicationId(known.application))
    if found.display_name != name:
        return Finding(_CHECK, "yellow", f"the stack's, {found.id}, is called {found.display_name!r}: drift")
    return Finding(_CHECK, "green", f"{name!r} is the stack's: {found.id}")


async def _other(
    found: Application, known: StackObjects, applications: Applications, synchronization: SynchronizationClient
) -> Finding:
    principal = await applications.principal_of(found.app_id)
    try:
        jobs = await synchronization.jobs(principal.id) if principal else []
        job = f"has a job ({jobs[0].id})" if jobs else "has no job"
    except GraphError:
        job = "its jobs could not be read"
    said = f"{found.display_name!r} ({found.id}), created {found.created_date_time}, {job}: the stack does not know it"
    if known.application:
        return Finding(
            _CHECK, "yellow", said, "delete it if it is unused; two applications with one name are easily confused"
        )
    todo = (
        f"`eptura-scim adopt {found.id}` takes it over, unless another stack has it; for a second application set "
        "another name: `pulumi config set applicationName NAME`"
    )
    return Finding(_CHECK, "red", said, todo)
