"""The login, and whether its permissions suffice: read off the token, and tried by reading what a run reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from eptura_scim.doctor.finding import Finding
from eptura_scim.engine.stack_objects import StackObjects
from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import ForbiddenError, GraphError, NotFoundError
from eptura_scim.graph.identity import Identity, tenant_name, who_am_i
from eptura_scim.graph.ids import ApplicationId, JobId, ServicePrincipalId
from eptura_scim.graph.permissions import (
    ASSIGN,
    CHANGE_APPLICATIONS,
    CHANGE_PROVISIONING,
    OWNED_BY,
    READ_APPLICATIONS,
    READ_PROVISIONING,
    ROLES,
    Need,
    included,
    writing,
)
from eptura_scim.graph.synchronization import JobRef, SynchronizationClient

__all__ = ["Access", "login"]

_GRANT = "grant it as an application permission of Microsoft Graph, with admin consent"


async def login(client: GraphClient) -> tuple[Identity, Finding]:
    """Log in. Raises LoginError, UnreachableError."""
    identity = await who_am_i(client)
    who = identity.name or identity.client_id
    said = f"{identity.kind} {who}, by {client.login_method}, in the tenant {await _tenant(client, identity.tenant_id)}"
    return identity, Finding("login", "green", said)


@dataclass(frozen=True)
class Access:
    """What an identity may do with the objects that a stack knows."""

    client: GraphClient
    identity: Identity
    objects: StackObjects
    assigns: bool
    """Whether settings name users or groups to assign."""

    async def findings(self) -> list[Finding]:
        """Each permission, and what they are sufficient for together."""
        reading = [
            await self._tried(READ_APPLICATIONS, self._read_applications),
            await self._tried(READ_PROVISIONING, self._read_provisioning if self.objects.principal else None),
        ]
        changing = [self._stated(need) for need in self._changes()]
        if self._by_ownership():
            changing.append(await self._ownership())
        return [*reading, *changing, self._sum(reading, changing)]

    def _changes(self) -> list[Need]:
        return [CHANGE_APPLICATIONS, CHANGE_PROVISIONING, *([ASSIGN] if self.assigns else [])]

    @property
    def _has(self) -> frozenset[str]:
        return included(self.identity.permissions)

    @property
    def _roles(self) -> list[str]:
        return sorted(ROLES[role] for role in self.identity.role_templates if role in ROLES)

    def _by_ownership(self) -> bool:
        """Whether some change is allowed for applications only that the identity owns."""
        if self.identity.kind == "person":
            return False
        without = self._has - {OWNED_BY}
        return any(need.met(self._has) and not need.met(without) for need in self._changes())

    async def _tried(self, need: Need, read: Callable[[], Awaitable[object]] | None) -> Finding:
        if read is None:
            return self._stated(need)
        try:
            await read()
        except ForbiddenError:
            return Finding("permission", "red", f"{need.what}: refused", self._lacking(need))
        except NotFoundError:  # the read was allowed; the finding `application` says that the object is gone
            return Finding("permission", "green", f"{need.what}")
        except GraphError as error:
            return Finding("permission", "yellow", f"{need.what}: not tested: {error}")
        return Finding("permission", "green", f"{need.what}: OK (tested)")

    def _stated(self, need: Need) -> Finding:
        if self._roles:
            return Finding("permission", "green", f"{need.what}: {', '.join(self._roles)}")
        if self.identity.kind == "application" and need.met(self._has):
            return Finding("permission", "green", f"{need.what}: {self._sufficient(need)}")
        return Finding("permission", "yellow", f"{need.what}: not in the token", self._lacking(need))

    def _sufficient(self, need: Need) -> str:
        names = next(one for one in need.any_of if one <= self._has)
        granted = (name if name in self.identity.permissions else writing(name) for name in sorted(names))
        return " and ".join(granted)

    def _lacking(self, need: Need) -> str:
        if self.identity.kind == "person":
            return "activate the role Cloud Application Administrator or Application Administrator, then log in again"
        return f"{need.missing(self._has) or need.missing(())} is missing: {_GRANT}, then log in again"

    async def _ownership(self) -> Finding:
        """Source: Microsoft Graph permissions reference, Application.ReadWrite.OwnedBy."""
        if not self.objects.application:
            return Finding("ownership", "green", f"owns every application it creates ({OWNED_BY})")
        try:
            owned = [
                self.identity.object_id in await Applications(self.client).owners(kind, object_id)
                for kind, object_id in (
                    ("applications", self.objects.application),
                    ("servicePrincipals", self.objects.principal),
                )
            ]
        except GraphError as error:
            return Finding("ownership", "yellow", f"not read: {error}")
        if all(owned):
            return Finding("ownership", "green", "the identity owns the application and its service principal")
        lacking = " and ".join(
            what for what, is_owned in zip(("application", "service principal"), owned, strict=True) if not is_owned
        )
        return Finding(
            "ownership",
            "yellow",
            f"the identity does not own the {lacking}, and {OWNED_BY} covers owned objects only",
            f"make {self.identity.object_id} an owner of application {self.objects.application} and service principal "
            f"{self.objects.principal}, or grant Application.ReadWrite.All and Synchronization.ReadWrite.All",
        )

    async def _read_applications(self) -> None:
        if self.objects.application:
            await Applications(self.client).application(ApplicationId(self.objects.application))
        else:
            await Applications(self.client).try_reading()

    async def _read_provisioning(self) -> None:
        api, principal = SynchronizationClient(self.client), ServicePrincipalId(self.objects.principal)
        await api.jobs(principal)
        await api.secrets(principal)
        if self.objects.job:
            await api.schema(JobRef(principal, JobId(self.objects.job)))

    def _sum(self, reading: list[Finding], changing: list[Finding]) -> Finding:
        if any(finding.status == "red" for finding in reading):
            return Finding("sufficient for", "red", "neither `pulumi preview` nor `pulumi up`")
        if any(finding.status != "green" for finding in changing):
            return Finding("sufficient for", "yellow", "`pulumi preview` (drift review); not for `pulumi up`")
        return Finding("sufficient for", "green", "`pulumi up`")


async def _tenant(client: GraphClient, tenant_id: str) -> str:
    """The tenant's name and id; the id alone where the name may not be read."""
    try:
        name = await tenant_name(client)
    except GraphError:
        return tenant_id
    return f"{name} ({tenant_id})" if name else tenant_id
