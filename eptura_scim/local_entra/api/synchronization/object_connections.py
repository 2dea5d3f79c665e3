"""HTTP endpoints of object connections: which account at the target belongs to which object, one object at a time.

Source: Microsoft Graph beta, "Manage provisioning object connections": the list cannot be read; a connection is deleted
while the job does not run; deleting what is not there is fine.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    OWNER_KINDS,
    GraphRoute,
    Surface,
    entity,
    no_content,
    owner,
)
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.synchronization.cycle_memory import CycleStates
from eptura_scim.local_entra.synchronization.jobs import Synchronization

__all__ = ["object_connection_routes"]

_LIST = Surface(frozenset({"GET"}))
_ONE = Surface(frozenset({"GET", "DELETE"}))


def object_connection_routes(synchronization: Synchronization, states: CycleStates, people: People) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def listed(request: Request) -> Response:
        _check_version(request)
        raise ODataError.bad_request("Object connections cannot be listed: the id of an object is required.")

    async def get(request: Request) -> Response:
        _check_version(request)
        job = synchronization.job(owner(request), request.path_params["job"])
        identifier = request.path_params["object"]
        link = states.of(job["id"]).link(identifier)
        if link is None:
            raise ODataError.no_synchronization_resource("object connection", identifier)
        entry = people.find(identifier) or {}
        found = {
            "objectId": identifier,
            "sourceAnchor": identifier,
            "targetAnchor": link.target,
            "displayName": entry.get("displayName"),
            "objectTypeName": link.kind,
        }
        return entity(request, "objectConnections", found)

    async def delete(request: Request) -> Response:
        _check_version(request)
        synchronization.forget_link(owner(request), request.path_params["job"], request.path_params["object"])
        return no_content()

    path = "{id}/synchronization/jobs/{job}/objectConnections"
    routes: list[Route] = []
    for kind in OWNER_KINDS:
        routes.append(GraphRoute(f"/{kind}/{path}", _LIST, get=listed))
        routes.append(GraphRoute(f"/{kind}/{path}/{{object}}", _ONE, get=get, delete=delete))
    return routes


def _check_version(request: Request) -> None:
    if request.state.graph_version != "beta":
        raise ODataError.bad_request("Resource not found for the segment 'objectConnections'.")
