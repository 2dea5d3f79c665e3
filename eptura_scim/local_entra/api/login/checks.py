"""Which logins get a token, and with which error of the platform another one is refused.

Source: Microsoft identity platform, "OAuth 2.0 client credentials flow" and its error codes.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Collection, Mapping
from urllib.parse import unquote

from starlette.requests import Request

from eptura_scim.local_entra.api.login.access_tokens import claims_that_expire, is_graph
from eptura_scim.local_entra.api.login.failures import TokenRefusedError
from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.tenant import Tenant

__all__ = ["check_login", "check_resource", "check_tenant"]

_AZURE = frozenset({"https://management.azure.com", "https://management.core.windows.net"})
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def check_login(tenant: Tenant, request: Request, form: Mapping[str, str], clock: Clock) -> str:
    """The audience that a login asks for. Raises TokenRefusedError with the platform's own numbers."""
    check_tenant(tenant, request)
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


def check_tenant(tenant: Tenant, request: Request, others: Collection[str] = ()) -> None:
    """Raises TokenRefusedError where the path names neither this tenant nor one of `others`."""
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


def check_resource(tenant: Tenant, audience: str, is_resource: Callable[[str], bool]) -> None:
    """Raises TokenRefusedError for an audience that is neither Graph, nor Azure, nor an application of the tenant."""
    if not (is_graph(audience) or audience.rstrip("/") in _AZURE or is_resource(audience)):
        raise TokenRefusedError(
            400,
            "invalid_resource",
            500011,
            f"The resource principal named {audience} was not found in the tenant named {tenant.domain}. This can "
            "happen if the application has not been installed by the administrator of the tenant or consented to by "
            "any user in the tenant. You might have sent your authentication request to the wrong tenant.",
        )


def _check_assertion(form: Mapping[str, str], clock: Clock) -> None:
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise TokenRefusedError(401, "invalid_client", 7000216, "'client_assertion_type' is not supported.")
    claims = claims_that_expire(form["client_assertion"])
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
