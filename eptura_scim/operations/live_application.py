"""An application as Entra has it now: what the guide sets, and how provisioning does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from eptura_scim import mapping
from eptura_scim.graph.applications import Application, ServicePrincipal
from eptura_scim.graph.errors import CredentialsRejectedError, ForbiddenError, GraphError
from eptura_scim.graph.secrets import ConnectionSettings
from eptura_scim.graph.synchronization import Job
from eptura_scim.jobs.locate import JobSession
from eptura_scim.jobs.status import StatusReport, connection_report, status_report
from eptura_scim.mapping import Mappings, SchemaError

__all__ = ["LiveApplication", "Unread", "read_application"]

T = TypeVar("T")


@dataclass(frozen=True)
class Unread:
    """Something that cannot be read, and why."""

    reason: str


@dataclass(frozen=True)
class LiveApplication:
    """What was read."""

    principal: ServicePrincipal | Unread
    application: Application | Unread | None
    """None where the tenant has only the service principal."""
    template_id: str
    """The non-gallery template of this cloud; empty where it is not known."""
    jobs: list[Job] | Unread
    job: Job
    connection: ConnectionSettings | Unread
    token_saved: bool
    connection_test: str | Unread
    """What Entra's test of the saved connection says; empty for a success."""
    mappings: Mappings | Unread
    status: StatusReport


async def read_application(session: JobSession, now: datetime, template_id: str) -> LiveApplication:
    """Read the application of a job. Raises GraphError where not even the job can be read; nothing is changed.

    The saved connection is tested, as the portal's Test connection does.
    """
    api, ref = session.api, session.ref
    job = session.listed or await api.job(ref)
    principal = await _read(lambda: api.applications.principal(ref.service_principal))
    secrets = await _read(lambda: api.secrets(ref.service_principal))
    seen = None if isinstance(secrets, Unread) else connection_report(secrets)
    return LiveApplication(
        principal=principal,
        application=await _application(session, principal),
        template_id=template_id,
        jobs=await _read(lambda: api.jobs(ref.service_principal)),
        job=job,
        connection=secrets if isinstance(secrets, Unread) else ConnectionSettings.from_secrets(secrets),
        token_saved=seen is not None and seen.token_saved,
        connection_test=await _test(session) if seen is not None and seen.token_saved else Unread("no token is saved"),
        mappings=await _mappings(session),
        status=status_report(ref, job, now, portal_url=session.portal_url, connection=seen, token=session.token_expiry),
    )


async def _read(ask: Callable[[], Awaitable[T]]) -> T | Unread:
    try:
        return await ask()
    except GraphError as error:
        return Unread(str(error))


async def _application(session: JobSession, principal: ServicePrincipal | Unread) -> Application | Unread | None:
    if isinstance(principal, Unread):
        return principal
    found = await _read(lambda: session.api.applications.find(principal.app_id))
    return found if isinstance(found, Unread) else next((one.application for one in found), None)


async def _test(session: JobSession) -> str | Unread:
    try:
        await session.api.test_connection(session.ref, None)
    except CredentialsRejectedError as error:
        return str(error)
    except ForbiddenError:
        return Unread("the identity may not test a connection")
    except GraphError as error:
        return Unread(str(error))
    return ""


async def _mappings(session: JobSession) -> Mappings | Unread:
    try:
        return mapping.mappings_of(await session.api.schema(session.ref))
    except (GraphError, SchemaError) as error:
        return Unread(str(error))
