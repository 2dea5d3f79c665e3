"""Which application, service principal and job a name or an id stands for, and whether they can be taken over."""

from __future__ import annotations

from dataclasses import dataclass

from eptura_scim import documented
from eptura_scim.adoption.errors import NotAdoptableError
from eptura_scim.graph.applications import Application, Applications, Registered, ServicePrincipal
from eptura_scim.graph.ids import JobId
from eptura_scim.graph.synchronization import Job, JobRef, SynchronizationClient
from eptura_scim.quantities import counted

__all__ = ["AdoptionCandidate", "find"]

_MAKE_NEW = "make a new one with `pulumi up`, let Eptura provision from that, and delete this one"


@dataclass(frozen=True)
class AdoptionCandidate:
    """An application that can be taken over."""

    application: Application
    principal: ServicePrincipal
    job: Job | None
    """None where provisioning was never set up."""

    @property
    def ref(self) -> JobRef | None:
        """The job in Graph."""
        return JobRef(self.principal.id, JobId(self.job.id)) if self.job else None


async def find(
    text: str,
    job_id: str | None,
    *,
    template_id: str,
    applications: Applications,
    synchronization: SynchronizationClient,
) -> AdoptionCandidate:
    """The application of this name, object id (of either kind) or client id, with the named job or its only one.

    `template_id` is the cloud's non-gallery template. Raises NotAdoptableError, GraphError.
    """
    found = await applications.find(text)
    if not found:
        raise NotAdoptableError(
            f"no application is called {text!r} or has it as object id or client id, in the tenant that is logged in "
            "to. Names are compared whole: copy it from Enterprise applications"
        )
    if len(found) > 1:
        lines = [await _described(one, synchronization) for one in found]
        raise NotAdoptableError(
            "\n  ".join([f"{counted(len(found), 'application')} match {text!r}; name one by its id:", *lines])
        )
    application, principal = _both(text, found[0])
    _check_template(application, template_id)
    return AdoptionCandidate(application, principal, _chosen(await synchronization.jobs(principal.id), job_id))


def _both(text: str, found: Registered) -> tuple[Application, ServicePrincipal]:
    application, principal = found
    if application is None:
        raise NotAdoptableError(
            f"{text!r} is a service principal without an application in this tenant: the application was deleted, or "
            "belongs to another tenant. If it was deleted less than 30 days ago, restore it (App registrations, "
            f"Deleted applications) and run this again; else {_MAKE_NEW}"
        )
    if principal is None:
        raise NotAdoptableError(
            f"the application {application.display_name!r} ({application.id}) has no service principal: its "
            "enterprise application was deleted. If that was less than 30 days ago, restore it (Microsoft Graph: POST "
            f"/directory/deletedItems/ID/restore) and run this again; else {_MAKE_NEW}"
        )
    return application, principal


def _check_template(application: Application, template_id: str) -> None:
    """Source: Microsoft, "Known issues for provisioning": plain app registrations cannot be provisioned."""
    if application.application_template_id == template_id:
        return
    if application.application_template_id:
        made = f"comes from the gallery (template {application.application_template_id})"
    else:
        made = "was registered without a template, so Entra cannot provision from it"
    raise NotAdoptableError(
        f"the application {application.display_name!r} ({application.id}) {made}. Eptura's guide takes one that is not "
        f"in the gallery (template {template_id}), and the template of an application cannot be changed: {_MAKE_NEW}"
    )


def _chosen(jobs: list[Job], job_id: str | None) -> Job | None:
    lines = [f"{job.id}: template {job.template_id}, {job.schedule.state}, {job.status.code}" for job in jobs]
    if job_id is not None:
        chosen = next((job for job in jobs if job.id == job_id), None)
        if chosen is None:
            raise NotAdoptableError("\n  ".join([f"the application has no job {job_id!r}, but:", *(lines or ["none"])]))
    elif len(jobs) > 1:
        raise NotAdoptableError(
            "\n  ".join([f"the application has {counted(len(jobs), 'job')}; name one with --job:", *lines])
        )
    else:
        chosen = jobs[0] if jobs else None
    if chosen is not None and chosen.template_id != documented.SYNCHRONIZATION_TEMPLATE:
        raise NotAdoptableError(
            f"the job {chosen.id} is of the template {chosen.template_id!r}: the next `pulumi up` would delete it and "
            f"make one of the template {documented.SYNCHRONIZATION_TEMPLATE!r}. Delete the provisioning configuration "
            "in the portal (accounts at Eptura stay as they are), then run this again: `pulumi up` makes the job"
        )
    return chosen


async def _described(found: Registered, synchronization: SynchronizationClient) -> str:
    one = next(half for half in found if half is not None)
    created = found.application.created_date_time if found.application else None
    jobs = await synchronization.jobs(found.principal.id) if found.principal else []
    job = f"has a job ({', '.join(job.id for job in jobs)})" if jobs else "has no job"
    return f"{one.id}: {one.display_name}, created {created or 'at an unknown time'}, {job}"
