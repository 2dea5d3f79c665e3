"""Which synchronization job a command is about: the stack's in this folder, or the one that is named."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eptura_scim.errors import ReadableError

if TYPE_CHECKING:
    from eptura_scim.graph.client import GraphClient
    from eptura_scim.graph.synchronization import Job, JobRef, Synchronization

__all__ = [
    "JobChoice",
    "JobChoiceError",
    "JobOption",
    "OpenJob",
    "ProjectOption",
    "ServicePrincipalOption",
    "StackOption",
    "opened",
]

_OBJECT_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_OTHERWISE = "Name a stack with --stack, or the job with --service-principal (and --job)"

ServicePrincipalOption = Annotated[
    str | None,
    typer.Option(
        "--service-principal",
        metavar="ID",
        help="Object id of the enterprise application's service principal: no stack and no engine is needed.",
        show_default=False,
    ),
]
JobOption = Annotated[
    str | None,
    typer.Option("--job", metavar="ID", help="The job's id, where there is more than one.", show_default=False),
]
StackOption = Annotated[
    str | None,
    typer.Option("--stack", metavar="NAME", help="Default: the stack that is selected.", show_default=False),
]
ProjectOption = Annotated[
    Path, typer.Option("--project", help="The folder of the Pulumi project, or one below it.", file_okay=False)
]


class JobChoiceError(ReadableError):
    """No job was named, or not one alone; the text says how to name one."""


@dataclass(frozen=True)
class JobChoice:
    """What the options say, and where the engine is looked for."""

    service_principal: str | None = None
    job: str | None = None
    stack: str | None = None
    project: Path = Path()


@dataclass(frozen=True)
class OpenJob:
    """A job that was found, and a client that is logged in."""

    client: GraphClient
    api: Synchronization
    ref: JobRef
    client_id: str | None = None
    listed: Job | None = None
    """The job itself, where finding it has read it."""

    @property
    def portal_url(self) -> str | None:
        """The job's page in the portal; the enterprise application's where its client id is not known."""
        portal = self.client.cloud.portal
        if not portal:
            return None
        page = (
            f"ProvisioningManagement/appId/{self.client_id}/objectId/{self.ref.service_principal}"
            if self.client_id
            else f"Overview/objectId/{self.ref.service_principal}"
        )
        return f"{portal}/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/{page}"


@asynccontextmanager
async def opened(choice: JobChoice, environment: Mapping[str, str] = os.environ) -> AsyncIterator[OpenJob]:
    """Find the job and log in. Raises JobChoiceError, or GraphError where Graph cannot be asked."""
    from eptura_scim.graph.client import connect
    from eptura_scim.graph.synchronization import Synchronization

    principal, job, client_id = _named(choice, environment)
    client = await connect(environment)
    try:
        api = Synchronization(client)
        if job is None:
            yield await _only_job(client, api, principal, client_id)
        else:
            yield OpenJob(client, api, _ref(principal, job), client_id)
    finally:
        await client.close()


def _named(choice: JobChoice, environment: Mapping[str, str]) -> tuple[str, str | None, str | None]:
    """Service principal, job and client id, as far as they are known."""
    if choice.service_principal is None:
        if choice.job is not None:
            raise JobChoiceError("--job needs --service-principal as well: a job's id alone does not say where it is")
        outputs = _outputs(choice, environment)
        return outputs["servicePrincipalObjectId"], outputs["jobId"], outputs.get("clientId")
    if choice.stack is not None:
        raise JobChoiceError("--stack and --service-principal name two jobs: give one of them")
    principal = choice.service_principal.rstrip("/").rsplit("/", 1)[-1]
    if not _OBJECT_ID.match(principal):
        raise JobChoiceError(
            f"--service-principal is {choice.service_principal!r}: give the object id of the service principal "
            "(Enterprise applications > your application > Object ID), 36 characters"
        )
    return principal, choice.job.rstrip("/").rsplit("/", 1)[-1] if choice.job else None, None


def _outputs(choice: JobChoice, environment: Mapping[str, str]) -> dict[str, Any]:
    from eptura_scim.engine import EngineError, ProjectStack, installed_engine

    engine = installed_engine(lambda line: typer.echo(line, err=True), environment)
    if engine is None:
        raise JobChoiceError(
            "no Pulumi engine is here to read the stack's outputs with. Name the job with --service-principal "
            "(and --job), or get the engine with `eptura-scim engine`"
        )
    try:
        outputs = ProjectStack.open(engine, choice.project, choice.stack, environment).outputs()
    except EngineError as error:
        raise JobChoiceError(f"the stack's outputs cannot be read: {error}. {_OTHERWISE}") from error
    missing = [name for name in ("servicePrincipalObjectId", "jobId") if not isinstance(outputs.get(name), str)]
    if missing:
        which = f"stack {choice.stack}" if choice.stack else "selected stack"
        raise JobChoiceError(f"the {which} has no output {' and '.join(missing)}: run `pulumi up` first. {_OTHERWISE}")
    # azuread gives the path of an object as its id.
    return {name: str(value).rstrip("/").rsplit("/", 1)[-1] for name, value in outputs.items()}


async def _only_job(client: GraphClient, api: Synchronization, principal: str, client_id: str | None) -> OpenJob:
    from eptura_scim.graph.errors import NotFoundError
    from eptura_scim.graph.ids import ServicePrincipalId

    try:
        jobs = await api.jobs(ServicePrincipalId(principal))
    except NotFoundError as error:
        raise JobChoiceError(
            f"{error}. Is {principal} the object id of the service principal (not the client id, nor that of the app "
            "registration), and is this the right tenant?"
        ) from error
    if len(jobs) != 1:
        ids = "".join(f"\n  --job {job.id}" for job in jobs)
        what = f"has {len(jobs)} synchronization jobs; name one:{ids}" if jobs else "has no synchronization job"
        raise JobChoiceError(f"the service principal {principal} {what}")
    return OpenJob(client, api, _ref(principal, jobs[0].id), client_id, listed=jobs[0])


def _ref(principal: str, job: str) -> JobRef:
    from eptura_scim.graph.ids import JobId, ServicePrincipalId
    from eptura_scim.graph.synchronization import JobRef

    return JobRef(ServicePrincipalId(principal), JobId(job))
