"""HTTP endpoints of the login: cloud metadata, OpenID discovery, and access tokens."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eptura_scim.local_entra.api.login.access_tokens import AccessTokens
from eptura_scim.local_entra.api.login.checks import check_login, check_resource, check_tenant
from eptura_scim.local_entra.api.login.failures import TokenRefusedError, login_failure
from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json

__all__ = ["login_routes"]

_ANY_TENANT = ("common", "organizations", "consumers")


def login_routes(
    tenant: Tenant, tokens: AccessTokens, clock: Clock, is_resource: Callable[[str], bool] = lambda _: False
) -> list[Route]:
    """The endpoints below the root; `is_resource` says whether an application of the tenant has an identifier."""

    async def metadata(request: Request) -> Response:
        return JSONResponse(_cloud_metadata(_base(request)))

    async def token(request: Request) -> Response:
        raw = (await request.body()).decode("utf-8", "replace")
        form = dict(parse_qsl(raw, keep_blank_values=True))
        try:
            audience = check_login(tenant, request, form, clock)
            check_resource(tenant, audience, is_resource)
        except TokenRefusedError as error:
            return login_failure(error, _base(request), clock)
        return JSONResponse(
            {
                "token_type": "Bearer",
                "expires_in": tenant.token_lifetime,
                "ext_expires_in": tenant.token_lifetime,
                "access_token": tokens.issue(audience),
            },
            headers={"Cache-Control": "no-store"},
        )

    async def discovery(request: Request) -> Response:
        try:
            check_tenant(tenant, request, _ANY_TENANT)
        except TokenRefusedError as error:
            return login_failure(error, _base(request), clock)
        return JSONResponse(_openid_configuration(_base(request), request.path_params["tenant"], tenant.id))

    async def instance(request: Request) -> Response:
        return JSONResponse(_instance_discovery(request.url.netloc, tenant.id))

    async def keys(request: Request) -> Response:
        # Access tokens are signed with a secret key: none is published.
        return JSONResponse({"keys": []})

    return [
        Route("/metadata/endpoints", metadata),
        Route("/common/discovery/instance", instance),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", discovery),
        Route("/{tenant}/.well-known/openid-configuration", discovery),
        Route("/{tenant}/discovery/v2.0/keys", keys),
        Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
    ]


def _cloud_metadata(base: str) -> Json:
    """The cloud's endpoints, as Azure Resource Manager lists them; azuread reads them from ARM_METADATA_HOSTNAME."""
    return {
        "name": "LocalEntra",
        "portal": base,
        "resourceManager": base,
        "microsoftGraphResourceId": f"{base}/",
        "authentication": {
            "loginEndpoint": base,
            "audiences": [base],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {},
    }


def _openid_configuration(base: str, named: str, tenant: str) -> Json:
    """The provider metadata of OpenID Connect Discovery 1.0, section 3. `named` is the tenant as the path names it."""
    asked = f"{base}/{named}"
    return {
        "issuer": f"{base}/{tenant}/v2.0",
        "authorization_endpoint": f"{asked}/oauth2/v2.0/authorize",
        "token_endpoint": f"{asked}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{asked}/oauth2/v2.0/devicecode",
        "jwks_uri": f"{asked}/discovery/v2.0/keys",
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "tenant_region_scope": None,
    }


def _instance_discovery(host: str, tenant: str) -> Json:
    """What the Microsoft Authentication Library asks first: which hosts are one cloud."""
    return {
        "tenant_discovery_endpoint": f"https://{host}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
    }


def _base(request: Request) -> str:
    return f"https://{request.url.netloc}"
