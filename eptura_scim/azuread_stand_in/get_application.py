"""`azuread.get_application`: an application by its object id or its client id."""

from __future__ import annotations

from typing import Any

from eptura_scim.azuread_stand_in.features import feature_tag
from eptura_scim.azuread_stand_in.graph import Graph, LocalNotFoundError, shared
from eptura_scim.azuread_stand_in.roles import app_roles, ids_by_value, permission_scopes
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.validation import dump

__all__ = ["get_application"]

_TEXTS = {
    "clientId": "appId",
    "disabledByMicrosoft": "disabledByMicrosoftStatus",
    "displayName": "displayName",
    "notes": "notes",
    "objectId": "id",
    "publisherDomain": "publisherDomain",
    "serviceManagementReference": "serviceManagementReference",
    "signInAudience": "signInAudience",
}
_FLAGS = {
    "deviceOnlyAuthEnabled": "isDeviceOnlyAuthSupported",
    "fallbackPublicClientEnabled": "isFallbackPublicClient",
}
_INFORMATION = ("logoUrl", "marketingUrl", "privacyStatementUrl", "supportUrl", "termsOfServiceUrl")


async def get_application(args: dict[str, Any], graph: Graph | None = None) -> dict[str, Any]:
    """All that azuread tells of an application."""
    graph = graph or shared()
    live = await _find(args, graph)
    path = f"applications/{live['id']}"
    beta = await graph.get(f"/beta/{path}", select="oauth2RequirePostResponse")
    owners = await graph.get(f"/v1.0/{path}/owners")
    return {
        **_flatten(live),
        "id": f"/{path}",
        "description": "",
        "identifierUri": "",
        "oauth2PostResponseRequired": bool(beta.get("oauth2RequirePostResponse")),
        "owners": [owner["id"] for owner in owners["value"]],
    }


async def _find(args: dict[str, Any], graph: Graph) -> dict[str, Any]:
    object_id, client_id = args.get("objectId"), args.get("clientId")
    if object_id:
        try:
            live: dict[str, Any] = await graph.get(f"/v1.0/applications/{object_id}")
        except LocalNotFoundError as error:
            raise ResourceError(f'objectId: the application with object id "{object_id}" was not found') from error
        return live
    if not client_id:
        raise ResourceError("getApplication of the azuread stand-in needs objectId or clientId")
    found: list[dict[str, Any]] = (await graph.get("/v1.0/applications", filter=f"appId eq '{client_id}'"))["value"]
    if not found:
        raise ResourceError(f'clientId: the application with client id "{client_id}" was not found')
    return found[0]


def _flatten(live: dict[str, Any]) -> dict[str, Any]:
    tags, information = live.get("tags") or [], live.get("info") or {}
    claims = live.get("groupMembershipClaims")
    return {
        **{name: live.get(theirs) or "" for name, theirs in _TEXTS.items()},
        **{name: bool(live.get(theirs)) for name, theirs in _FLAGS.items()},
        **{name: information.get(name) or "" for name in _INFORMATION},
        "apis": [_api(api) for api in _present(live.get("api"))],
        "appRoleIds": ids_by_value(live.get("appRoles")),
        "appRoles": app_roles(live.get("appRoles")),
        "featureTags": [dump(feature_tag(tags))],
        "groupMembershipClaims": [claim.strip() for claim in claims.split(",")] if claims else [],
        "identifierUris": live.get("identifierUris") or [],
        "oauth2PermissionScopeIds": ids_by_value((live.get("api") or {}).get("oauth2PermissionScopes")),
        "optionalClaims": [_optional_claims(claims) for claims in _present(live.get("optionalClaims"))],
        "publicClients": [_redirects(client) for client in _present(live.get("publicClient"))],
        "requiredResourceAccesses": [_access(access) for access in live.get("requiredResourceAccess") or []],
        "singlePageApplications": [_redirects(spa) for spa in _present(live.get("spa"))],
        "tags": tags,
        "webs": [_web(web) for web in _present(live.get("web"))],
    }


def _present(block: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [] if block is None else [block]  # an empty object of Graph is a block with empty fields


def _api(api: dict[str, Any]) -> dict[str, Any]:
    return {
        "knownClientApplications": api.get("knownClientApplications") or [],
        "mappedClaimsEnabled": bool(api.get("acceptMappedClaims")),
        "oauth2PermissionScopes": permission_scopes(api.get("oauth2PermissionScopes")),
        "requestedAccessTokenVersion": api.get("requestedAccessTokenVersion") or 1,
    }


def _redirects(platform: dict[str, Any]) -> dict[str, Any]:
    return {"redirectUris": platform.get("redirectUris") or []}


def _web(web: dict[str, Any]) -> dict[str, Any]:
    return {
        **_redirects(web),
        "homepageUrl": web.get("homePageUrl") or "",
        "logoutUrl": web.get("logoutUrl") or "",
        "implicitGrants": [
            {
                "accessTokenIssuanceEnabled": bool(grant.get("enableAccessTokenIssuance")),
                "idTokenIssuanceEnabled": bool(grant.get("enableIdTokenIssuance")),
            }
            for grant in _present(web.get("implicitGrantSettings"))
        ],
    }


def _access(access: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceAppId": access.get("resourceAppId") or "",
        "resourceAccesses": [
            {"id": item.get("id") or "", "type": item.get("type") or ""} for item in access.get("resourceAccess") or []
        ],
    }


def _optional_claims(claims: dict[str, Any]) -> dict[str, Any]:
    kinds = {"accessTokens": "accessToken", "idTokens": "idToken", "saml2Tokens": "saml2Token"}
    return {name: [_claim(claim) for claim in claims.get(theirs) or []] for name, theirs in kinds.items()}


def _claim(claim: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": claim.get("name") or "",
        "essential": bool(claim.get("essential")),
        "source": claim.get("source") or "",
        "additionalProperties": claim.get("additionalProperties") or [],
    }
