"""Applications and their service principals, as Microsoft Graph knows them, and what was deleted; only read.

Source: Microsoft Graph v1.0, resource types application and servicePrincipal; directory (deletedItems): a deleted
application or service principal is kept for 30 days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from eptura_scim.errors import first_line
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import ForbiddenError, GraphError, NotFoundError
from eptura_scim.graph.ids import ApplicationId, ClientId, JobId, ServicePrincipalId, is_object_id
from eptura_scim.graph.job_status import Moment
from eptura_scim.graph.reply import Reply
from eptura_scim.graph.urls import entity, equals, with_query

__all__ = [
    "Application",
    "Applications",
    "Assignment",
    "Deletion",
    "Registered",
    "ServicePrincipal",
    "deletion",
]

DeletedKind = Literal["application", "service principal", "job"]

_KEPT = timedelta(days=30)
_LINKS = (
    "A new {kind} has no links to the accounts at Eptura: its first cycle matches all users and groups again, by the "
    "matching attributes. Users who leave the scope before that cycle stay active at Eptura: change scope, filters and "
    "assignments after it"
)
_READ_DELETED = "Application.Read.All"  # "Get deleted item", of applications and service principals
_RESTORED_IN_PORTAL = "restore it in the portal (App registrations > Deleted applications)"


class Application(Reply):
    """An application: what App registrations show."""

    id: ApplicationId
    app_id: ClientId
    display_name: str = ""
    created_date_time: str | None = None
    application_template_id: str | None = None


class ServicePrincipal(Reply):
    """A service principal: what Enterprise applications show."""

    id: ServicePrincipalId
    app_id: ClientId
    display_name: str = ""
    account_enabled: bool | None = None
    app_role_assignment_required: bool = False
    application_template_id: str | None = None
    tags: tuple[str, ...] = ()


class Assignment(Reply):
    """A user, a group or another service principal that is assigned to an application (appRoleAssignment)."""

    id: str
    principal_id: str
    principal_type: str
    principal_display_name: str | None = None


class Registered(NamedTuple):
    """An application and its service principal; one of them may be missing."""

    application: Application | None
    principal: ServicePrincipal | None


class Applications:
    """Finds applications and service principals."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def find(self, text: str) -> list[Registered]:
        """Applications with this display name, object id (of either kind) or client id; oldest first.

        Raises GraphError.
        """
        names = ("id", "appId") if is_object_id(text) else ("displayName",)
        applications = [found for name in names for found in await self._applications(name, text)]
        principals = [found for name in names for found in await self._principals(name, text)]
        if not applications and not principals and is_object_id(text):  # a name may look like an id
            applications, principals = await self.named(text), await self._principals("displayName", text)
        return await self._completed(applications, principals)

    async def named(self, name: str) -> list[Application]:
        """The applications of this display name."""
        return await self._applications("displayName", name)

    async def namesakes(
        self, name: str, own: ApplicationId | ClientId, template: str | None = None
    ) -> list[Application]:
        """The applications of a display name other than `own`, oldest first; only of a template where one is given.

        Raises GraphError.
        """
        others = [found for found in await self.named(name) if own not in {found.id, found.app_id}]
        of_template = [found for found in others if template in {None, found.application_template_id}]
        return sorted(of_template, key=lambda found: str(found.created_date_time))

    async def principal(self, object_id: ServicePrincipalId) -> ServicePrincipal:
        """A service principal. Raises NotFoundError."""
        return ServicePrincipal.of(await self._client.request("GET", entity("servicePrincipals", object_id)))

    async def application(self, object_id: ApplicationId) -> Application:
        """An application. Raises NotFoundError."""
        return Application.of(await self._client.request("GET", entity("applications", object_id)))

    async def principal_of(self, client_id: ClientId) -> ServicePrincipal | None:
        """The service principal of an application."""
        return next(iter(await self._principals("appId", client_id)), None)

    async def owners(self, kind: str, object_id: str) -> list[str]:
        """Object ids of the owners; `kind` is `applications` or `servicePrincipals`. Raises GraphError."""
        found = await self._client.values(entity(kind, object_id, "owners"))
        return [str(owner.get("id")) for owner in found]

    async def assignments(self, principal: ServicePrincipalId) -> list[Assignment]:
        """Who is assigned to an application, once each. Raises GraphError."""
        found = await self._client.values(entity("servicePrincipals", principal, "appRoleAssignedTo"))
        # With several roles someone is assigned several times.
        return list({one.principal_id: one for one in (Assignment.of(item) for item in reversed(found))}.values())

    async def _completed(
        self, applications: Sequence[Application], principals: Sequence[ServicePrincipal]
    ) -> list[Registered]:
        """Each application with its service principal, once."""
        halves: dict[ClientId, Registered] = {}
        for application in applications:
            halves[application.app_id] = Registered(application, None)
        for principal in principals:
            known = halves.get(principal.app_id, Registered(None, None))
            halves[principal.app_id] = known._replace(principal=principal)
        for client_id, (one, other) in list(halves.items()):
            if one is None:
                halves[client_id] = Registered(next(iter(await self._applications("appId", client_id)), None), other)
            if other is None:
                halves[client_id] = Registered(one, await self.principal_of(client_id))
        return sorted(halves.values(), key=lambda found: str(found.application and found.application.created_date_time))

    async def try_reading(self) -> None:
        """Read one application at most. Raises GraphError where applications cannot be read."""
        await self._client.page(with_query("/applications", {"$top": "1"}))

    async def _applications(self, name: str, value: str) -> list[Application]:
        return [Application.of(item) for item in await self._client.values(_where("applications", name, value))]

    async def _principals(self, name: str, value: str) -> list[ServicePrincipal]:
        found = await self._client.values(_where("servicePrincipals", name, value))
        return [ServicePrincipal.of(item) for item in found]


def _where(collection: str, attribute: str, value: str) -> str:
    return with_query(f"/{collection}", {"$filter": equals(attribute, value)})


class Deletion(NamedTuple):
    """An object that is gone."""

    kind: DeletedKind
    said: str
    todo: str
    recycled: bool = False
    """Whether it is among what was deleted in the last 30 days."""


class _Item(Reply):
    deleted_date_time: Moment = None
    app_id: str | None = None


async def deletion(
    client: GraphClient,
    *,
    application: ApplicationId | str = "",
    principal: ServicePrincipalId | str = "",
    job: JobId | str = "",
) -> Deletion | None:
    """The first of these objects that is gone; None where all exist. An empty id is passed over.

    Raises GraphError where Entra does not let this be read.
    """
    if application and await _gone(client, entity("applications", application)):
        return await _directory_object(client, "application", application, _RESTORED_IN_PORTAL)
    if principal and await _gone(client, entity("servicePrincipals", principal)):
        restore = f"restore it (Microsoft Graph: POST /directory/deletedItems/{principal}/restore)"
        return await _directory_object(client, "service principal", principal, restore)
    if (
        principal
        and job
        and await _gone(client, entity("servicePrincipals", principal, "synchronization", "jobs", job))
    ):
        return Deletion(
            "job",
            f"the job {job} of the service principal {principal} was deleted",
            f"`pulumi up` creates another job. {_LINKS.format(kind='job')}",
        )
    return None


async def _gone(client: GraphClient, path: str) -> bool:
    try:
        await client.request("GET", path)
    except NotFoundError:
        return True
    return False


async def _directory_object(client: GraphClient, kind: DeletedKind, object_id: str, restore: str) -> Deletion:
    links = _LINKS.format(kind=kind)
    try:
        item = _Item.of(await client.request("GET", entity("directory", "deletedItems", object_id)))
    except NotFoundError:
        return Deletion(
            kind,
            f"the {kind} {object_id} is not in this tenant, nor among what was deleted here in the last 30 days",
            f"check the tenant. If it is the right one, `pulumi up` creates another {kind}. {links}",
        )
    except GraphError as error:  # that the object is gone is known: only its deletion cannot be read
        whether = (
            f"With the application permission {_READ_DELETED} this login would see whether it was deleted"
            if isinstance(error, ForbiddenError)
            else f"Whether it was deleted cannot be read ({first_line(error)})"
        )
        return Deletion(
            kind,
            f"the {kind} {object_id} is not in this tenant",
            f"check the tenant. {whether}. If it was deleted within 30 days, {restore}. {links}",
        )
    name = f"{kind} {object_id}"
    if kind == "service principal" and item.app_id and not await _exists(client, ClientId(item.app_id)):
        kind, name, restore = "application", f"application with the client id {item.app_id}", _RESTORED_IN_PORTAL
        links = _LINKS.format(kind=kind)
    at = item.deleted_date_time
    when = f" at {at:%Y-%m-%d %H:%M} UTC" if at else ""
    until = f" until {at + _KEPT:%Y-%m-%d}" if at else " within 30 days"
    return Deletion(kind, f"the {name} was deleted{when}", f"{restore}{until}. {links}", recycled=True)


async def _exists(client: GraphClient, application: ClientId) -> bool:
    found, _ = await client.page(_where("applications", "appId", application))
    return bool(found)
