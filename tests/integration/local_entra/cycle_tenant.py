"""A tenant that provisions: an application whose job is on, a directory, and the SCIM server it provisions into."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from eptura_scim.local_entra import LocalEntra, Switches
from eptura_scim.local_entra.provisioning.cycle import CycleReport
from eptura_scim.local_entra.provisioning.target import Sent
from eptura_scim.types import Json
from tests.unit.local_entra.fixed_clock import FixedClock

_TEST_OF_CONNECTION = re.compile(
    r'(?:Users|Groups)\?(?:excludedAttributes=members&)?filter=(?:userName|displayName) eq "[0-9a-f-]{36}"'
)

BEGINNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


class CycleTenant:
    """The parts, and words for what tests say."""

    def __init__(self, *, scope: str = "all", groups: bool = True, switches: Switches | None = None) -> None:
        self.answers: list[Callable[[httpx.Request], httpx.Response | None]] = []
        self.entra = LocalEntra.in_process(clock=FixedClock(BEGINNING), switches=switches, client=self._client)
        self.portal = self.entra.portal
        self.people = self.entra.people
        self.principal = self.portal.create_application("EpturaScimApplication")
        self.job = self.portal.create_job()
        self.portal.set_tenant_url(self.entra.scim.url)
        self.portal.set_secret_token(self.entra.scim.token)
        self.portal.set_scope(scope)  # type: ignore[arg-type]
        for target in ("externalId",):
            self.portal.set_user_source(target, "[objectId]")
        if groups:
            self.portal.enable_groups()
        self.portal.start()

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=_Answering(self))

    # The directory

    def user(self, name: str, **properties: Any) -> str:
        """A user as a complete one; the id."""
        given = {
            "displayName": name.title(),
            "givenName": name.title(),
            "surname": "Abel",
            "mail": f"{name}@contoso.example",
            **properties,
        }
        return str(self.people.add_user(userPrincipalName=f"{name}@contoso.example", **given)["id"])

    def group(self, name: str, *members: str, **properties: Any) -> str:
        """A group with members; the id."""
        made = str(self.people.add_group(displayName=name, **properties)["id"])
        for member in members:
            self.people.add_member(made, member)
        return made

    def assign(self, principal: str) -> str:
        return str(self.people.assign(self.principal, principal)["id"])

    def unassign(self, principal: str) -> None:
        for made in self.people.assignments(self.principal):
            if made["principalId"] == principal:
                self.people.unassign(self.principal, made["id"])

    # Cycles

    async def cycle(self) -> CycleReport:
        """The next cycle, which has to come to its end."""
        report = await self.tried()
        assert report.error is None, report.error
        return report

    async def tried(self) -> CycleReport:
        """The next cycle; `sent` holds what it asked."""
        self.entra.provisioning.requests.clear()
        return await self.entra.provisioning.run_cycle(self.principal)

    async def pass_time(self, **span: float) -> list[CycleReport]:
        self.entra.provisioning.requests.clear()
        return await self.entra.provisioning.advance(timedelta(**span))

    @property
    def now(self) -> datetime:
        return self.entra.clock()

    @property
    def status(self) -> Json:
        found: Json = self.portal.job()["status"]
        return found

    # The SCIM side

    @property
    def sent(self) -> list[Sent]:
        """What was asked of the SCIM server since the last cycle began, without the test of the connection."""
        return [it for it in self.entra.provisioning.requests if not _TEST_OF_CONNECTION.fullmatch(it.path)]

    def writes(self) -> list[tuple[str, str]]:
        """Methods and endpoints of what was written."""
        return [(it.method, it.path.partition("/")[0]) for it in self.sent if it.method != "GET"]

    def operations(self) -> list[Json]:
        """All operations of the PATCH requests."""
        return [op for it in self.sent if it.method == "PATCH" and it.body for op in it.body["Operations"]]

    def resources(self, kind: str = "User") -> list[Json]:
        return [item for item in self.entra.scim.resources() if item["meta"]["resourceType"] == kind]

    def user_names(self) -> set[str]:
        return {item["userName"].partition("@")[0] for item in self.resources()}

    def scim_user(self, name: str) -> Json:
        [found] = [item for item in self.resources() if item["userName"] == f"{name}@contoso.example"]
        return found

    def scim_group(self, name: str) -> Json:
        [found] = [item for item in self.resources("Group") if item["displayName"] == name]
        return found

    def member_names(self, group: str) -> set[str]:
        names = {item["id"]: item["userName"].partition("@")[0] for item in self.resources()}
        return {names.get(member["value"], member["value"]) for member in self.scim_group(group).get("members", [])}

    def answer(self, status: int, *, method: str = "", path: str = "", times: int = 10**6) -> None:
        """Answer matching requests of cycles with a status, without reaching the SCIM server."""
        left = [times]

        def answered(request: httpx.Request) -> httpx.Response | None:
            if left[0] and request.method.startswith(method) and path in str(request.url):
                left[0] -= 1
                return httpx.Response(status, json={"schemas": [], "detail": "no", "status": str(status)})
            return None

        self.answers.append(answered)

    async def scim(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Edits by another client of the SCIM server."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.entra.app)) as http:
            return await http.request(
                method,
                f"{self.entra.scim.url}{path}",
                json=body,
                headers={"Authorization": f"Bearer {self.entra.scim.token}"},
            )


class _Answering(httpx.AsyncBaseTransport):
    def __init__(self, tenant: CycleTenant) -> None:
        self._tenant = tenant

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for answer in self._tenant.answers:
            found = answer(request)
            if found is not None:
                return found
        return await httpx.ASGITransport(app=self._tenant.entra.app).handle_async_request(request)
