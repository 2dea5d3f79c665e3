"""The login side: cloud metadata, OpenID discovery, and access tokens.

Sources: Microsoft identity platform, "OAuth 2.0 client credentials flow" and its error codes; the azuread plugin's
recorded calls (metadata, token).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.local_entra.permissions import Permissions
from eptura_scim.local_entra.strict_json import read_document
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json

__all__ = ["AccessTokens", "login_routes"]

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
        """The claims of an Authorization header's token. Raises GraphError 401 as Graph does."""
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
        return claims

    def _signature(self, content: str) -> str:
        return _encoded(hmac.digest(self._key, content.encode(), hashlib.sha256))


class _LoginError(Exception):
    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text


def login_routes(tenant: Tenant, tokens: AccessTokens, clock: Clock) -> list[Route]:
    """The endpoints below the root."""

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
        except _LoginError as error:
            return _login_failure(error, clock)
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

    return [
        Route("/metadata/endpoints", metadata),
        Route("/common/discovery/instance", instance),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", discovery),
        Route("/{tenant}/.well-known/openid-configuration", discovery),
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
    """The audience that a login asks for. Raises _LoginError with the platform's own numbers."""
    named = request.path_params["tenant"]
    if named.lower() not in tenant.issuer_names:
        raise _LoginError(400, "invalid_request", 90002, f"Tenant '{named}' not found.")
    if form.get("grant_type") != "client_credentials":
        raise _LoginError(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
    scope = form.get("scope", "")
    if not scope.endswith("/.default"):
        raise _LoginError(400, "invalid_scope", 1002012, f"The provided value for scope {scope} is not valid.")
    client_id, secret = form.get("client_id"), form.get("client_secret")
    if (basic := _basic(request.headers.get("authorization", ""))) is not None:
        client_id, secret = basic
    if (client_id or "").lower() != tenant.client_id:
        raise _LoginError(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory '{tenant.domain}'.",
        )
    if "client_assertion" in form:
        _check_assertion(form, clock)
    elif secret is None:
        raise _LoginError(
            401,
            "invalid_client",
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    elif not hmac.compare_digest(secret.encode(), tenant.client_secret.encode()):
        raise _LoginError(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{tenant.client_id}'.",
        )
    return scope.removesuffix("/.default")


def _check_assertion(form: Mapping[str, str], clock: Clock) -> None:
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise _LoginError(401, "invalid_client", 7000216, "'client_assertion_type' is not supported.")
    claims = jwt_claims(form["client_assertion"])
    if claims is None:
        raise _LoginError(401, "invalid_client", 50027, "JWT token is invalid or malformed.")
    if claims["exp"] <= clock().timestamp():
        raise _LoginError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except ValueError:
        return None
    return unquote(name), unquote(secret)


def _login_failure(error: _LoginError, clock: Clock) -> Response:
    trace, now = str(uuid.uuid4()), f"{clock():%Y-%m-%d %H:%M:%SZ}"
    body: dict[str, Any] = {
        "error": error.error,
        "error_description": f"AADSTS{error.number}: {error.text} Trace ID: {trace} Timestamp: {now}",
        "error_codes": [error.number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": str(uuid.uuid4()),
    }
    return JSONResponse(body, status_code=error.status)


def _base(request: Request) -> str:
    return f"https://{request.url.netloc}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unauthorized(message: str) -> GraphError:
    return GraphError(
        401,
        "InvalidAuthenticationToken",
        message,
        {"WWW-Authenticate": 'Bearer realm="", authorization_uri="/common/oauth2/authorize"'},
    )
