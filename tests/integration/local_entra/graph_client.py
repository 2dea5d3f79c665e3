"""A plain client of the local Entra, for its own tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from eptura_scim.local_entra import NON_GALLERY_TEMPLATE, LocalEntra
from eptura_scim.types import Json

BIN = "/directory/deletedItems"


@dataclass(frozen=True)
class App:
    """The ids of an application that a test made."""

    application: str
    app_id: str
    service_principal: str
    job: str = ""

    @property
    def synchronization(self) -> str:
        return f"/servicePrincipals/{self.service_principal}/synchronization"

    @property
    def job_path(self) -> str:
        return f"{self.synchronization}/jobs/{self.job}"

    @property
    def schema(self) -> str:
        return f"{self.job_path}/schema"

    @property
    def secrets(self) -> str:
        return f"{self.synchronization}/secrets"


class GraphClient:
    """Asks Graph, logged in unless `token` is empty."""

    def __init__(self, entra: LocalEntra, http: httpx.AsyncClient) -> None:
        self.entra = entra
        self.http = http
        self.token = ""

    @classmethod
    def in_process(cls, entra: LocalEntra) -> GraphClient:
        return cls(entra, httpx.AsyncClient(transport=httpx.ASGITransport(app=entra.app), base_url=entra.url))

    async def login(self, **form: str) -> httpx.Response:
        tenant = self.entra.tenant
        return await self.http.post(
            f"/{form.pop('tenant', tenant.id)}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "scope": f"{self.entra.url}/.default",
                "client_id": tenant.client_id,
                **(form or {"client_secret": tenant.client_secret}),
            },
        )

    async def ask(self, method: str, path: str, body: Any = None, *, version: str = "v1.0") -> httpx.Response:
        if not self.token:
            self.token = (await self.login()).json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is None:
            return await self.http.request(method, f"/{version}{path}", headers=headers)
        return await self.http.request(method, f"/{version}{path}", headers=headers, json=body)

    async def get(self, path: str, **options: Any) -> Any:
        answer = await self.ask("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def create(self, path: str, body: Any) -> Any:
        """Make an object; as Graph shows it."""
        answer = await self.ask("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def deleted(self, kind: str) -> list[str]:
        """The object ids in the recycle bin of a kind, `application` say."""
        return [item["id"] for item in (await self.get(f"{BIN}/microsoft.graph.{kind}"))["value"]]

    async def restore(self, identifier: str) -> Any:
        """Bring an object back; as Graph shows it."""
        answer = await self.ask("POST", f"{BIN}/{identifier}/restore")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def own_service_principals(self) -> list[Any]:
        """The service principals of applications that were made in the tenant."""
        every_tenant = {"00000003-0000-0000-c000-000000000000", self.entra.tenant.client_id}
        found = (await self.get("/servicePrincipals"))["value"]
        return [item for item in found if item["appId"] not in every_tenant]

    async def new_app(self, name: str = "EpturaScimApplication", *, job: bool = True) -> App:
        path = f"/applicationTemplates/{NON_GALLERY_TEMPLATE}/instantiate"
        made = (await self.ask("POST", path, {"displayName": name})).json()
        application, principal = made["application"], made["servicePrincipal"]
        app = App(application["id"], application["appId"], principal["id"])
        if not job:
            return app
        answer = await self.ask("POST", f"{app.synchronization}/jobs", {"templateId": "scim"})
        assert answer.status_code == 201, answer.text
        return App(app.application, app.app_id, app.service_principal, answer.json()["id"])

    async def save(self, app: App, **secrets: str) -> httpx.Response:
        return await self.ask("PUT", app.secrets, {"value": pairs(**secrets)})

    async def saved(self, app: App) -> dict[str, str]:
        return {pair["key"]: pair["value"] for pair in (await self.get(app.secrets))["value"]}

    async def connect(self, app: App) -> None:
        """Save credentials that work."""
        scim = self.entra.scim
        assert (await self.save(app, BaseAddress=scim.url, SecretToken=scim.token)).status_code == 204


def pairs(**secrets: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in secrets.items()]


def error(answer: httpx.Response) -> Json:
    """Graph's error of an answer, its shape checked."""
    found: Json = answer.json()["error"]
    assert found["code"]
    assert found["message"]
    assert found["innerError"]["request-id"] == answer.headers["request-id"]
    return found


def mapping(schema: Json, kind: str) -> Json:
    """The object mapping of User or Group."""
    [found] = [item for item in schema["synchronizationRules"][0]["objectMappings"] if item["sourceObjectName"] == kind]
    return dict(found)


def row(schema: Json, target: str, kind: str = "User") -> Json:
    """The attribute mapping of a target."""
    [found] = [item for item in mapping(schema, kind)["attributeMappings"] if item["targetAttributeName"] == target]
    return dict(found)
