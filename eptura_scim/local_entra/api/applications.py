"""HTTP endpoints of applications, service principals, their owners, and application templates."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    collection,
    entity,
    json_body,
    no_content,
    parsed_filter,
    reference,
    selected,
)
from eptura_scim.local_entra.directory.applications import Directory, matching
from eptura_scim.local_entra.directory.caller import Identity
from eptura_scim.local_entra.directory.objects import Objects

__all__ = ["directory_routes"]

_FILTERABLE = frozenset(
    {"id", "appId", "displayName", "applicationTemplateId", "servicePrincipalType", "accountEnabled"}
)


def directory_routes(directory: Directory, identity: Identity, objects: Objects) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def instantiate(request: Request) -> Response:
        body = await json_body(request)
        name = str(body.get("displayName") or "")
        return JSONResponse(
            directory.instantiate(request.path_params["template"], name, owner=identity.id), status_code=201
        )

    async def applications(request: Request) -> Response:
        conditions = parsed_filter(request.query_params.get("$filter"), _FILTERABLE)
        return collection(request, "applications", matching(directory.applications(), conditions))

    async def application(request: Request) -> Response:
        _, object_id = objects.id_of(request.url.path)
        match request.method:
            case "PATCH":
                directory.update_application(object_id, await json_body(request))
                return no_content()
            case "DELETE":
                directory.delete_application(object_id)
                return no_content()
        return entity(request, "applications", selected(request, directory.application(object_id)))

    async def service_principals(request: Request) -> Response:
        conditions = parsed_filter(request.query_params.get("$filter"), _FILTERABLE)
        found = directory.service_principals()
        if conditions:  # the tenant's own ones are found, and left out of the list of all
            found = [*found, *identity.service_principals()]
        return collection(request, "servicePrincipals", matching(found, conditions))

    async def create_service_principal(request: Request) -> Response:
        body = await json_body(request)
        made = directory.create_service_principal(str(body.get("appId") or ""), owner=identity.id)
        directory.update_service_principal(made["id"], body)
        return entity(request, "servicePrincipals", directory.service_principal(made["id"]), 201)

    async def service_principal(request: Request) -> Response:
        _, object_id = objects.id_of(request.url.path)
        match request.method:
            case "PATCH":
                directory.update_service_principal(object_id, await json_body(request))
                return no_content()
            case "DELETE":
                directory.delete_service_principal(object_id)
                return no_content()
        found = identity.find(object_id) or directory.service_principal(object_id)
        return entity(request, "servicePrincipals", selected(request, found))

    async def owners(request: Request) -> Response:
        found = objects.principals(directory.owners(*objects.id_of(request.url.path)))
        return collection(request, "directoryObjects", found)

    async def add_owner(request: Request) -> Response:
        kind, object_id = objects.id_of(request.url.path)
        owner = objects.principal(await reference(request))
        directory.add_owner(kind, object_id, owner["id"])
        return no_content()

    async def remove_owner(request: Request) -> Response:
        kind, object_id = objects.id_of(request.url.path)
        directory.remove_owner(kind, object_id, request.path_params["owner"])
        return no_content()

    one = ["GET", "PATCH", "DELETE"]
    routes = [Route("/applicationTemplates/{template}/instantiate", instantiate, methods=["POST"])]
    routes.append(Route("/servicePrincipals", create_service_principal, methods=["POST"]))
    for kind, listed, single in (
        ("applications", applications, application),
        ("servicePrincipals", service_principals, service_principal),
    ):
        routes.append(Route(f"/{kind}", listed, methods=["GET"]))
        for path in (f"/{kind}(appId='{{app_id}}')", f"/{kind}/{{id}}"):
            routes += [
                Route(path, single, methods=one),
                Route(f"{path}/owners", owners),
                Route(f"{path}/owners/$ref", add_owner, methods=["POST"]),
                Route(f"{path}/owners/{{owner}}/$ref", remove_owner, methods=["DELETE"]),
            ]
    return routes
