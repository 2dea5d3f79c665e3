"""HTTP endpoints of federated identity credentials.

Source: Microsoft Graph, resource type federatedIdentityCredential and the pages of its methods. The property
`claimsMatchingExpression` is of the beta version alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import LIST, ONE, GraphRoute, collection, entity, json_body, no_content
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.credentials.federated import (
    FEDERATED_CREDENTIAL,
    add_federated,
    changed_federated,
    federated,
    remove_federated,
)
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import Shape
from eptura_scim.types import Json

__all__ = ["federated_credential_routes"]

_FLEXIBLE = "claimsMatchingExpression"
_PLAIN = replace(
    FEDERATED_CREDENTIAL,
    properties={name: example for name, example in FEDERATED_CREDENTIAL.properties.items() if name != _FLEXIBLE},
)
_PLAIN = replace(_PLAIN, default=tuple(_PLAIN.properties))


def federated_credential_routes(directory: ApplicationRegistry) -> list[Route]:
    """The endpoints, without Graph's version."""
    name = "federatedIdentityCredentials"

    def kept(request: Request) -> list[Json]:
        with directory.lock:
            return list(directory.record_of("applications", request.path_params["id"]).federated_credentials)

    @contextmanager
    def editing(request: Request) -> Iterator[list[Json]]:
        with directory.lock:
            record = directory.record_of("applications", request.path_params["id"])
            yield record.federated_credentials
            directory.save(record)
            directory.note(record, "applications", "Update application")

    async def written(request: Request) -> Json:
        body = await json_body(request)
        if _FLEXIBLE in body and request.state.graph_version != "beta":
            raise ODataError.bad_request(f"Invalid property '{_FLEXIBLE}'.", "Request_BadRequest")
        return body

    async def listed(request: Request) -> Response:
        return collection(request, name, kept(request), _shape(request))

    async def create(request: Request) -> Response:
        body = await written(request)
        with editing(request) as credentials:
            made = add_federated(credentials, body)
        return entity(request, name, made, _shape(request), status=201)

    async def get(request: Request) -> Response:
        return entity(request, name, federated(kept(request), request.path_params["credential"]), _shape(request))

    async def patch(request: Request) -> Response:
        body = await written(request)
        with editing(request) as credentials:
            changed_federated(credentials, request.path_params["credential"], body)
        return no_content()

    async def delete(request: Request) -> Response:
        with editing(request) as credentials:
            remove_federated(credentials, request.path_params["credential"])
        return no_content()

    path = f"/applications/{{id}}/{name}"
    return [
        GraphRoute(path, LIST, get=listed, post=create),
        GraphRoute(f"{path}/{{credential}}", ONE, get=get, patch=patch, delete=delete),
    ]


def _shape(request: Request) -> Shape:
    return FEDERATED_CREDENTIAL if request.state.graph_version == "beta" else _PLAIN
