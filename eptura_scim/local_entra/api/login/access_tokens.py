"""Access tokens of the local Entra: JWTs that it makes and checks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import re
import secrets

from eptura_scim.jwt_claims import jwt_claims
from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.directory.caller import GRAPH_APP_ID
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.permissions import Permissions
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json

__all__ = ["AccessTokens", "claims_that_expire", "is_graph"]

_GRAPH = frozenset({"https://graph.microsoft.com", GRAPH_APP_ID})
_OWN_ADDRESS = re.compile(r"https://(?:localhost|127\.0\.0\.1)(?::[0-9]+)?/?")


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
        claims = claims_that_expire(token)
        if claims is None:
            raise _unauthorized("IDX14100: JWT is not well formed, there are no dots (.).")
        if not hmac.compare_digest(signature.encode(), self._signature(content).encode()):
            raise _unauthorized("Access token validation failure. Invalid signature.")
        if claims["exp"] <= self._clock().timestamp():
            raise _unauthorized("Lifetime validation failed, the token is expired.")
        if not is_graph(str(claims.get("aud", ""))):
            raise _unauthorized("Access token validation failure. Invalid audience.")
        return claims

    def _signature(self, content: str) -> str:
        return _encoded(hmac.digest(self._key, content.encode(), hashlib.sha256))


def claims_that_expire(token: str) -> Json | None:
    """The claims of a JWT that has a finite `exp`; None for anything else. The signature is not checked."""
    claims = jwt_claims(token)
    if claims is None or not isinstance(expires := claims.get("exp"), int | float):
        return None
    return claims if -math.inf < expires < math.inf else None


def is_graph(audience: str) -> bool:
    """Whether a token is for Microsoft Graph: by its address, its application id, or the local Entra's address."""
    return audience.rstrip("/") in _GRAPH or _OWN_ADDRESS.fullmatch(audience) is not None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unauthorized(message: str) -> ODataError:
    return ODataError(
        401,
        "InvalidAuthenticationToken",
        message,
        {"WWW-Authenticate": 'Bearer realm="", authorization_uri="/common/oauth2/authorize"'},
    )
