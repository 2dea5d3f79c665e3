"""Which application is meant, and why one cannot be taken over."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.adoption.candidate import find
from eptura_scim.adoption.errors import NotAdoptableError
from eptura_scim.graph.applications import Application, Applications, Registered, ServicePrincipal
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.synchronization import Job, SynchronizationClient

TEMPLATE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"


class FoundApplications(Applications):
    """Finds what it was given."""

    def __init__(self, *found: Registered) -> None:
        self._found = list(found)

    async def find(self, text: str) -> list[Registered]:
        return self._found


class Jobs(SynchronizationClient):
    """Has these jobs for every service principal."""

    def __init__(self, *jobs: Job) -> None:
        self._jobs = list(jobs)

    async def jobs(self, service_principal: ServicePrincipalId) -> list[Job]:
        return self._jobs


def application(number: int = 1, template: str | None = TEMPLATE) -> Application:
    values = {"id": f"app-{number}", "appId": "client", "displayName": "By hand", "applicationTemplateId": template}
    return Application.model_validate({**values, "createdDateTime": f"2026-11-0{number}T00:00:00Z"})


def principal() -> ServicePrincipal:
    return ServicePrincipal.model_validate({"id": "sp-1", "appId": "client", "displayName": "By hand"})


def job(name: str = "scim.a.b", template: str = "scim") -> Job:
    return Job.model_validate({"id": name, "templateId": template})


async def chosen(*found: Registered, jobs: tuple[Job, ...] = (), job_id: str | None = None) -> Any:
    return await find(
        "By hand", job_id, template_id=TEMPLATE, applications=FoundApplications(*found), synchronization=Jobs(*jobs)
    )


WHOLE = Registered(application(), principal())


async def test_the_only_job_is_chosen_and_a_missing_job_is_allowed() -> None:
    assert (await chosen(WHOLE, jobs=(job(),))).job == job()
    assert (await chosen(WHOLE)).job is None


async def test_a_choice_among_several_jobs_needs_the_jobs_id() -> None:
    jobs = (job("scim.a.b"), job("scim.a.c"))
    with pytest.raises(NotAdoptableError, match=r"2 jobs; name one with --job:\n  scim\.a\.b: template scim"):
        await chosen(WHOLE, jobs=jobs)
    assert (await chosen(WHOLE, jobs=jobs, job_id="scim.a.c")).job == jobs[1]
    with pytest.raises(NotAdoptableError, match=r"no job 'scim\.x', but:\n  scim\.a\.b"):
        await chosen(WHOLE, jobs=jobs, job_id="scim.x")
    with pytest.raises(NotAdoptableError, match=r"no job 'scim\.x', but:\n  none"):
        await chosen(WHOLE, job_id="scim.x")


async def test_several_applications_are_listed_with_their_differences() -> None:
    with pytest.raises(NotAdoptableError) as caught:
        await chosen(Registered(application(1), None), Registered(application(2), principal()), jobs=(job(),))
    assert str(caught.value).splitlines() == [
        "2 applications match 'By hand'; name one by its id:",
        "  app-1: By hand, created 2026-11-01T00:00:00Z, has no job",
        "  app-2: By hand, created 2026-11-02T00:00:00Z, has a job (scim.a.b)",
    ]


REFUSED = {
    "none": ((), (), "no application is called 'By hand'"),
    "service principal alone": ((Registered(None, principal()),), (), "service principal without an application"),
    "application alone": ((Registered(application(), None),), (), "has no service principal"),
    "bare": ((Registered(application(template=None), principal()),), (), "was registered without a template"),
    "gallery": ((Registered(application(template="aws"), principal()),), (), r"from the gallery \(template aws\)"),
    "job of 2018": ((WHOLE,), (job(template="customappsso"),), "of the template 'customappsso'.*Delete"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_taken_over_says_why_and_what_to_do(case: str) -> None:
    found, jobs, said = REFUSED[case]
    with pytest.raises(NotAdoptableError, match=said):
        await chosen(*found, jobs=jobs)
