"""Which job a command is about, and one clear error where none is named."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.cloud import Cloud
from eptura_scim.graph.credentials import credential_from
from eptura_scim.graph.errors import NotFoundError
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.jobs.errors import JobDeletedError, JobSelectorError
from eptura_scim.jobs.locate import JobSelector, JobSession, open_job
from eptura_scim.local_entra import LocalEntra
from tests.unit.job_samples import REF

NOBODY = "11111111-1111-1111-1111-111111111111"


def an_engine(
    folder: Path, outputs: Mapping[str, object] | None = None, error: str = "", state: dict[str, str] | None = None
) -> dict[str, str]:
    """A `pulumi` on PATH that knows these outputs and resources of its project; `chosen` is the selected stack.

    `state` gives the id of each type of resource.
    """
    resources = [{"urn": f"urn:pulumi:prod::eptura::{kind}::eptura", "id": id_} for kind, id_ in (state or {}).items()]
    (folder / "state.json").write_text(json.dumps({"deployment": {"resources": resources}}))
    (folder / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    (folder / "outputs.json").write_text(json.dumps(outputs))
    said = f"echo 'error: {error}' >&2; exit 1" if error else f"cat {folder}/outputs.json"
    engine = folder / "pulumi"
    engine.write_text(
        '#!/bin/sh\n[ "$1" = version ] && { echo v3.260.0; exit; }\n'
        f'case "$*" in *--show-name*) {said if error else "echo chosen"}; exit;; esac\n'
        f'case "$*" in *stack*export*) cat {folder}/state.json; exit;; esac\n'
        f'echo "$@" > {folder}/asked\n{said}\n'
    )
    engine.chmod(0o755)
    return {"PATH": f"{folder}:{os.defpath}"}


async def test_the_expiry_of_the_token_is_read_from_the_stack(entra: LocalEntra, tmp_path: Path) -> None:
    outputs = {
        "servicePrincipalObjectId": NOBODY,
        "jobId": "scim.1",
        "tokenExpiry": {"expires": "2026-12-04T12:00:00+00:00", "warnedFrom": "2026-10-05T12:00:00+00:00"},
    }
    async with open_job(JobSelector(project=tmp_path), {**entra.environment, **an_engine(tmp_path, outputs)}) as place:
        assert place.token_expiry is not None
        assert place.token_expiry.expires.isoformat() == "2026-12-04T12:00:00+00:00"


async def the_ref(choice: JobSelector, environment: dict[str, str]) -> tuple[str, ...]:
    async with open_job(choice, environment) as place:
        return (*place.ref, place.client_id or "")


async def test_a_service_principal_with_a_single_job_is_enough(entra: LocalEntra) -> None:
    principal, job = entra.portal.create_application("Eptura"), entra.portal.create_job()
    for given in (principal, f"/servicePrincipals/{principal}"):
        async with open_job(JobSelector(given), entra.environment) as place:
            assert place.ref == (principal, job)
            assert place.listed is not None
            assert place.listed.id == job
            assert place.portal_url is None  # the local Entra has no portal


async def test_a_named_job_is_not_looked_for(entra: LocalEntra) -> None:
    principal, job = entra.portal.create_application("Eptura"), entra.portal.create_job()
    entra.calls.clear()
    path = f"/servicePrincipals/{principal}/synchronization/jobs/{job}"
    for given in (job, path):
        assert await the_ref(JobSelector(principal, given), entra.environment) == (principal, job, "")
    assert [call for call in entra.calls.reads() if call.area == "job"] == []


async def test_the_stacks_outputs_name_the_job(entra: LocalEntra, tmp_path: Path) -> None:
    path = f"/servicePrincipals/{NOBODY}/synchronization/jobs/scim.x.y"
    engine = an_engine(tmp_path, {"servicePrincipalObjectId": NOBODY, "jobId": path, "clientId": "c"})
    for stack, asked in ((None, "chosen"), ("prod", "prod")):
        choice = JobSelector(stack=stack, project=tmp_path)
        assert await the_ref(choice, {**entra.environment, **engine}) == (NOBODY, "scim.x.y", "c")
        assert f"stack output --json --stack {asked}" in (tmp_path / "asked").read_text()


async def test_the_project_is_looked_for_in_the_folders_above(entra: LocalEntra, tmp_path: Path) -> None:
    engine = an_engine(tmp_path, {"servicePrincipalObjectId": NOBODY, "jobId": "scim.x.y"})
    below = tmp_path / "docs" / "deep"
    below.mkdir(parents=True)
    choice = JobSelector(stack="prod", project=below)
    assert await the_ref(choice, {**entra.environment, **engine}) == (NOBODY, "scim.x.y", "")


async def test_a_job_without_its_service_principal_is_refused() -> None:
    with pytest.raises(JobSelectorError, match="--job needs --service-principal"):
        await the_ref(JobSelector(job="scim.x.y"), {})


async def test_two_ways_at_once_are_refused() -> None:
    with pytest.raises(JobSelectorError, match="give one of them"):
        await the_ref(JobSelector(NOBODY, stack="prod"), {})


@pytest.mark.parametrize("given", ["Eptura", "", "scim.x.y"])
async def test_a_wrong_object_id_is_named(given: str) -> None:
    with pytest.raises(JobSelectorError, match=r"give the object id of the service principal"):
        await the_ref(JobSelector(given), {})


async def test_without_an_engine_the_other_way_is_named(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "EPTURA_SCIM_CACHE": str(tmp_path)}
    with pytest.raises(JobSelectorError, match=r"no Pulumi CLI found .* --service-principal"):
        await the_ref(JobSelector(project=tmp_path), environment)


async def test_the_engines_reason_is_passed_on_with_what_else_there_is(tmp_path: Path) -> None:
    engine = an_engine(tmp_path, error="no stack selected")
    with pytest.raises(
        JobSelectorError, match=r"no stack is selected: name one with --stack, .*\. Or name the job with"
    ):
        await the_ref(JobSelector(project=tmp_path), engine)


async def test_a_folder_without_a_project_is_named(tmp_path: Path) -> None:
    engine = an_engine(tmp_path)
    (tmp_path / "Pulumi.yaml").unlink()
    with pytest.raises(
        JobSelectorError, match=r"Pulumi\.yaml does not exist, nor is there one in a folder above"
    ) as caught:
        await the_ref(JobSelector(project=tmp_path), engine)
    assert str(caught.value).endswith(". Or name the job with --service-principal (and --job)")


@pytest.mark.parametrize("outputs", [{}, {"jobId": "x"}, {"servicePrincipalObjectId": NOBODY}])
async def test_a_stack_without_outputs_is_to_be_brought_up_first(outputs: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(JobSelectorError, match=r"the stack prod holds no job: run `pulumi up`, or `eptura-scim adopt`"):
        await the_ref(JobSelector(stack="prod", project=tmp_path), an_engine(tmp_path, outputs))


@pytest.mark.parametrize(
    "state",
    [
        {
            "azuread:index/x:ApplicationFromTemplate": "/applicationTemplates/t/instantiate/a/dead",
            "azuread:index/x:ServicePrincipal": f"/servicePrincipals/{NOBODY}",
            "azuread:index/x:SynchronizationJob": f"/servicePrincipals/{NOBODY}/synchronization/jobs/j",
        },
        {"eptura-scim:index:EpturaScimProvisioning$eptura-scim:index:SynchronizationJob": f"{NOBODY}/j"},
    ],
    ids=["azuread's job", "our job"],
)
async def test_after_an_import_the_state_names_the_job(
    entra: LocalEntra, tmp_path: Path, state: dict[str, str]
) -> None:
    choice = JobSelector(stack="prod", project=tmp_path)
    assert await the_ref(choice, {**entra.environment, **an_engine(tmp_path, {}, state=state)}) == (NOBODY, "j", "")


async def test_what_was_deleted_is_told_with_the_way_back(entra: LocalEntra, tmp_path: Path) -> None:
    principal, job = entra.portal.create_application("Eptura"), entra.portal.create_job()
    async with open_job(JobSelector(principal), entra.environment) as place:
        (found,) = await Applications(place.client).find(principal)
    assert found.application is not None
    outputs = {"servicePrincipalObjectId": principal, "jobId": job, "applicationObjectId": found.application.id}
    environment = {**entra.environment, **an_engine(tmp_path, outputs)}

    async def said() -> str:
        with pytest.raises(JobDeletedError) as caught:
            async with open_job(JobSelector(stack="prod", project=tmp_path), environment) as place:
                await place.api.start(place.ref)
        return str(caught.value)

    entra.portal.delete_job()
    told = await said()
    assert f"the job {job} of the service principal {principal} was deleted: `pulumi up` creates another job" in told
    assert "has no links to the accounts at Eptura" in told
    entra.portal.delete_service_principal()
    assert f"the service principal {principal} was deleted at 20" in await said()
    assert f"POST /directory/deletedItems/{principal}/restore) until 20" in await said()
    with pytest.raises(JobDeletedError, match="was deleted at 20"):
        await the_ref(JobSelector(principal), entra.environment)
    entra.portal.restore_service_principal()
    entra.portal.delete_application()
    assert f"the application {found.application.id} was deleted at 20" in await said()
    assert "restore it in the portal (App registrations > Deleted applications) until 20" in await said()


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_an_id_of_no_job_is_told_with_the_jobs_that_there_are(number: int, entra: LocalEntra) -> None:
    principal = entra.portal.create_application("Eptura")
    jobs = [entra.portal.create_job() for _ in range(number)]
    with pytest.raises(JobSelectorError) as caught:
        async with open_job(JobSelector(principal, "NONSENSE"), entra.environment) as place:
            await place.api.job(place.ref)
    first, *listed = str(caught.value).splitlines()
    said = ("has no synchronization job", "has 1 synchronization job:", "has 2 synchronization jobs; name one:")
    assert first == f"no job has the id 'NONSENSE': the service principal {principal} {said[number]}"
    assert listed == [f"  --job {job}" for job in jobs]


async def test_a_404_of_another_object_is_not_a_missing_job(entra: LocalEntra) -> None:
    principal, _ = entra.portal.create_application("Eptura"), entra.portal.create_job()
    with pytest.raises(NotFoundError):
        async with open_job(JobSelector(principal), entra.environment) as place:
            await place.client.request("GET", f"/users/{NOBODY}")


async def test_several_jobs_are_listed(entra: LocalEntra) -> None:
    principal = entra.portal.create_application("Eptura")
    jobs = [entra.portal.create_job(), entra.portal.create_job()]
    with pytest.raises(JobSelectorError) as caught:
        await the_ref(JobSelector(principal), entra.environment)
    assert str(caught.value).splitlines() == [
        f"the service principal {principal} has 2 synchronization jobs; name one:",
        *[f"  --job {job}" for job in jobs],
    ]


async def test_a_missing_job_and_a_missing_principal_are_told_apart(entra: LocalEntra) -> None:
    principal = entra.portal.create_application("Eptura")
    with pytest.raises(JobSelectorError, match="has no synchronization job"):
        await the_ref(JobSelector(principal), entra.environment)
    with pytest.raises(JobSelectorError, match=r"not the client id.* right tenant"):
        await the_ref(JobSelector(NOBODY), entra.environment)


@pytest.mark.parametrize(
    ("portal", "client_id", "url"),
    [
        ("", "c", None),
        ("https://portal.azure.com", "c", "~/ProvisioningManagement/appId/c/objectId/" + NOBODY),
        ("https://portal.azure.us", None, "~/Overview/objectId/" + NOBODY),
    ],
)
async def test_the_portals_page_is_linked(portal: str, client_id: str | None, url: str | None) -> None:
    cloud = Cloud("https://graph.example", "https://login.example", portal)
    client = GraphClient(cloud, credential_from({}, cloud, None), None)
    found = JobSession(client, SynchronizationClient(client), REF, client_id).portal_url
    assert found == (url and f"{portal}/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/{url}")
