"""Whether the objects of Entra that the stack holds still exist."""

from __future__ import annotations

from dataclasses import replace

from eptura_scim.doctor.finding import Finding
from eptura_scim.engine.stack_objects import StackObjects
from eptura_scim.graph.applications import Applications, deletion
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import GraphError
from eptura_scim.graph.ids import ApplicationId

__all__ = ["existing"]


async def existing(client: GraphClient, known: StackObjects) -> tuple[StackObjects, list[Finding]]:
    """The objects to continue with, and a finding for the first that was deleted.

    What may not be read is taken to exist: the permissions have findings of their own.
    """
    try:
        gone = await deletion(client, application=known.application, principal=known.principal, job=known.job)
        if gone is None:
            return known, []
        finding = Finding(gone.kind, "red", gone.said, gone.todo)
        match gone.kind:
            case "application":
                return StackObjects(), [finding]
            case "job":
                return replace(known, job=""), [finding]
        current = await _principal_of(client, known.application)
    except GraphError:
        return known, []
    if current:
        todo = f"the application has another service principal by now, {current}: `pulumi up` takes it over"
        finding = finding._replace(todo=todo)
    return StackObjects(known.application, current), [finding]


async def _principal_of(client: GraphClient, application: str) -> str:
    """The service principal that an application has now; empty where it has none."""
    if not application:
        return ""
    applications = Applications(client)
    found = await applications.principal_of((await applications.application(ApplicationId(application))).app_id)
    return found.id if found else ""
