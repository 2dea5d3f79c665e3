"""HTTP endpoints of applications, service principals and application templates."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eptura_scim.emulator.directory import Directory, matching
from eptura_scim.emulator.errors import GraphError
from eptura_scim.emulator.web import collection, entity, json_body, no_content, parsed_filter, selected

__all__ = ["directory_routes"]

_FILTERABLE = frozenset(
    {"id", "appId", "displayName", "applicationTemplateId", "servicePrincipalType", "accountEnabled"}
)


def directory_routes(directory: Directory) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def instantiate(request: Request) -> Response:
        body = await json_body(request)
        made = directory.instantiate(request.path_params["template"], str(body.get("displayName") or ""))
        return JSONResponse(made, status_code=201)

    async def applications(request: Request) -> Response:
        conditions = parsed_filter(request.query_params.get("$filter"), _FILTERABLE)
        return collection(request, "applications", matching(directory.applications(), conditions))

    async def application(request: Request) -> Response:
        object_id = _object_id(request, "applications", directory)
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
        return collection(request, "servicePrincipals", matching(directory.service_principals(), conditions))

    async def service_principal(request: Request) -> Response:
        object_id = _object_id(request, "servicePrincipals", directory)
        match request.method:
            case "PATCH":
                directory.update_service_principal(object_id, await json_body(request))
                return no_content()
            case "DELETE":
                directory.delete_service_principal(object_id)
                return no_content()
        return entity(request, "servicePrincipals", selected(request, directory.service_principal(object_id)))

    async def application_owners(request: Request) -> Response:
        directory.application(request.path_params["id"])
        return collection(request, "directoryObjects", [])

    async def service_principal_owners(request: Request) -> Response:
        directory.service_principal(request.path_params["id"])
        return collection(request, "directoryObjects", [])

    one = ["GET", "PATCH", "DELETE"]
    return [
        Route("/applicationTemplates/{template}/instantiate", instantiate, methods=["POST"]),
        Route("/applications", applications),
        Route("/applications(appId='{app_id}')", application, methods=one),
        Route("/applications/{id}", application, methods=one),
        Route("/applications/{id}/owners", application_owners),
        Route("/servicePrincipals", service_principals),
        Route("/servicePrincipals(appId='{app_id}')", service_principal, methods=one),
        Route("/servicePrincipals/{id}", service_principal, methods=one),
        Route("/servicePrincipals/{id}/owners", service_principal_owners),
    ]


def _object_id(request: Request, kind: str, directory: Directory) -> str:
    """The object that the path names by id, or by the alternate key `appId`."""
    if "id" in request.path_params:
        return str(request.path_params["id"])
    app_id = request.path_params["app_id"]
    items = directory.applications() if kind == "applications" else directory.service_principals()
    found = matching(items, {"appId": app_id})
    if not found:
        raise GraphError.no_object(app_id)
    return str(found[0]["id"])
