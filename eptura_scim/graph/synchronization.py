"""The synchronization (provisioning) API of Microsoft Graph, as far as it is used.

Source: Microsoft Graph v1.0, "Microsoft Entra synchronization API overview" and the pages that it links.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pydantic import Field, model_validator

from eptura_scim.errors import without_secrets
from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import CredentialsRejectedError, GraphError, ReplyError, RequestRefusedError
from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.job_status import JobStatus, Schedule
from eptura_scim.graph.on_demand import OnDemandResult, parse_answer
from eptura_scim.graph.reply import Reply
from eptura_scim.graph.schema_shape import check_shape
from eptura_scim.graph.secrets import ConnectionSettings
from eptura_scim.graph.urls import entity, with_query

__all__ = [
    "PORTAL_RESTART",
    "ConnectionCredentials",
    "Job",
    "JobRef",
    "ResetScope",
    "SynchronizationClient",
]

ResetScope = Literal["Watermark", "Escrows", "QuarantineState", "Full", "ForceDeletes"]
"""What a restart forgets or forces. The two that Microsoft marks DO NOT USE (None, ConnectorDataStore) are left out.

Source: Microsoft Graph v1.0, synchronizationJobRestartCriteria."""

PORTAL_RESTART: tuple[ResetScope, ...] = ("Watermark", "Escrows", "QuarantineState")
"""What the portal's Restart provisioning does."""


class JobRef(NamedTuple):
    """Where a synchronization job is: its service principal (object id) and its own id."""

    service_principal: ServicePrincipalId
    job: JobId

    @property
    def path(self) -> str:
        """The job's path below v1.0."""
        return entity("servicePrincipals", self.service_principal, "synchronization", "jobs", self.job)


class Job(Reply):
    """A synchronizationJob. A quarantined one keeps an Active schedule: `status.code` tells."""

    id: str
    template_id: str = ""
    schedule: Schedule = Field(default_factory=Schedule)
    status: JobStatus = Field(default_factory=JobStatus)

    @model_validator(mode="before")
    @classmethod
    def _with_template(cls, answer: Any) -> Any:
        # Graph's metadata lets templateId be null; published ids of jobs begin with it: `scim.TENANT.GUID`.
        if not isinstance(answer, dict) or answer.get("templateId"):
            return answer
        return {**answer, "templateId": str(answer.get("id")).partition(".")[0]}

    @property
    def scheduled(self) -> bool:
        """Whether cycles run. What the state is called after a pause is undocumented: anything but Active is off."""
        return self.schedule.state == "Active"

    @property
    def may_have_run(self) -> bool:
        """Whether a cycle may have run: it evaluated users and groups, and made links."""
        return self.scheduled or self.status.ever_ran or self.status.cycle_runs


@dataclass(frozen=True)
class ConnectionCredentials:
    """What a connection test is made with: a tenant URL and a secret token."""

    base_address: str
    secret_token: str = field(repr=False)


class SynchronizationClient:
    """The jobs, secrets and schemas of service principals."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client
        self.applications = Applications(client)
        """The applications that the service principals belong to."""

    @property
    def client(self) -> GraphClient:
        """What calls Graph."""
        return self._client

    async def application_name(self, service_principal: ServicePrincipalId) -> str:
        """The name of the enterprise application. Raises NotFoundError."""
        reply = await self._client.request(
            "GET", with_query(_principal(service_principal), {"$select": "id,displayName"})
        )
        return str(reply.get("displayName") or "") if isinstance(reply, dict) else ""

    async def rename_application(self, service_principal: ServicePrincipalId, name: str) -> None:
        """Give the enterprise application another name; the application behind it keeps its own."""
        await self._client.request("PATCH", _principal(service_principal), {"displayName": name})

    async def jobs(self, service_principal: ServicePrincipalId) -> list[Job]:
        """All jobs of a service principal."""
        return [Job.of(item) for item in await self._client.values(_jobs(service_principal))]

    async def job(self, ref: JobRef) -> Job:
        """A job. Raises NotFoundError."""
        return Job.of(await self._client.request("GET", ref.path))

    async def create_job(self, service_principal: ServicePrincipalId, template: str) -> Job:
        """Make a job of a template, which is not started. Every call makes another job."""
        body = {"templateId": template}
        return Job.of(await self._client.request("POST", _jobs(service_principal), body))

    async def delete_job(self, ref: JobRef) -> None:
        """Delete the job; accounts at the target stay as they are."""
        await self._client.request("DELETE", ref.path)

    async def start(self, ref: JobRef) -> None:
        """Start or resume the job; also lifts a quarantine."""
        await self._client.request("POST", f"{ref.path}/start")

    async def pause(self, ref: JobRef) -> None:
        """Let the running cycle finish and start no further one."""
        await self._client.request("POST", f"{ref.path}/pause")

    async def restart(self, ref: JobRef, scopes: Sequence[ResetScope] = PORTAL_RESTART) -> None:
        """Restart the job; as the portal does, all users are processed again and links to the target are kept."""
        criteria = {"resetScope": ", ".join(scopes)}
        await self._client.request("POST", f"{ref.path}/restart", {"criteria": criteria})

    async def provision_on_demand(
        self, ref: JobRef, rule: str, kind: str, object_id: str, members: Sequence[str] = ()
    ) -> OnDemandResult:
        """Provision one user or group (`kind`) now, a group with at most five of its members, users all.

        What a cycle would leave out is not provisioned. 5 requests in 10 seconds are allowed: see `RateLimit`.
        """
        subject: dict[str, Any] = {"objectId": object_id, "objectTypeName": kind}
        if members:
            subject["links"] = {"members": [{"objectId": member, "objectTypeName": "User"} for member in members]}
        body = {"parameters": [{"ruleId": rule, "subjects": [subject]}]}
        return parse_answer(await self._client.request("POST", f"{ref.path}/provisionOnDemand", body))

    async def schema(self, ref: JobRef) -> dict[str, Any]:
        """The job's whole schema, as it came."""
        return await self._schema_at(ref.path)

    async def template_schema(self, service_principal: ServicePrincipalId, template: str) -> dict[str, Any]:
        """The schema of a template, which a new job starts with. Raises NotFoundError."""
        path = entity("servicePrincipals", service_principal, "synchronization", "templates", template)
        return await self._schema_at(path)

    async def _schema_at(self, path: str) -> dict[str, Any]:
        reply = await self._client.request("GET", f"{path}/schema")
        if not isinstance(reply, dict):
            raise ReplyError(f"{path}/schema is not an object")
        check_shape(reply, path)
        return reply

    async def put_schema(self, ref: JobRef, schema: Mapping[str, Any]) -> None:
        """Replace the whole schema. PATCH is documented nowhere and answered with 404."""
        await self._client.request("PUT", f"{ref.path}/schema", schema)

    async def reset_schema(self, ref: JobRef) -> None:
        """Bring the default schema back."""
        await self._client.request("DELETE", f"{ref.path}/schema")

    async def parse_expression(self, ref: JobRef, expression: str) -> dict[str, Any]:
        """Graph's tree of an expression. Raises RequestRefusedError when Graph cannot parse it."""
        reply = await self._client.request("POST", f"{ref.path}/schema/parseExpression", {"expression": expression})
        reply = reply if isinstance(reply, dict) else {}
        tree = reply.get("parsedExpression")
        if not reply.get("parsingSucceeded") or not isinstance(tree, dict):
            error = reply.get("error")
            why = (error.get("message") if isinstance(error, dict) else "") or "no reason given"
            raise RequestRefusedError(f"Entra cannot parse the expression {expression}: {why}")
        return tree

    async def secrets(self, service_principal: ServicePrincipalId) -> dict[str, str]:
        """The saved secrets by key; sensitive values are `secrets.MASKED`."""
        pairs = await self._client.values(_secrets(service_principal))
        return {str(pair.get("key")): str(pair.get("value") or "") for pair in pairs}

    async def connection(self, service_principal: ServicePrincipalId) -> ConnectionSettings:
        """What the saved secrets stand for."""
        return ConnectionSettings.from_secrets(await self.secrets(service_principal))

    async def put_secrets(self, service_principal: ServicePrincipalId, secrets: Mapping[str, str]) -> None:
        """Save secrets; an empty value removes the key. Whether others are kept is undocumented: send all."""
        with _redacting(secrets.get("SecretToken", "")):
            await self._client.request("PUT", _secrets(service_principal), {"value": _pairs(secrets)})

    async def test_connection(self, ref: JobRef, credentials: ConnectionCredentials | None) -> None:
        """The portal's Test connection, with the given credentials or the saved ones.

        Raises CredentialsRejectedError with what Entra says when the SCIM endpoint fails the test.
        """
        path = f"{ref.path}/validateCredentials"
        body: dict[str, Any] = {"useSavedCredentials": True}
        token = ""
        if credentials is not None:
            token = credentials.secret_token
            body = {"credentials": _pairs({"BaseAddress": credentials.base_address, "SecretToken": token})}
        try:
            with _redacting(token):
                await self._client.request("POST", path, body)
        except RequestRefusedError as error:
            # The status of a failed test is undocumented; 429 and 5xx without a code about credentials are Graph's own.
            if "credential" in error.code.lower() or error.status in {400, 422}:
                raise CredentialsRejectedError(str(error).removeprefix(f"POST {path}: ")) from error
            raise


@contextmanager
def _redacting(token: str) -> Iterator[None]:
    """What Graph says in here is told without the token, should Graph repeat what it was sent."""
    try:
        yield
    except GraphError as error:
        error.args = tuple(without_secrets(str(part), token) for part in error.args)
        raise


def _principal(service_principal: ServicePrincipalId) -> str:
    return entity("servicePrincipals", service_principal)


def _jobs(service_principal: ServicePrincipalId) -> str:
    return entity("servicePrincipals", service_principal, "synchronization", "jobs")


def _secrets(service_principal: ServicePrincipalId) -> str:
    return entity("servicePrincipals", service_principal, "synchronization", "secrets")


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]
