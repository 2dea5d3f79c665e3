"""HTTP endpoints of synchronization jobs, secrets and templates."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eptura_scim.local_entra.api.graph_http import (
    ACTION,
    FUNCTION,
    LIST,
    ONE,
    OWNER_KINDS,
    GraphRoute,
    RouteHandler,
    Surface,
    answer,
    collection,
    entity,
    json_body,
    no_content,
    owner,
)
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import Shape
from eptura_scim.local_entra.provisioning.on_demand import OnDemandService
from eptura_scim.local_entra.synchronization.connection import ConnectionTest
from eptura_scim.local_entra.synchronization.jobs import Synchronization, read_pairs

__all__ = ["synchronization_routes"]

_JOB = Shape(
    name="synchronizationJob",
    properties={
        "id": "",
        # Microsoft's support pages spell the filtered property without capitals.
        "templateId": "",
        "templateid": "",
        "schedule": {},
        "status": {},
        "synchronizationJobSettings": [{}],
    },
    unfilterable=frozenset({"schedule", "status", "synchronizationJobSettings"}),
)
_LISTED_JOB = replace(_JOB, default=tuple(name for name in _JOB.properties if name != "templateid"))
_TEMPLATE = Shape(
    name="synchronizationTemplate",
    properties={
        "id": "",
        "applicationId": "",
        "default": True,
        "description": "",
        "discoverable": True,
        "factoryTag": "",
        "metadata": [{}],
    },
)
_SECRET = Shape(name="synchronizationSecretKeyStringValuePair", properties={"key": "", "value": ""})
_SECRETS = Surface(frozenset({"GET", "PUT"}))
_BULK_UPLOAD = Surface(frozenset({"GET", "POST", "PUT"}))


def synchronization_routes(
    synchronization: Synchronization, connection: ConnectionTest, on_demand: OnDemandService
) -> list[Route]:
    """The endpoints, without Graph's version."""
    routes = [
        *_templates(synchronization),
        *_job_actions(synchronization, connection, on_demand),
        *_jobs(synchronization),
        *_secrets(synchronization),
    ]
    return [
        GraphRoute(f"/{kind}/{{id}}/synchronization/{path}", surface, **endpoints)
        for kind in OWNER_KINDS
        for path, surface, endpoints in routes
    ]


Endpoints = tuple[str, Surface, dict[str, RouteHandler]]


def _templates(synchronization: Synchronization) -> list[Endpoints]:
    async def templates(request: Request) -> Response:
        return collection(request, "templates", synchronization.templates(owner(request)), _TEMPLATE)

    async def template(request: Request) -> Response:
        name = request.path_params["template"]
        for found in synchronization.templates(owner(request)):
            if found["id"] == name:
                return entity(request, "templates", found, _TEMPLATE)
        raise ODataError.no_synchronization_resource("template", name)

    async def template_schema(request: Request) -> Response:
        found = synchronization.template_schema(owner(request), request.path_params["template"])
        return entity(request, "schema", found)

    return [
        ("templates", LIST, {"get": templates}),
        ("templates/{template}", ONE, {"get": template}),
        ("templates/{template}/schema", FUNCTION, {"get": template_schema}),
    ]


def _jobs(synchronization: Synchronization) -> list[Endpoints]:
    async def listed(request: Request) -> Response:
        jobs = [{**job, "templateid": job["templateId"]} for job in synchronization.jobs(owner(request))]
        return collection(request, "jobs", jobs, _LISTED_JOB)

    async def create(request: Request) -> Response:
        body = await json_body(request)
        return entity(request, "jobs", synchronization.create_job(owner(request), body.get("templateId")), status=201)

    async def get(request: Request) -> Response:
        return entity(request, "jobs", synchronization.job(owner(request), request.path_params["job"]), _JOB)

    async def delete(request: Request) -> Response:
        synchronization.delete_job(owner(request), request.path_params["job"])
        return no_content()

    return [
        ("jobs", LIST, {"get": listed, "post": create}),
        ("jobs/{job}", ONE, {"get": get, "delete": delete}),
    ]


def _job_actions(
    synchronization: Synchronization, connection: ConnectionTest, on_demand: OnDemandService
) -> list[Endpoints]:
    async def start(request: Request) -> Response:
        synchronization.start(owner(request), request.path_params["job"])
        return no_content()

    async def pause(request: Request) -> Response:
        synchronization.pause(owner(request), request.path_params["job"])
        return no_content()

    async def restart(request: Request) -> Response:
        criteria = (await json_body(request, required=False)).get("criteria") or {}
        if not isinstance(criteria, dict):
            raise ODataError.bad_request("criteria is not an object.")
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
        made = await on_demand.run(found, job_id, await json_body(request))
        return answer(request, "microsoft.graph.stringKeyStringValuePair", made)

    return [
        ("jobs/validateCredentials", ACTION, {"post": validate_credentials}),
        ("jobs/{job}/start", ACTION, {"post": start}),
        ("jobs/{job}/pause", ACTION, {"post": pause}),
        ("jobs/{job}/restart", ACTION, {"post": restart}),
        ("jobs/{job}/validateCredentials", ACTION, {"post": validate_credentials}),
        ("jobs/{job}/provisionOnDemand", ACTION, {"post": provision_on_demand}),
        ("jobs/{job}/bulkUpload", _BULK_UPLOAD, {}),
        ("acquireAccessToken", ACTION, {}),
    ]


def _secrets(synchronization: Synchronization) -> list[Endpoints]:
    async def listed(request: Request) -> Response:
        return collection(request, "secrets", list(synchronization.secrets(owner(request))), _SECRET)

    async def put(request: Request) -> Response:
        synchronization.put_secrets(owner(request), (await json_body(request)).get("value"))
        return no_content()

    return [("secrets", _SECRETS, {"get": listed, "put": put})]
