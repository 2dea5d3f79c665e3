"""Applications and their service principals, as Microsoft Graph knows them; only read.

Source: Microsoft Graph v1.0, resource types application and servicePrincipal.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple, NewType, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import ReplyError
from eptura_scim.graph.job_status import Reply
from eptura_scim.graph.synchronization import ServicePrincipalId

__all__ = [
    "Application",
    "ApplicationId",
    "Applications",
    "Assignment",
    "ClientId",
    "Registered",
    "ServicePrincipal",
]

ApplicationId = NewType("ApplicationId", str)
"""Object id of an application, under App registrations."""

ClientId = NewType("ClientId", str)
"""The portal's Application (client) ID, which an application and its service principal share."""


_ReplyT = TypeVar("_ReplyT", bound=Reply)


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
        """Whatever has this display name, object id (of either kind) or client id; oldest first.

        Raises GraphError.
        """
        names = ("id", "appId") if _is_uuid(text) else ("displayName",)
        applications = [found for name in names for found in await self._applications(name, text)]
        principals = [found for name in names for found in await self._principals(name, text)]
        if not applications and not principals and _is_uuid(text):  # a name may look like an id
            applications, principals = await self.named(text), await self._principals("displayName", text)
        return await self._completed(applications, principals)

    async def named(self, name: str) -> list[Application]:
        """The applications of this display name."""
        return await self._applications("displayName", name)

    async def application(self, object_id: ApplicationId) -> Application:
        """An application. Raises NotFoundError."""
        return _valid(Application, await self._client.request("GET", f"/applications/{quote(object_id, safe='')}"))

    async def principal_of(self, client_id: ClientId) -> ServicePrincipal | None:
        """The service principal of an application."""
        return next(iter(await self._principals("appId", client_id)), None)

    async def owners(self, kind: str, object_id: str) -> list[str]:
        """Object ids of the owners; `kind` is `applications` or `servicePrincipals`. Raises GraphError."""
        found = await self._client.values(f"/{kind}/{quote(object_id, safe='')}/owners")
        return [str(owner.get("id")) for owner in found]

    async def assignments(self, principal: ServicePrincipalId) -> list[Assignment]:
        """Who is assigned to an application, once each. Raises GraphError."""
        found = await self._client.values(f"/servicePrincipals/{quote(principal, safe='')}/appRoleAssignedTo")
        # With several roles someone is assigned several times.
        return list({one.principal_id: one for one in (_valid(Assignment, item) for item in reversed(found))}.values())

    async def _completed(
        self, applications: Sequence[Application], principals: Sequence[ServicePrincipal]
    ) -> list[Registered]:
        """Each with its other half, once."""
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

    async def _applications(self, name: str, value: str) -> list[Application]:
        return [_valid(Application, item) for item in await self._client.values(_filtered("applications", name, value))]

    async def _principals(self, name: str, value: str) -> list[ServicePrincipal]:
        found = await self._client.values(_filtered("servicePrincipals", name, value))
        return [_valid(ServicePrincipal, item) for item in found]


def _filtered(kind: str, name: str, value: str) -> str:
    doubled = value.replace("'", "''")  # OData 4.01, 5.1.1.14.1: a quote within a text
    condition = quote(f"{name} eq '{doubled}'", safe="")
    return f"/{kind}?$filter={condition}"


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _valid(model: type[_ReplyT], reply: Any) -> _ReplyT:
    try:
        return model.model_validate(reply)
    except ValidationError as error:
        raise ReplyError(f"Graph's {model.__name__} is not as documented: {error.errors()[0]['msg']}") from error
