"""For any request, the local Entra's answer is not a 500, and what it keeps can be read again."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route

from eptura_scim.local_entra import DEFAULT_SCIM_TOKEN, NON_GALLERY_TEMPLATE, LocalEntra, Tenant
from eptura_scim.local_entra.portal.edits import EDITS
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.local_entra.storage.store import MemoryStore
from tests.examples import examples
from tests.fuzz.http_requests import METHODS, Asked, Places, asked, changed_json

SCIM = ["/Users", "/Users/{id}", "/Groups", "/Groups/{id}", "/Schemas", "/Schemas/{id}", "/ResourceTypes", "/Bulk",
        "/ServiceProviderConfig", "/Me", "/.search", "/Users/.search", "/", ""]  # fmt: skip
CREDENTIALS = [
    {"key": "BaseAddress", "value": "https://localhost/scim/v1/"},
    {"key": "SecretToken", "value": DEFAULT_SCIM_TOKEN},
]
CHANGES = {"displayName": "x", "tags": ["x"], "accountEnabled": False, "appRoles": [{"value": "x"}]}
ATTRIBUTE = {"expression": "[mail]", "name": "mail", "type": "Attribute", "parameters": []}
SCHEMA = {
    "id": "x",
    "version": "1.0",
    "synchronizationRules": [
        {
            "sourceDirectoryName": "Azure Active Directory",
            "targetDirectoryName": "customappsso",
            "objectMappings": [
                {
                    "name": "Users",
                    "sourceObjectName": "User",
                    "targetObjectName": "User",
                    "enabled": True,
                    "flowTypes": "Add,Update",
                    "attributeMappings": [
                        {
                            "targetAttributeName": "title",
                            "matchingPriority": 0,
                            "flowType": "Always",
                            "flowBehavior": "FlowWhenChanged",
                            "source": {
                                "expression": "ToUpper([mail], )",
                                "name": "ToUpper",
                                "type": "Function",
                                "parameters": [{"key": "source", "value": ATTRIBUTE}],
                            },
                        }
                    ],
                }
            ],
        }
    ],
    "directories": [
        {
            "id": "1",
            "name": name,
            "objects": [{"name": "User", "attributes": [{"name": "mail"}, {"name": "title"}]}],
        }
        for name in ("Azure Active Directory", "customappsso")
    ],
}
USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "ada",
    "externalId": "1",
    "active": True,
    "name": {"givenName": "Ada"},
    "emails": [{"type": "work", "value": "ada@contoso.example", "primary": True}],
}
GROUP = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    "displayName": "Staff",
    "externalId": "2",
    "members": [{"value": "1"}],
}
PATCH = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "Replace", "path": 'emails[type eq "work"].value', "value": "a@b.example"}],
}


class _Checked(MemoryStore):
    """Keeps nothing, but refuses what a state folder could not hold."""

    def save_app(self, record: AppRecord) -> None:
        assert AppRecord.model_validate_json(record.model_dump_json()) == record

    def save_secrets(self, secrets: dict[str, dict[str, str]]) -> None:
        assert json.loads(json.dumps(secrets).encode()) == secrets


class _World:
    """A local Entra with one application and one job."""

    def __init__(self) -> None:
        self.entra = LocalEntra(tenant=Tenant(), url="https://localhost", store=_Checked())
        self.portal = self.entra.portal
        self.principal = self.portal.create_application("Eptura")
        self.job = self.portal.create_job()
        self.token = ""
        listed = asyncio.run(self.send(Asked("GET", "/v1.0/applications", "", [], b"", True)))
        self.application = json.loads(listed[1])["value"][0]["id"]

    def places(self) -> Places:
        """All routes, found in the application itself, so that a new one is tried as well."""
        apps = [value for value in vars(self.entra.app).values() if isinstance(value, Starlette)]
        found = [route for app in apps for route in app.routes if isinstance(route, Route)]
        roots = ("/metadata", "/common", "/{tenant}", "/portal/")
        app_id = self.portal.service_principal()["appId"]
        schema = self.portal.schema()
        return Places(
            routes=[
                (("" if route.path.startswith(roots) else "/v1.0") + route.path, sorted(route.methods or []))
                for route in found
            ]
            + [(path, list(METHODS)) for path in ("/beta/applications", "/v1.0/me", "/v1.0", "/", "/v2.0/x", "//")],
            parameters={
                "id": [self.principal, self.application],
                "app_id": [app_id],
                "job": [self.job],
                "template": [NON_GALLERY_TEMPLATE, "scim", "customappsso"],
                "directory": [directory["id"] for directory in schema["directories"]],
                "name": list(EDITS),
                "tenant": [self.entra.tenant.id, self.entra.tenant.domain, "common"],
            },
            bodies={
                "schema": [SCHEMA, SCHEMA, schema],
                "instantiate": [{"displayName": "Eptura"}],
                "jobs": [{"templateId": "scim"}],
                "secrets": [{"value": CREDENTIALS}],
                "validateCredentials": [{"credentials": CREDENTIALS}, {"useSavedCredentials": True}],
                "restart": [{"criteria": {"resetScope": "Watermark, Escrows"}}],
                "{name}": [
                    {"values": {"of": "users", "target": "title", "source": "[mail"}},
                    {"values": {"user": "ada@contoso.example", "name": "Ada"}},
                    {"values": {"name": "x", "filter": "x", "scope": "all", "threshold": "1"}},
                ],
                "parseExpression": [{"expression": 'Switch([a], , "b", "c")', "testInputObject": {}}],
                "{id}": [{"displayName": "x", "tags": ["x"], "accountEnabled": False, "id": self.principal}],
            },
        )

    def at(self, path: str) -> str:
        if "{user}" in path or "{group}" in path:
            return path.format(user=self._made("/scim/v1/Users", USER), group=self._made("/scim/v1/Groups", GROUP))
        template = NON_GALLERY_TEMPLATE
        return path.format(id=self.principal, job=self.job, application=self.application, template=template)

    def _made(self, path: str, body: Any) -> str:
        created = Asked(
            "POST", path, "", [], json.dumps({**body, "externalId": "known", "userName": "known"}).encode(), True
        )
        return str(json.loads(asyncio.run(self.send(created))[1])["id"])

    def reads(self) -> list[Asked]:
        """What shows everything that is kept."""
        paths = (
            "/v1.0/applications",
            "/v1.0/servicePrincipals",
            "/v1.0/servicePrincipals/{id}/synchronization/jobs",
            "/v1.0/servicePrincipals/{id}/synchronization/secrets",
            "/v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/schema",
            "/v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/schema/directories",
            "/scim/v1/Users",
            "/scim/v1/Groups",
        )
        return [Asked("GET", self.at(path), "", [], b"", True) for path in paths]

    async def send(self, request: Asked) -> tuple[int, bytes]:
        headers = [(name.encode(), value.encode("latin-1")) for name, value in request.headers]
        if request.path.startswith("/portal/"):  # as a form of our own pages, or it comes no further
            headers.append((b"origin", b"https://localhost"))
        if request.authorized:
            headers.append((b"authorization", f"Bearer {await self._token(request.path)}".encode()))
        return await call(self.entra.app, request, headers)

    async def _token(self, path: str) -> str:
        if path.startswith("/scim/"):
            return self.entra.scim.token
        if not self.token:
            tenant = self.entra.tenant
            form = (
                f"grant_type=client_credentials&scope=https://localhost/.default&client_id={tenant.client_id}"
                f"&client_secret={tenant.client_secret}"
            )
            login = Asked("POST", f"/{tenant.id}/oauth2/v2.0/token", "", [], form.encode(), False)
            status, body = await call(self.entra.app, login, [])
            assert status == 200, body
            self.token = json.loads(body)["access_token"]
        return self.token


async def call(app: Any, request: Asked, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Status and body of an ASGI application's answer; what it raises comes through."""
    status, body = 0, b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    path = request.path.encode("utf-8", "replace").decode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method, "scheme": "https",
        "path": path, "raw_path": quote(path).encode(), "root_path": "",
        "query_string": quote(request.query.encode("utf-8", "replace"), safe="=&$%").encode(),
        "headers": [(b"host", b"localhost"), (b"content-length", str(len(request.body)).encode()), *headers],
        "client": ("127.0.0.1", 1), "server": ("localhost", 443), "extensions": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return status, body


def tried(world: _World, requests: list[Asked], caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()

    async def all_of_them() -> None:
        for request in requests:
            status, body = await world.send(request)
            assert 200 <= status < 600, request
            assert status != 500, (request.method, request.path, request.body[:200], body, caplog.text)
            assert b"Traceback" not in body

    asyncio.run(all_of_them())
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.slow
def test_any_request_gets_an_answer_and_what_is_kept_can_be_read(caplog: pytest.LogCaptureFixture) -> None:
    @examples(60)
    @given(st.data())
    def sequences(data: st.DataObject) -> None:
        world = _World()
        places = world.places()
        tried(world, [*data.draw(st.lists(asked(places), min_size=1, max_size=8)), *world.reads()], caplog)

    sequences()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1.0/applicationTemplates/{template}/instantiate", {"displayName": "x"}),
        ("PATCH", "/v1.0/applications/{application}", CHANGES),
        ("PATCH", "/v1.0/servicePrincipals/{id}", CHANGES),
        ("PUT", "/v1.0/servicePrincipals/{id}/synchronization/secrets", {"value": CREDENTIALS}),
        ("POST", "/v1.0/servicePrincipals/{id}/synchronization/jobs", {"templateId": "scim"}),
        (
            "POST",
            "/v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/validateCredentials",
            {"useSavedCredentials": False, "credentials": CREDENTIALS},
        ),
        (
            "POST",
            "/v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/restart",
            {"criteria": {"resetScope": "Watermark, Escrows"}},
        ),
        ("PUT", "/v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/schema", SCHEMA),
        (
            "POST",
            "/v1.0/servicePrincipals/{id}/synchronization/jobs/{job}/schema/parseExpression",
            {"expression": 'Switch([a], , "b", "c")', "testInputObject": {"properties": []}},
        ),
        ("POST", "/scim/v1/Users", USER),
        ("PUT", "/scim/v1/Users/{user}", USER),
        ("PATCH", "/scim/v1/Users/{user}", PATCH),
        ("POST", "/scim/v1/Groups", GROUP),
        ("PATCH", "/scim/v1/Groups/{group}", PATCH),
    ],
    ids=lambda value: value.rpartition("/")[2] if isinstance(value, str) else "",
)
def test_a_nearly_right_write_gets_an_answer_and_stays_readable(
    method: str, path: str, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @examples(60 if body is SCHEMA else 20)
    @given(changed_json(body))
    def writes(changed: Any) -> None:
        world = _World()
        request = Asked(method, world.at(path), "", [], json.dumps(changed).encode(), True)
        tried(world, [request, *world.reads()], caplog)

    writes()


@pytest.mark.slow
def test_any_scim_request_gets_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    world = _World()
    places = Places(
        [(f"/scim/v1{path}", list(METHODS)) for path in SCIM],
        {"id": ["1", "urn:ietf:params:scim:schemas:core:2.0:User"]},
        {"": [USER, PATCH]},
    )

    @examples(100)
    @given(st.lists(asked(places), min_size=1, max_size=3))
    def sequences(requests: list[Asked]) -> None:
        tried(world, requests, caplog)

    sequences()
