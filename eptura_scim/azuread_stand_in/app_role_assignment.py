"""`azuread.AppRoleAssignment`: a user or group assigned to a service principal."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator

from eptura_scim.azuread_stand_in.graph import Graph, LocalGraphError, LocalNotFoundError, object_or_none, shared
from eptura_scim.azuread_stand_in.ids import AssignmentPath, check_uuid
from eptura_scim.plugin_sdk.errors import PartlyCreatedError, ResourceError
from eptura_scim.plugin_sdk.resource import Created, Inputs, Resource

__all__ = ["AppRoleAssignment", "AppRoleAssignmentInputs"]

_NOT_REPLICATED = "Not a valid reference update"

Uuid = Annotated[str, AfterValidator(check_uuid)]


class AppRoleAssignmentInputs(Inputs):
    """What the program may set."""

    app_role_id: Uuid
    principal_object_id: Uuid
    resource_object_id: Uuid


class AppRoleAssignment(Resource[AppRoleAssignmentInputs]):
    """An assignment. Nothing of it can be changed, only replaced."""

    inputs = AppRoleAssignmentInputs
    replace_on = frozenset({"appRoleId", "principalObjectId", "resourceObjectId"})
    ignore_unset_inputs = True
    computed = frozenset({"principalDisplayName", "principalType", "resourceDisplayName"})

    def __init__(self, graph: Graph | None = None) -> None:
        self._graph = graph or shared()

    async def create(self, urn: str, inputs: AppRoleAssignmentInputs) -> Created:
        """Assign, and read once. A principal that is not replicated yet is waited for, as the real plugin does.

        Raises ResourceError, or PartlyCreatedError where the assignment exists and cannot be read.
        """
        resource = f"/v1.0/servicePrincipals/{inputs.resource_object_id}"
        try:
            await self._graph.get(resource)
        except LocalNotFoundError as error:
            raise ResourceError(
                f"resourceObjectId: the service principal {inputs.resource_object_id} was not found"
            ) from error
        made = await self._graph.found_soon(lambda: self._assigned(f"{resource}/appRoleAssignedTo", inputs))
        if made is None:
            raise ResourceError(f"principalObjectId: {inputs.principal_object_id} was not found")
        made_id = AssignmentPath(made["resourceId"], made["id"])
        try:
            outputs = await self._outputs(made_id)
        except ResourceError as error:  # as the real plugin, which knows the id from here on
            raise PartlyCreatedError(str(error), str(made_id), {}) from error
        if outputs is None:
            raise ResourceError(f"the assignment {made_id} vanished after it was made")
        return Created(str(made_id), outputs)

    async def read(
        self, resource_id: str, last_inputs: dict[str, Any]
    ) -> tuple[AppRoleAssignmentInputs, dict[str, Any]] | None:
        """The assignment as it is now."""
        outputs = await self._outputs(AssignmentPath.parse(resource_id))
        if outputs is None:
            return None
        return self.inputs.model_validate({name: outputs[name] for name in self.replace_on}), outputs

    async def update(
        self, urn: str, resource_id: str, old: dict[str, Any], new: AppRoleAssignmentInputs
    ) -> dict[str, Any]:
        """Nothing can be changed; what Graph computes is read. Raises ResourceError."""
        outputs = await self._outputs(AssignmentPath.parse(resource_id))
        if outputs is None:
            raise ResourceError(f"the assignment {resource_id} vanished")
        return outputs

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Take the assignment away."""
        await object_or_none(self._graph.delete(f"/v1.0{AssignmentPath.parse(resource_id)}"))

    async def _assigned(self, path: str, inputs: AppRoleAssignmentInputs) -> dict[str, Any] | None:
        body = {
            "@odata.type": "#microsoft.graph.appRoleAssignment",
            "appRoleId": inputs.app_role_id,
            "principalId": inputs.principal_object_id,
            "resourceId": inputs.resource_object_id,
        }
        try:
            made: dict[str, Any] = await self._graph.post(path, body)
        except LocalGraphError as error:
            late = error.status == HTTPStatus.BAD_REQUEST and _NOT_REPLICATED in str(error)
            if late or error.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return made

    async def _outputs(self, assignment: AssignmentPath) -> dict[str, Any] | None:
        live = await object_or_none(self._graph.get(f"/v1.0{assignment}"))
        if live is None:
            return None
        return {
            "appRoleId": live.get("appRoleId") or "",
            "principalDisplayName": live.get("principalDisplayName") or "",
            "principalObjectId": live.get("principalId") or "",
            "principalType": live.get("principalType") or "",
            "resourceDisplayName": live.get("resourceDisplayName") or "",
            "resourceObjectId": live.get("resourceId") or "",
        }
