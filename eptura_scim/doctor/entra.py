"""Everything that is checked at Entra, in order; what fails early leaves the rest unchecked, and says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime

from eptura_scim import documented
from eptura_scim.doctor.access import Access, login
from eptura_scim.doctor.clock import clock
from eptura_scim.doctor.duplicates import application
from eptura_scim.doctor.existing import existing
from eptura_scim.doctor.finding import Finding
from eptura_scim.doctor.stack import StackView
from eptura_scim.engine.stack_objects import StackObjects
from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.errors import GraphError
from eptura_scim.graph.synchronization import SynchronizationClient

__all__ = ["entra"]

_LOGIN = "docs/login.md has the variables of each login"


async def entra(view: StackView | None, environment: Mapping[str, str], now: datetime) -> AsyncIterator[Finding]:
    """Clock, login, permissions and applications. Without a stack it looks for the documented name."""
    try:
        client = await connect(environment)
    except GraphError as error:
        yield Finding("login", "red", str(error), _LOGIN)
        return
    try:
        yield await clock(client, now)
        async for finding in _logged_in(client, view):
            yield finding
    finally:
        await client.close()


async def _logged_in(client: GraphClient, view: StackView | None) -> AsyncIterator[Finding]:
    try:
        identity, finding = await login(client)
    except GraphError as error:
        yield Finding("login", "red", str(error), _LOGIN)
        yield Finding("permission", "yellow", "not checked: not logged in")
        return
    yield finding
    objects, gone = await existing(client, view.objects if view else StackObjects())
    settings = view.settings if view else None
    assigns = settings is not None and bool(settings.assigned_users or settings.assigned_groups)
    for finding in await Access(client, identity, objects, assigns).findings():
        yield finding
    for finding in gone:
        yield finding
    name = view.application_name if view else documented.APPLICATION_NAME
    for finding in await application(name, objects, Applications(client), SynchronizationClient(client)):
        yield finding
