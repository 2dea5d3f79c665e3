"""HTTP endpoints of synchronization jobs, secrets and templates."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    OWNER_KINDS,
    collection,
    entity,
    json_body,
    no_content,
    owner,
    parsed_filter,
)
from eptura_scim.local_entra.errors import GraphError
from eptura_scim.local_entra.provisioning.on_demand import OnDemand
from eptura_scim.local_entra.synchronization.connection import ConnectionTest
from eptura_scim.local_entra.synchronization.jobs import Synchronization, read_pairs

__all__ = ["synchronization_routes"]


def synchronization_routes(
    synchronization: Synchronization, connection: ConnectionTest, on_demand: OnDemand
) -> list[Route]:
    """The endpoints, without Graph's version."""

    async def templates(request: Request) -> Response:
        return collection(request, "templates", synchronization.templates(owner(request)))

    async def template(request: Request) -> Response:
        name = request.path_params["template"]
        for found in synchronization.templates(owner(request)):
            if found["id"] == name:
                return entity(request, "templates", found)
        raise GraphError.no_synchronization_resource("template", name)

    async def template_schema(request: Request) -> Response:
        found = synchronization.template_schema(owner(request), request.path_params["template"])
        return entity(request, "schema", found)

    async def jobs(request: Request) -> Response:
        if request.method == "POST":
            body = await json_body(request)
            return entity(request, "jobs", synchronization.create_job(owner(request), body.get("templateId")), 201)
        # Microsoft's support pages spell the filtered property without capitals.
        conditions = parsed_filter(request.query_params.get("$filter"), frozenset({"templateid", "templateId"}))
        wanted = set(conditions.values())
        found = [job for job in synchronization.jobs(owner(request)) if not wanted or job["templateId"] in wanted]
        return collection(request, "jobs", found)

    async def job(request: Request) -> Response:
        job_id = request.path_params["job"]
        if request.method == "DELETE":
            synchronization.delete_job(owner(request), job_id)
            return no_content()
        return entity(request, "jobs", synchronization.job(owner(request), job_id))

    async def start(request: Request) -> Response:
        synchronization.start(owner(request), request.path_params["job"])
        return no_content()

    async def pause(request: Request) -> Response:
        synchronization.pause(owner(request), request.path_params["job"])
        return no_content()

    async def restart(request: Request) -> Response:
        criteria = (await json_body(request, required=False)).get("criteria") or {}
        if not isinstance(criteria, dict):
            raise GraphError.bad_request("criteria is not an object.")
        synchronization.restart(owner(request), request.path_params["job"], criteria.get("resetScope"))
        return no_content()

    async def validate_credentials(request: Request) -> Response:
        if "job" in request.path_params:
            synchronization.job(owner(request), request.path_params["job"])
        body = await json_body(request)
        saved = synchronization.saved_secrets(owner(request))
        await connection.run(saved if body.get("useSavedCredentials") else read_pairs(body.get("credentials")))
        return no_content()

    async def provision_on_demand(request: Request) -> Response:
        found = synchronization.service_principal(owner(request))
        job_id = synchronization.job(owner(request), request.path_params["job"])["id"]
        answer = await on_demand.run(found, job_id, await json_body(request))
        context = f"https://{request.url.netloc}/{request.state.graph_version}/$metadata"
        return JSONResponse({"@odata.context": f"{context}#microsoft.graph.stringKeyStringValuePair", **answer})

    async def secrets(request: Request) -> Response:
        if request.method == "PUT":
            synchronization.put_secrets(owner(request), (await json_body(request)).get("value"))
            return no_content()
        return collection(request, "secrets", list(synchronization.secrets(owner(request))))

    async def not_modelled(request: Request) -> Response:
        raise GraphError.not_modelled(request.url.path.rpartition("/")[2])

    return [
        Route(f"/{kind}/{{id}}/synchronization/{path}", endpoint, methods=methods)
        for kind in OWNER_KINDS
        for path, endpoint, methods in (
            ("templates", templates, ["GET"]),
            ("templates/{template}", template, ["GET"]),
            ("templates/{template}/schema", template_schema, ["GET"]),
            ("secrets", secrets, ["GET", "PUT"]),
            ("acquireAccessToken", not_modelled, ["POST"]),
            ("jobs", jobs, ["GET", "POST"]),
            ("jobs/validateCredentials", validate_credentials, ["POST"]),
            ("jobs/{job}", job, ["GET", "DELETE"]),
            ("jobs/{job}/start", start, ["POST"]),
            ("jobs/{job}/pause", pause, ["POST"]),
            ("jobs/{job}/restart", restart, ["POST"]),
            ("jobs/{job}/validateCredentials", validate_credentials, ["POST"]),
            ("jobs/{job}/provisionOnDemand", provision_on_demand, ["POST"]),
            ("jobs/{job}/bulkUpload", not_modelled, ["GET", "POST", "PUT"]),
        )
    ]
