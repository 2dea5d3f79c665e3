"""`azuread.ApplicationFromTemplate`: an application and its service principal, instantiated from a gallery template."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from eptura_scim.azuread_stand_in.graph import Graph, object_or_none, shared
from eptura_scim.azuread_stand_in.ids import FromTemplatePath, check_uuid
from eptura_scim.plugin_sdk.errors import PartlyCreatedError, ResourceError
from eptura_scim.plugin_sdk.resource import Created, Inputs, Resource

__all__ = ["ApplicationFromTemplate", "ApplicationFromTemplateInputs"]


class ApplicationFromTemplateInputs(Inputs):
    """What the program may set."""

    display_name: Annotated[str, Field(min_length=1)]
    template_id: Annotated[str, AfterValidator(check_uuid)]


class ApplicationFromTemplate(Resource[ApplicationFromTemplateInputs]):
    """An application and its service principal. Of both, only the application's display name is managed."""

    inputs = ApplicationFromTemplateInputs
    replace_on = frozenset({"templateId"})
    ignore_unset_inputs = True
    computed = frozenset({"applicationId", "applicationObjectId", "servicePrincipalId", "servicePrincipalObjectId"})

    def __init__(self, graph: Graph | None = None) -> None:
        self._graph = graph or shared()

    async def create(self, urn: str, inputs: ApplicationFromTemplateInputs) -> Created:
        """Instantiate the template. One read confirms it, where the real plugin waits for five, 5 s apart.

        Raises ResourceError, or PartlyCreatedError where the application exists and cannot be read.
        """
        made = await self._graph.post(
            f"/v1.0/applicationTemplates/{inputs.template_id}/instantiate", {"displayName": inputs.display_name}
        )
        made_id = FromTemplatePath(inputs.template_id, made["application"]["id"], made["servicePrincipal"]["id"])
        try:
            await self._graph.confirm(f"/v1.0/applications/{made_id.application}")
            outputs = await self._outputs(made_id)
        except ResourceError as error:  # as the real plugin, which knows the id from here on
            raise PartlyCreatedError(str(error), str(made_id), _ids(made_id)) from error
        if outputs is None:
            raise ResourceError(f"the application {made_id.application} vanished after it was created")
        return Created(str(made_id), outputs)

    async def read(
        self, resource_id: str, last_inputs: dict[str, Any]
    ) -> tuple[ApplicationFromTemplateInputs, dict[str, Any]] | None:
        """The display name as it is now."""
        outputs = await self._outputs(FromTemplatePath.parse(resource_id))
        if outputs is None:
            return None
        return self.inputs(display_name=outputs["displayName"], template_id=outputs["templateId"]), outputs

    async def update(
        self, urn: str, resource_id: str, old: dict[str, Any], new: ApplicationFromTemplateInputs
    ) -> dict[str, Any]:
        """Rename the application. Raises ResourceError."""
        parsed = FromTemplatePath.parse(resource_id)
        body = {"@odata.type": "#microsoft.graph.application", "displayName": new.display_name}
        await self._graph.patch(f"/v1.0/applications/{parsed.application}", body)
        outputs = await self._outputs(parsed)
        if outputs is None:
            raise ResourceError(f"the application {parsed.application} vanished while it was updated")
        return outputs

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Delete the application; Entra removes its service principal with it. One that is gone already is an error."""
        await self._graph.delete(f"/v1.0/applications/{FromTemplatePath.parse(resource_id).application}")

    async def _outputs(self, parsed: FromTemplatePath) -> dict[str, Any] | None:
        live = await object_or_none(self._graph.get(f"/v1.0/applications/{parsed.application}"))
        if live is None:
            return None
        return {"displayName": live.get("displayName") or "", "templateId": parsed.template, **_ids(parsed)}


def _ids(made: FromTemplatePath) -> dict[str, Any]:
    return {
        "applicationId": f"/applications/{made.application}",
        "applicationObjectId": made.application,
        "servicePrincipalId": f"/servicePrincipals/{made.service_principal}",
        "servicePrincipalObjectId": made.service_principal,
    }
