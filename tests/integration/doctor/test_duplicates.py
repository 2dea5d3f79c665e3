"""Applications of the configured name: one that the stack knows, others, none."""

from __future__ import annotations

from eptura_scim.doctor.duplicates import application
from eptura_scim.doctor.finding import Finding
from eptura_scim.engine.stack_objects import StackObjects
from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.local_entra import Fault, LocalEntra


async def found(client: GraphClient, known: StackObjects) -> list[Finding]:
    return await application("Eptura", known, Applications(client), SynchronizationClient(client))


async def made(entra: LocalEntra, client: GraphClient) -> StackObjects:
    (one,) = await Applications(client).find(entra.portal.create_application("Eptura"))
    assert one.application is not None
    return StackObjects(application=one.application.id)


async def test_an_unused_name_is_free(client: GraphClient) -> None:
    (finding,) = await found(client, StackObjects())
    assert (finding.status, "`pulumi up` creates it" in finding.said) == ("green", True)


async def test_the_stacks_own_application_is_not_a_duplicate(entra: LocalEntra, client: GraphClient) -> None:
    (finding,) = await found(client, await made(entra, client))
    assert finding.status == "green"


async def test_an_application_unknown_to_the_stack_would_be_duplicated(entra: LocalEntra, client: GraphClient) -> None:
    objects = await made(entra, client)
    job = entra.portal.create_job()
    (finding,) = await found(client, StackObjects())
    assert finding.status == "red"
    assert objects.application in finding.said
    assert f"has a job ({job})" in finding.said
    assert f"`eptura-scim adopt {objects.application}` takes it over, unless another stack has it" in finding.todo
    assert "pulumi config set applicationName" in finding.todo


async def test_a_second_application_is_told_from_the_stacks_own(entra: LocalEntra, client: GraphClient) -> None:
    own, other = await made(entra, client), await made(entra, client)
    first, second = await found(client, own)
    assert (first.status, second.status) == ("green", "yellow")
    assert other.application in second.said
    assert "has no job: the stack does not know it" in second.said


async def test_the_stacks_own_may_be_renamed(entra: LocalEntra, client: GraphClient) -> None:
    own = await made(entra, client)
    await client.request("PATCH", f"/applications/{own.application}", {"displayName": "Other"})
    (renamed,) = await found(client, own)
    assert (renamed.status, "is called 'Other': drift" in renamed.said) == ("yellow", True)


async def test_what_may_not_be_read_is_not_a_traceback(entra: LocalEntra, client: GraphClient) -> None:
    entra.faults.add(Fault(path="/applications", status=403, times=9))
    (finding,) = await found(client, StackObjects())
    assert (finding.status, finding.said.startswith("not checked: ")) == ("yellow", True)


async def test_an_application_with_unreadable_jobs_is_named(entra: LocalEntra, client: GraphClient) -> None:
    objects = await made(entra, client)
    entra.faults.add(Fault(path="/synchronization/jobs", status=403))
    (finding,) = await found(client, StackObjects())
    assert finding.status == "red"
    assert f"({objects.application}), created " in finding.said
    assert "its jobs could not be read: the stack does not know it" in finding.said
