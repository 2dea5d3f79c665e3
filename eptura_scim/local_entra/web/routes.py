"""The routes of the pages and of their JSON.

An edit is the portal's: the audit log has it as a person's, and the log of calls does not hold it.
"""

from __future__ import annotations

import json
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from eptura_scim.errors import ReadableError
from eptura_scim.local_entra.api.call_log import Calls
from eptura_scim.local_entra.errors import EditError, UnknownAppError
from eptura_scim.local_entra.parts import Parts
from eptura_scim.local_entra.portal.edits import EDITS, Place, make_edit
from eptura_scim.local_entra.scim_server.server import ScimServer
from eptura_scim.local_entra.strict_json import read_document
from eptura_scim.local_entra.web.guard import Guard
from eptura_scim.local_entra.web.pages import PLACES, Pages, Said
from eptura_scim.local_entra.web.reports import CycleSummary, EnterpriseApplication, application_of, people_report

__all__ = ["web_app"]

_LARGEST = 64 * 1024  # bytes of a form
_KEPT = 20
_VALUE = "value."


def web_app(parts: Parts, scim: ScimServer, calls: Calls) -> Starlette:
    """The pages and their JSON as an application."""
    web = _Web(parts, scim, calls)
    routes = [
        Route("/", web.page(web.pages.overview)),
        Route("/portal/application/{id}", web.one_application),
        Route("/portal/people", web.page(web.pages.people)),
        Route("/portal/eptura", web.page(web.pages.eptura)),
        Route("/portal/calls", web.page(web.pages.calls)),
        Route("/portal/edit/{name}", web.edit_form, methods=["POST"]),
        Route("/portal/cycle", web.cycle_form, methods=["POST"]),
        Route("/portal/api/people", web.people),
        Route("/portal/api/edit/{name}", web.edit, methods=["POST"]),
        Route("/portal/api/cycle", web.cycle, methods=["POST"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard)])


class _Web:
    def __init__(self, parts: Parts, scim: ScimServer, calls: Calls) -> None:
        self.pages = Pages(parts, scim, calls)
        self._parts = parts
        self._scim = scim
        self._said: OrderedDict[str, Said] = OrderedDict()

    # Pages

    def page(self, render: Callable[[Said | None], str]) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of a page."""

        async def endpoint(request: Request) -> Response:
            return HTMLResponse(await run_in_threadpool(render, self._result(request)))

        return endpoint

    async def one_application(self, request: Request) -> Response:
        try:
            found = self.pages.application
            html = await run_in_threadpool(found, request.path_params["id"], self._result(request))
        except ReadableError as error:
            return HTMLResponse(self.pages.failure(_failure(error)), 404)
        return HTMLResponse(html)

    async def edit_form(self, request: Request) -> Response:
        try:
            values = await _form(request)
        except EditError as error:
            return HTMLResponse(self.pages.failure(_failure(error)), 413)
        name = request.path_params["name"]
        fields = {key.removeprefix(_VALUE): text for key, text in values.items() if key.startswith(_VALUE)}
        try:
            await run_in_threadpool(self._make, name, fields, values.get("application"))
        except ReadableError as error:
            return self._back(values, _failure(error))
        return self._back(values, Said((f"{EDITS[name].title}: done",)))

    async def cycle_form(self, request: Request) -> Response:
        try:
            values = await _form(request)
        except EditError as error:
            return HTMLResponse(self.pages.failure(_failure(error)), 413)
        try:
            summary = await self._run(values.get("application"))
        except ReadableError as error:
            return self._back(values, _failure(error))
        return self._back(values, Said(tuple(summary.lines()), is_error=bool(summary.failed or summary.ended_early)))

    # JSON, for the commands

    async def people(self, request: Request) -> Response:
        try:
            report = await run_in_threadpool(self._report, request.query_params.get("application"))
        except ReadableError as error:
            return _refused(error)
        return _json(report.model_dump_json())

    async def edit(self, request: Request) -> Response:
        try:
            body = await _document(request)
            name, values = request.path_params["name"], body.get("values") or {}
            await run_in_threadpool(self._make, name, values, body.get("application"), body.get("job"))
        except ReadableError as error:
            return _refused(error)
        return _json("{}")

    async def cycle(self, request: Request) -> Response:
        try:
            body = await _document(request)
            summary = await self._run(body.get("application"))
        except ReadableError as error:
            return _refused(error)
        return _json(summary.model_dump_json())

    # Inside

    def _make(self, name: str, values: dict[str, str], application: str | None, job: str | None = None) -> None:
        portal = self._parts.portal if application is None else self._parts.portal.of(application)
        make_edit(Place(portal if job is None else portal.at(job), self._scim), name, values)

    def _report(self, application: str | None) -> Any:
        found: EnterpriseApplication | None = None
        problem = None
        try:
            found = application_of(self._parts, application)
        except UnknownAppError as error:
            if application is not None:
                raise
            problem = f"the scope is not known: {error}"
        return people_report(self._parts, self._scim, found, problem)

    async def _run(self, name: str | None) -> CycleSummary:
        found = application_of(self._parts, name)
        report = await self._parts.provisioning.run_cycle(found.id)
        return CycleSummary.of(found.name, report, self._name_of)

    def _name_of(self, identifier: str) -> str:
        entry = self._parts.people.find(identifier) or {}
        return str(entry.get("userPrincipalName") or entry.get("displayName") or identifier)

    def _result(self, request: Request) -> Said | None:
        return self._said.get(request.query_params.get("said", ""))

    def _back(self, values: dict[str, str], said: Said) -> Response:
        """To the page that the form was on, which shows the result. A page of an application that is gone is `/`."""
        number = secrets.token_urlsafe(8)
        self._said[number] = said
        while len(self._said) > _KEPT:
            self._said.popitem(last=False)
        place = values.get("back", "")
        if place not in PLACES:
            identifier = place.removeprefix("/portal/application/")
            known = {found["id"] for found in self._parts.directory.service_principals()}
            place = f"/portal/application/{identifier}" if identifier in known else "/"
        return RedirectResponse(f"{place}?{urlencode({'said': number})}", 303)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            raise EditError("the request is larger than 64 KiB")
    return body


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await _body(request)).decode("utf-8", "replace"), keep_blank_values=True))


async def _document(request: Request) -> dict[str, Any]:
    """The JSON of a command: texts by name, and `values`, texts by name. Raises EditError."""
    try:
        found = read_document(await _body(request) or b"{}")
    except ValueError as error:
        raise EditError(f"the request is not JSON: {error}") from None
    if not isinstance(found, dict) or not _is_valid(found):
        raise EditError("the request is not an object of texts")
    return found


def _is_valid(found: dict[str, Any]) -> bool:
    values = found.get("values") or {}
    texts = [value for key, value in found.items() if key != "values" and value is not None]
    return isinstance(values, dict) and all(isinstance(text, str) for text in (*texts, *values.values()))


def _failure(error: ReadableError) -> Said:
    return Said(tuple(str(error).splitlines()), is_error=True)


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def _refused(error: ReadableError) -> Response:
    return Response(json.dumps({"error": str(error)}), 400, media_type="application/json")
