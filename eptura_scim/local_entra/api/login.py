"""The login side: cloud metadata, OpenID discovery, and access tokens.

Sources: Microsoft identity platform, "OAuth 2.0 client credentials flow" and its error codes; the azuread plugin's
recorded calls (metadata, token).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.permissions import Permissions
from eptura_scim.local_entra.strict_json import read_document
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json

__all__ = ["AccessTokens", "TokenRefusedError", "fault_of_login", "login_failure", "login_routes"]

_ANY_TENANT = ("common", "organizations", "consumers")
_GRAPH = frozenset({"https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000"})
_AZURE = frozenset({"https://management.azure.com", "https://management.core.windows.net"})
_OWN_ADDRESS = re.compile(r"https://(?:localhost|127\.0\.0\.1)(?::[0-9]+)?/?")
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class AccessTokens:
    """Makes and checks access tokens: JWTs with `oid`, `tid`, `roles`, `exp`, signed with a key of its own."""

    def __init__(self, tenant: Tenant, permissions: Permissions, key: bytes, clock: Clock) -> None:
        self._tenant = tenant
        self._permissions = permissions
        self._key = key
        self._clock = clock

    def issue(self, audience: str) -> str:
        """A new token."""
        now = int(self._clock().timestamp())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self._tenant.id}/",
            "iat": now,
            "nbf": now,
            "exp": now + self._tenant.token_lifetime,
            "appid": self._tenant.client_id,
            "idtyp": "app",
            "oid": self._tenant.principal_id,
            "sub": self._tenant.principal_id,
            "tid": self._tenant.id,
            "roles": self._permissions.granted,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }
        head = _encoded(json.dumps({"typ": "JWT", "alg": "HS256"}).encode())
        content = f"{head}.{_encoded(json.dumps(claims).encode())}"
        return f"{content}.{self._signature(content)}"

    def check(self, authorization: str) -> Json:
        """The claims of an Authorization header's token. Raises ODataError 401 as Graph does."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("Access token is empty.")
        content, _, signature = token.rpartition(".")
        claims = jwt_claims(token)
        if claims is None:
            raise _unauthorized("IDX14100: JWT is not well formed, there are no dots (.).")
        if not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            raise _unauthorized("Access token validation failure. Invalid signature.")
        if claims["exp"] <= self._clock().timestamp():
            raise _unauthorized("Lifetime validation failed, the token is expired.")
        if not _is_graph(str(claims.get("aud", ""))):
            raise _unauthorized("Access token validation failure. Invalid audience.")
        return claims

    def _signature(self, content: str) -> str:
        return _encoded(hmac.digest(self._key, content.encode(), hashlib.sha256))


class TokenRefusedError(Exception):
    """What the platform answers instead of a token: status, OAuth 2.0 error, and the number and text of AADSTS."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text


def login_routes(
    tenant: Tenant, tokens: AccessTokens, clock: Clock, is_resource: Callable[[str], bool] = lambda _: False
) -> list[Route]:
    """The endpoints below the root; `is_resource` says whether an application of the tenant has an identifier."""

    async def metadata(request: Request) -> Response:
        base = _base(request)
        return JSONResponse(
            {
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
        )

    async def token(request: Request) -> Response:
        raw = (await request.body()).decode("utf-8", "replace")
        form = dict(parse_qsl(raw, keep_blank_values=True))
        try:
            audience = _check_login(tenant, request, form, clock)
            _check_resource(tenant, audience, is_resource)
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
        base = f"{_base(request)}/{request.path_params['tenant']}"
        try:
            _check_tenant(tenant, request, _ANY_TENANT)
        except TokenRefusedError as error:
            return login_failure(error, _base(request), clock)
        return JSONResponse(
            {
                "issuer": f"{_base(request)}/{tenant.id}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "tenant_region_scope": None,
            }
        )

    async def instance(request: Request) -> Response:
        host = request.url.netloc
        return JSONResponse(
            {
                "tenant_discovery_endpoint": f"https://{host}/{tenant.id}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            }
        )

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


def jwt_claims(token: str) -> Json | None:
    """The claims of a JWT that has them and `exp`; None for anything else. The signature is not looked at."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = read_document(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) and isinstance(claims.get("exp"), int | float) else None


def _check_login(tenant: Tenant, request: Request, form: Mapping[str, str], clock: Clock) -> str:
    """The audience that a login asks for. Raises TokenRefusedError with the platform's own numbers."""
    _check_tenant(tenant, request)
    basic = _basic(request.headers.get("authorization", ""))
    given = {**form, "client_id": basic[0]} if basic is not None else form
    for name in ("grant_type", "client_id", "scope"):
        if not given.get(name):
            raise TokenRefusedError(
                400,
                "invalid_request",
                900144,
                f"The request body must contain the following parameter: '{name}'.",
            )
    if form.get("grant_type") != "client_credentials":
        raise TokenRefusedError(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    scope = form.get("scope", "")
    if not scope.endswith("/.default"):
        raise TokenRefusedError(400, "invalid_scope", 1002012, f"The provided value for scope {scope} is not valid.")
    client_id, secret = form.get("client_id"), form.get("client_secret")
    if basic is not None:
        client_id, secret = basic
    if (client_id or "").lower() != tenant.client_id:
        raise TokenRefusedError(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory '{tenant.domain}'.",
        )
    if "client_assertion" in form:
        _check_assertion(form, clock)
    else:
        _check_secret(tenant, secret)
    return scope.removesuffix("/.default")


def _check_secret(tenant: Tenant, secret: str | None) -> None:
    if secret is None:
        raise TokenRefusedError(
            401,
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    if not hmac.compare_digest(secret.encode(), tenant.client_secret.encode()):
        raise TokenRefusedError(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{tenant.client_id}'.",
        )
    if tenant.client_secret_expired:
        raise TokenRefusedError(
            401,
            "invalid_client",
            7000222,
            f"The provided client secret keys for app '{tenant.client_id}' are expired. Visit the Azure portal to "
            "create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials "
            "for added security: https://aka.ms/certCreds.",
        )


def _check_tenant(tenant: Tenant, request: Request, others: Collection[str] = ()) -> None:
    named = request.path_params["tenant"]
    if named.lower() not in {*tenant.issuer_names, *others}:
        raise TokenRefusedError(
            400,
            "invalid_request",
            90002,
            f"Tenant '{named}' not found. Check to make sure you have the correct tenant ID and are signing into the "
            "correct cloud. Check with your subscription administrator, this may happen if there are no active "
            "subscriptions for the tenant.",
        )


def _check_resource(tenant: Tenant, audience: str, is_resource: Callable[[str], bool]) -> None:
    if not (_is_graph(audience) or audience.rstrip("/") in _AZURE or is_resource(audience)):
        raise TokenRefusedError(
            400,
            "invalid_resource",
            500011,
            f"The resource principal named {audience} was not found in the tenant named {tenant.domain}. This can "
            "happen if the application has not been installed by the administrator of the tenant or consented to by "
            "any user in the tenant. You might have sent your authentication request to the wrong tenant.",
        )


def _is_graph(audience: str) -> bool:
    return audience.rstrip("/") in _GRAPH or _OWN_ADDRESS.fullmatch(audience) is not None


def _check_assertion(form: Mapping[str, str], clock: Clock) -> None:
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise TokenRefusedError(401, "invalid_client", 7000216, "'client_assertion_type' is not supported.")
    claims = jwt_claims(form["client_assertion"])
    if claims is None:
        raise TokenRefusedError(401, "invalid_client", 50027, "JWT token is invalid or malformed.")
    if claims["exp"] <= clock().timestamp():
        raise TokenRefusedError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return None
    return unquote(name), unquote(secret)


def fault_of_login(status: int) -> TokenRefusedError:
    """What the platform answers with a status, when nothing is wrong with the request ("error codes")."""
    if status == 429:
        return TokenRefusedError(429, "temporarily_unavailable", 90055, "There are too many incoming requests.")
    if status >= 500:
        return TokenRefusedError(
            status, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again."
        )
    if status == 401:
        return TokenRefusedError(401, "invalid_client", 7000215, "Invalid client secret provided.")
    if status == 403:
        return TokenRefusedError(403, "access_denied", 53003, "Access has been blocked by Conditional Access policies.")
    return TokenRefusedError(status, "invalid_request", 90014, "The required field is missing.")


def login_failure(error: TokenRefusedError, base: str, clock: Clock) -> Response:
    """The platform's body of a login that fails."""
    trace, now = str(uuid.uuid4()), f"{clock():%Y-%m-%d %H:%M:%SZ}"
    correlation = str(uuid.uuid4())
    body: dict[str, Any] = {
        "error": error.error,
        "error_description": (
            f"AADSTS{error.number}: {error.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}"
        ),
        "error_codes": [error.number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"{base}/error?code={error.number}",
    }
    return JSONResponse(body, status_code=error.status)


def _base(request: Request) -> str:
    return f"https://{request.url.netloc}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unauthorized(message: str) -> ODataError:
    return ODataError(
        401,
        "InvalidAuthenticationToken",
        message,
        {"WWW-Authenticate": 'Bearer realm="", authorization_uri="/common/oauth2/authorize"'},
    )
