"""`azuread.ServicePrincipal` with `use_existing`: the enterprise application that came with an application."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from eptura_scim.azuread_stand_in.features import Feature, FeatureTag, feature_tag, older_feature, tags_of
from eptura_scim.azuread_stand_in.graph import Graph, LocalGraphError, object_or_none, shared
from eptura_scim.azuread_stand_in.ids import ServicePrincipalPath, check_uuid
from eptura_scim.azuread_stand_in.roles import app_roles, ids_by_value, permission_scopes
from eptura_scim.plugin_sdk.errors import PartlyCreatedError, ResourceError
from eptura_scim.plugin_sdk.resource import Created, Inputs, Resource
from eptura_scim.plugin_sdk.validation import dump

__all__ = ["ServicePrincipal", "ServicePrincipalInputs"]


Text = Annotated[str | None, Field(max_length=1024)]
Texts = list[Annotated[str, Field(min_length=1)]] | None


class SamlSingleSignOn(Inputs):
    """Settings of SAML single sign-on."""

    relay_state: str | None = None


class ServicePrincipalInputs(Inputs):
    """What the program may set. What it does not set is neither compared nor changed, but for `owners`: without a word
    on them, the live ones are removed.
    """

    client_id: Annotated[str, AfterValidator(check_uuid)]
    use_existing: bool | None = None
    account_enabled: bool | None = None
    alternative_names: Texts = None
    app_role_assignment_required: bool | None = None
    description: Text = None
    feature_tags: list[FeatureTag] | None = None
    features: list[Feature] | None = None
    login_url: Annotated[str | None, Field(pattern=r"^(https?://.+)?$")] = None
    notes: Text = None
    notification_email_addresses: Texts = None
    owners: list[Annotated[str, AfterValidator(check_uuid)]] | None = None
    preferred_single_sign_on_mode: Literal["", "notSupported", "oidc", "password", "saml"] | None = None
    saml_single_sign_on: SamlSingleSignOn | None = None
    tags: list[str] | None = None

    @field_validator("tags")
    @classmethod
    def _alone(cls, tags: list[str] | None, others: ValidationInfo) -> list[str] | None:
        conflicts = [alias for name, alias in _OTHER_TAGS.items() if tags and others.data.get(name)]
        if conflicts:
            raise ValueError(f"cannot be set together with {' or '.join(conflicts)}: set one of them")
        return tags


_OTHER_TAGS = {"feature_tags": "featureTags", "features": "features"}
_IMPORTED = (
    "clientId", "accountEnabled", "alternativeNames", "appRoleAssignmentRequired", "description", "featureTags",
    "loginUrl", "notes", "notificationEmailAddresses", "owners", "preferredSingleSignOnMode",
)  # fmt: skip
_SETS = ("alternativeNames", "notificationEmailAddresses", "owners", "tags")
_TEXTS = {
    "applicationTenantId": "appOwnerOrganizationId",
    "clientId": "appId",
    "description": "description",
    "displayName": "displayName",
    "homepageUrl": "homepage",
    "loginUrl": "loginUrl",
    "logoutUrl": "logoutUrl",
    "notes": "notes",
    "objectId": "id",
    "preferredSingleSignOnMode": "preferredSingleSignOnMode",
    "signInAudience": "signInAudience",
    "type": "servicePrincipalType",
}
_LISTS = {
    "alternativeNames": "alternativeNames",
    "notificationEmailAddresses": "notificationEmailAddresses",
    "redirectUris": "replyUrls",
    "tags": "tags",
}


class _VanishedError(ResourceError):
    """Others deleted what was being written: there is nothing to keep in the state."""


class ServicePrincipal(Resource[ServicePrincipalInputs]):
    """The service principal of an application, taken over and managed."""

    inputs = ServicePrincipalInputs
    replace_on = frozenset({"clientId"})
    ignore_unset_inputs = True
    unset_means_empty = frozenset({"owners"})
    computed = frozenset(
        {
            "applicationTenantId", "appRoleIds", "appRoles", "displayName", "homepageUrl", "logoutUrl",
            "oauth2PermissionScopeIds", "oauth2PermissionScopes", "objectId", "redirectUris", "samlMetadataUrl",
            "servicePrincipalNames", "signInAudience", "type",
        }
    )  # fmt: skip

    def __init__(self, graph: Graph | None = None) -> None:
        self._graph = graph or shared()

    def preprocess_inputs(self, urn: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Add the default of `accountEnabled`; as in the real plugin, a live value that was read stays the default."""
        return {"accountEnabled": old.get("accountEnabled", True), **new}

    async def create(self, urn: str, inputs: ServicePrincipalInputs) -> Created:
        """Find the service principal by its client id, make it where it was deleted, and write the wanted fields.

        Raises ResourceError, or PartlyCreatedError where only the fields are missing.
        """
        if not inputs.use_existing:
            raise ResourceError("useExisting: must be true, the azuread stand-in takes over what is there")
        found = await self._graph.found_soon(lambda: self._find(inputs.client_id))
        if found is None:
            made = await self._graph.post("/v1.0/servicePrincipals", {"appId": inputs.client_id})
            found = ServicePrincipalPath(made["id"])
            await self._graph.confirm(f"/v1.0{found}")
        try:
            return Created(str(found), await self._write(found, {}, inputs))
        except _VanishedError:
            raise
        except ResourceError as error:  # as the real plugin, which knows the id from here on
            raise PartlyCreatedError(str(error), str(found), {}) from error

    async def read(
        self, resource_id: str, last_inputs: dict[str, Any]
    ) -> tuple[ServicePrincipalInputs, dict[str, Any]] | None:
        """The fields that the program had set, as they are now; on import all fields that are not at their default."""
        outputs = await self._outputs(ServicePrincipalPath.parse(resource_id), last_inputs)
        if outputs is None:
            return None
        if last_inputs:
            seen = {name: outputs.get(name, value) for name, value in last_inputs.items()}
        else:
            seen = {name: outputs[name] for name in _IMPORTED if outputs[name] not in ("", [])}
        return _unchecked(seen), outputs

    async def update(
        self, urn: str, resource_id: str, old: dict[str, Any], new: ServicePrincipalInputs
    ) -> dict[str, Any]:
        """Write all fields, as azuread does."""
        return await self._write(ServicePrincipalPath.parse(resource_id), old, new)

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Delete the service principal. It existed before, so azuread does not mind if Graph refuses."""
        try:
            await self._graph.delete(f"/v1.0{ServicePrincipalPath.parse(resource_id)}")
        except LocalGraphError:
            if not old.get("useExisting"):
                raise

    async def _find(self, client_id: str) -> ServicePrincipalPath | None:
        found = (await self._graph.get("/v1.0/servicePrincipals", filter=f"appId eq '{client_id}'"))["value"]
        return ServicePrincipalPath(found[0]["id"]) if found else None

    async def _write(
        self, principal: ServicePrincipalPath, old: dict[str, Any], new: ServicePrincipalInputs
    ) -> dict[str, Any]:
        await self._graph.patch(f"/v1.0{principal}", _patch(old, new))
        owners = new.owners or []
        if set(owners) != set(old.get("owners", [])):
            await self._write_owners(f"/v1.0{principal}/owners", owners)
        outputs = await self._outputs(principal, dump(new))
        if outputs is None:
            raise _VanishedError(f"the service principal {principal} vanished while it was written")
        return outputs

    async def _write_owners(self, path: str, wanted: list[str]) -> None:
        """Add those that are missing, then remove the others: an owner who calls stays one as long as possible."""
        there = [owner["id"] for owner in (await self._graph.get(path))["value"]]
        for owner in sorted(set(wanted) - set(there)):
            await self._graph.post(f"{path}/$ref", {"@odata.id": f"{self._graph.url}/v1.0/directoryObjects/{owner}"})
        for owner in there:
            if owner not in wanted:
                await self._graph.delete(f"{path}/{owner}/$ref")

    async def _outputs(self, principal: ServicePrincipalPath, known: dict[str, Any]) -> dict[str, Any] | None:
        live = await object_or_none(self._graph.get(f"/v1.0{principal}"))
        if live is None:
            return None
        beta = await self._graph.get(f"/beta{principal}", select="samlMetadataUrl")
        owners = await self._graph.get(f"/v1.0{principal}/owners")
        outputs = _flatten(live, beta, [owner["id"] for owner in owners["value"]])
        for name in _SETS:  # keep the program's order, so that only what is in a set can differ
            if name in known and set(known[name]) == set(outputs[name]):
                outputs[name] = known[name]
        return outputs


def _patch(old: dict[str, Any], new: ServicePrincipalInputs) -> dict[str, Any]:
    wanted = {**old, **dump(new)}  # what is unset or ignored stays as the last state has it
    relay_state = wanted.get("samlSingleSignOn", {}).get("relayState")
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "accountEnabled": wanted.get("accountEnabled", True),
        "alternativeNames": wanted.get("alternativeNames", []),
        "appRoleAssignmentRequired": wanted.get("appRoleAssignmentRequired", False),
        "description": wanted.get("description") or None,
        "loginUrl": wanted.get("loginUrl") or None,
        "notes": wanted.get("notes") or None,
        "notificationEmailAddresses": wanted.get("notificationEmailAddresses", []),
        "preferredSingleSignOnMode": wanted.get("preferredSingleSignOnMode") or None,
        "samlSingleSignOnSettings": {"relayState": relay_state} if relay_state else {},
        "tags": _tags(old, new),
    }


def _tags(old: dict[str, Any], new: ServicePrincipalInputs) -> list[str]:
    if new.feature_tags:
        return tags_of(new.feature_tags[0])
    if new.features:
        return tags_of(new.features[0])
    return new.tags if new.tags is not None else old.get("tags", [])


def _flatten(live: dict[str, Any], beta: dict[str, Any], owners: list[str]) -> dict[str, Any]:
    tags = live.get("tags") or []
    names = live.get("servicePrincipalNames") or []
    return {
        **{name: live.get(theirs) or "" for name, theirs in _TEXTS.items()},
        **{name: live.get(theirs) or [] for name, theirs in _LISTS.items()},
        "accountEnabled": bool(live.get("accountEnabled")),
        "appRoleAssignmentRequired": bool(live.get("appRoleAssignmentRequired")),
        "appRoleIds": ids_by_value(live.get("appRoles")),
        "appRoles": app_roles(live.get("appRoles")),
        "featureTags": [dump(feature_tag(tags))],
        "features": [dump(older_feature(tags))],
        "oauth2PermissionScopeIds": ids_by_value(live.get("oauth2PermissionScopes")),
        "oauth2PermissionScopes": permission_scopes(live.get("oauth2PermissionScopes")),
        "owners": owners,
        "samlMetadataUrl": beta.get("samlMetadataUrl") or "",
        "samlSingleSignOn": {"relayState": (live.get("samlSingleSignOnSettings") or {}).get("relayState") or ""},
        "servicePrincipalNames": [name for name in names if name.casefold() != str(live.get("appId")).casefold()],
    }


def _unchecked(values: dict[str, Any]) -> ServicePrincipalInputs:
    """Live values as inputs: Graph may hold what the rules for inputs would refuse."""
    models: dict[str, type[Inputs]] = {"featureTags": FeatureTag, "features": Feature}
    values = {
        **values,
        **{name: [models[name].model_validate(item) for item in values[name]] for name in models if name in values},
    }
    if "samlSingleSignOn" in values:
        values["samlSingleSignOn"] = SamlSingleSignOn.model_validate(values["samlSingleSignOn"])
    names = {str(field.alias): name for name, field in ServicePrincipalInputs.model_fields.items()}
    return ServicePrincipalInputs.model_construct(**{names[name]: value for name, value in values.items()})
