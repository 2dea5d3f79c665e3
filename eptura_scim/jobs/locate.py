"""Which synchronization job a command is about: the stack's in this folder, or the one that is named."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eptura_scim.graph.applications import Deletion, deletion
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.errors import GraphError, NotFoundError
from eptura_scim.graph.ids import JobId, ServicePrincipalId, is_object_id
from eptura_scim.graph.synchronization import Job, JobRef, SynchronizationClient
from eptura_scim.jobs.errors import JobDeletedError, JobOptionsError, JobSelectorError
from eptura_scim.quantities import counted
from eptura_scim.report import tell
from eptura_scim.token_expiry import TokenExpiry

__all__ = ["JobSelector", "JobSession", "open_job"]

_OTHERWISE = "Or name the job with --service-principal (and --job)"


@dataclass(frozen=True)
class JobSelector:
    """The options that name a job, and the folder of the project that has the stack."""

    service_principal: str | None = None
    job: str | None = None
    stack: str | None = None
    project: Path = Path()


@dataclass(frozen=True)
class JobSession:
    """A job that was found, and a client that is logged in."""

    client: GraphClient
    api: SynchronizationClient
    ref: JobRef
    client_id: str | None = None
    token_expiry: TokenExpiry | None = None
    """Of the token that the stack's last `up` saved, where the job is a stack's and the token says it."""
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


@dataclass(frozen=True)
class _Named:
    """Ids, as far as they are known."""

    principal: str
    job: str | None = None
    client_id: str | None = None
    application: str = ""
    token_expiry: TokenExpiry | None = None


@asynccontextmanager
async def open_job(selector: JobSelector, environment: Mapping[str, str] = os.environ) -> AsyncIterator[JobSession]:
    """Find the job and log in. Raises JobSelectorError, or GraphError where Graph cannot be asked.

    A NotFoundError in the block becomes a JobDeletedError where job, service principal or application was deleted.
    """
    named = _named(selector, environment)
    client = await connect(environment)
    try:
        api = SynchronizationClient(client)
        if named.job is None:
            yield await _only_job(client, api, named.principal)
        else:
            yield JobSession(client, api, _ref(named.principal, named.job), named.client_id, named.token_expiry)
    except NotFoundError as error:
        gone = await _deletion(client, named)
        if gone and gone.kind == "job" and selector.job:  # a typed id may never have been the id of a job
            raise await _unknown_job(api, named) from error
        if gone:
            raise _deleted(gone) from error
        raise
    finally:
        await client.close()


def _named(selector: JobSelector, environment: Mapping[str, str]) -> _Named:
    if selector.service_principal is None:
        if selector.job is not None:
            raise JobOptionsError("--job needs --service-principal")
        return _of_stack(selector, environment)
    if selector.stack is not None:
        raise JobOptionsError("--stack and --service-principal name two jobs: give one of them")
    principal = selector.service_principal.rstrip("/").rsplit("/", 1)[-1]
    if not is_object_id(principal):
        raise JobOptionsError(
            f"--service-principal is {selector.service_principal!r}: give the object id of the service principal "
            "(Enterprise applications > your application > Object ID), 36 characters"
        )
    return _Named(principal, selector.job.rstrip("/").rsplit("/", 1)[-1] if selector.job else None)


def _of_stack(selector: JobSelector, environment: Mapping[str, str]) -> _Named:
    """By the stack's outputs; after an import, which writes none, by the resources in its state."""
    # Late: it loads the Pulumi SDK, a second that a job named by its ids does not need.
    from eptura_scim.engine import EngineError, ProjectError, ProjectStack, installed_engine
    from eptura_scim.engine.stack_objects import objects_of

    engine = installed_engine(tell, environment)
    if engine is None:
        raise JobSelectorError(
            "no Pulumi CLI found to read the stack's outputs. Name the job with --service-principal "
            "(and --job), or install the CLI with `eptura-scim engine`"
        )
    try:
        stack = ProjectStack.open(engine, selector.project, selector.stack, environment)
        exported = stack.outputs()
        outputs = _texts(exported)
        if named := _of_outputs(outputs, TokenExpiry.of_output(exported.get("tokenExpiry"))):
            return named
        objects = objects_of(stack.resources())
    except ProjectError as error:
        raise JobSelectorError(f"{error}. {_OTHERWISE}") from error
    except EngineError as error:
        raise JobSelectorError(f"the stack's outputs cannot be read: {error}. {_OTHERWISE}") from error
    if not objects.principal or not objects.job:
        raise JobSelectorError(
            f"the stack {stack.name} holds no job: run `pulumi up`, or `eptura-scim adopt` for an application that was "
            f"made by hand. {_OTHERWISE}"
        )
    return _Named(objects.principal, objects.job, outputs.get("clientId"), objects.application)


def _of_outputs(outputs: Mapping[str, str], token_expiry: TokenExpiry | None) -> _Named | None:
    if "servicePrincipalObjectId" not in outputs or "jobId" not in outputs:
        return None
    return _Named(
        outputs["servicePrincipalObjectId"],
        outputs["jobId"],
        outputs.get("clientId"),
        outputs.get("applicationObjectId", ""),
        token_expiry,
    )


def _texts(outputs: Mapping[str, Any]) -> dict[str, str]:
    """The outputs that are texts. azuread gives the path of an object as its id."""
    return {name: value.rstrip("/").rsplit("/", 1)[-1] for name, value in outputs.items() if isinstance(value, str)}


async def _deletion(client: GraphClient, named: _Named) -> Deletion | None:
    try:
        return await deletion(client, application=named.application, principal=named.principal, job=named.job or "")
    except GraphError:
        return None


def _deleted(gone: Deletion) -> JobDeletedError:
    return JobDeletedError(f"{gone.said}: {gone.todo}")


async def _only_job(client: GraphClient, api: SynchronizationClient, principal: str) -> JobSession:
    try:
        jobs = await api.jobs(ServicePrincipalId(principal))
    except NotFoundError as error:
        gone = await _deletion(client, _Named(principal))
        if gone and gone.recycled:
            raise _deleted(gone) from error
        raise JobSelectorError(
            f"{error}. Is {principal} the object id of the service principal (not the client id, nor that of the app "
            "registration), and is this the right tenant?"
        ) from error
    if len(jobs) != 1:
        raise JobSelectorError(_choices(principal, jobs))
    return JobSession(client, api, _ref(principal, jobs[0].id), listed=jobs[0])


async def _unknown_job(api: SynchronizationClient, named: _Named) -> JobSelectorError:
    jobs = await api.jobs(ServicePrincipalId(named.principal))
    return JobSelectorError(f"no job has the id {named.job!r}: {_choices(named.principal, jobs)}")


def _choices(principal: str, jobs: Sequence[Job]) -> str:
    """Which jobs a service principal has, as options to choose from."""
    if not jobs:
        return f"the service principal {principal} has no synchronization job"
    number = counted(len(jobs), "synchronization job") + ("; name one" if len(jobs) > 1 else "")
    return f"the service principal {principal} has {number}:" + "".join(f"\n  --job {job.id}" for job in jobs)


def _ref(principal: str, job: str) -> JobRef:
    return JobRef(ServicePrincipalId(principal), JobId(job))
