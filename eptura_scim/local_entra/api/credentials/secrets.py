"""HTTP endpoints of client secrets and token signing certificates.

Source: Microsoft Graph v1.0, "application: addPassword", "removePassword", "servicePrincipal:
addTokenSigningCertificate".
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    ACTION,
    GraphRoute,
    answer,
    json_body,
    no_content,
)
from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.credentials.keys import add_token_signing_certificate
from eptura_scim.local_entra.directory.credentials.passwords import add_password, remove_password

__all__ = ["secret_routes"]


def secret_routes(directory: ApplicationRegistry, clock: Clock) -> list[Route]:
    """The endpoints, without Graph's version."""
    return [
        *_passwords("applications", directory, clock),
        *_passwords("servicePrincipals", directory, clock),
        *_signing(directory, clock),
    ]


def _passwords(kind: str, directory: ApplicationRegistry, clock: Clock) -> list[Route]:
    async def add(request: Request) -> Response:
        body = await json_body(request, required=False)
        with directory.editing(kind, request.path_params["id"]) as item:
            made = add_password(item, body.get("passwordCredential"), clock())
        return answer(request, "microsoft.graph.passwordCredential", made)

    async def remove(request: Request) -> Response:
        body = await json_body(request)
        with directory.editing(kind, request.path_params["id"]) as item:
            remove_password(item, body.get("keyId"))
        return no_content()

    return [
        GraphRoute(f"/{kind}/{{id}}/addPassword", ACTION, post=add),
        GraphRoute(f"/{kind}/{{id}}/removePassword", ACTION, post=remove),
    ]


def _signing(directory: ApplicationRegistry, clock: Clock) -> list[Route]:
    async def add(request: Request) -> Response:
        body = await json_body(request, required=False)
        with directory.editing("servicePrincipals", request.path_params["id"]) as item:
            made = add_token_signing_certificate(item, body, clock())
        return answer(request, "microsoft.graph.selfSignedCertificate", made)

    return [GraphRoute("/servicePrincipals/{id}/addTokenSigningCertificate", ACTION, post=add)]
