"""EnterpriseApplicationName: the name that the portal shows, and that azuread does not watch."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from pydantic import Field

from eptura_scim.graph.applications import ServicePrincipal
from eptura_scim.graph.errors import GraphError
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.input_rules import ApplicationName
from eptura_scim.plugin_sdk.errors import InvalidIdError
from eptura_scim.plugin_sdk.messages import warn
from eptura_scim.plugin_sdk.resource import Created
from eptura_scim.provider.base import GraphResource, ServicePrincipalInputs

__all__ = ["ApplicationNameInputs", "EnterpriseApplicationName"]


class ApplicationNameInputs(ServicePrincipalInputs):
    """An enterprise application and its name."""

    display_name: ApplicationName = Field(
        description="The portal's Name (Graph's displayName of the service principal)."
    )


class EnterpriseApplicationName(GraphResource[ApplicationNameInputs]):
    """The name of an enterprise application. Entra gives it the application's name once; the portal's Properties change
    it alone, and azuread reads it without comparing it.
    """

    inputs = ApplicationNameInputs

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._known: set[str] = set()  # client ids of the applications that the stack had before this run

    async def create(self, urn: str, inputs: ApplicationNameInputs) -> Created:
        """Give the name, if it has another one."""
        await self.consistency.retry_new_object(lambda: self._converge(inputs))
        with suppress(GraphError):
            principal = ServicePrincipalId(inputs.service_principal_id)
            own = await (await self.api()).applications.principal(principal)
            await self._warn_of_namesakes(own, inputs.display_name)
        return Created(inputs.service_principal_id)

    async def read(
        self, resource_id: str, last_inputs: dict[str, Any]
    ) -> tuple[ApplicationNameInputs, dict[str, Any]] | None:
        """The live name. Warns of a deletion, and of other applications with the live or the declared name."""
        principal = _parse_id(resource_id)
        api = await self.api()
        live = await self.consistency.read_or_gone(lambda: api.applications.principal(principal))
        if live is None:
            await self.warn_of_deletion(principal)
            return None
        self._known.add(live.app_id)
        name = live.display_name
        await self._warn_of_namesakes(live, str(last_inputs.get("displayName") or name))
        return ApplicationNameInputs.model_construct(service_principal_id=principal, display_name=name), {}

    async def update(
        self, urn: str, resource_id: str, old: dict[str, Any], new: ApplicationNameInputs
    ) -> dict[str, Any]:
        """Rename."""
        await self.consistency.retry_existing_object(lambda: self._converge(new))
        return {}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Nothing: a name cannot be taken away."""

    async def _warn_of_namesakes(self, own: ServicePrincipal, name: str) -> None:
        """A creation whose answer was lost leaves an application that is in no state, with the name of this one."""
        applications = (await self.api()).applications
        try:
            found = await applications.namesakes(name, own.app_id, own.application_template_id)
        except GraphError:  # who may not list applications can still manage this one
            return
        others = [other for other in found if other.app_id not in self._known]
        if others:
            named = ", ".join(f"{other.id} (created {other.created_date_time})" for other in others)
            await warn(
                f"the tenant has {len(others) + 1} applications of one template that are called {name!r}. The stack's "
                f"has the client id {own.app_id}; the stack does not know {named}. Delete what is not used: another "
                "application that provisions sends its own mappings to Eptura"
            )

    async def _converge(self, inputs: ApplicationNameInputs) -> None:
        api, principal = await self.api(), ServicePrincipalId(inputs.service_principal_id)
        if await api.application_name(principal) == inputs.display_name:
            return
        await api.rename_application(principal, inputs.display_name)
        await self.consistency.wait_until(
            lambda: api.application_name(principal),
            lambda name: "" if name == inputs.display_name else f"Entra still shows the name {name!r}",
        )


def _parse_id(resource_id: str) -> ServicePrincipalId:
    """An object id, or the id of azuread's ServicePrincipal. Raises InvalidIdError."""
    try:
        return ServicePrincipalId(str(uuid.UUID(resource_id.removeprefix("/servicePrincipals/"))))
    except ValueError:
        raise InvalidIdError(
            f"{resource_id!r} is not an id of this resource: give SERVICE_PRINCIPAL_OBJECT_ID, "
            "or the id of the azuread ServicePrincipal"
        ) from None
