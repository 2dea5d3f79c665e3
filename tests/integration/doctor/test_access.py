"""The login and its permissions: what is missing is named, and what they are sufficient for."""

from __future__ import annotations

import pytest

from eptura_scim.doctor.access import Access, login
from eptura_scim.doctor.finding import Finding
from eptura_scim.engine.stack_objects import StackObjects
from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.identity import Identity, who_am_i
from eptura_scim.local_entra import Fault, LocalEntra

OWNED_BY = "Application.ReadWrite.OwnedBy"
READING = ("Application.Read.All", "Synchronization.Read.All")
USUAL = (OWNED_BY, "Synchronization.ReadWrite.All")
ASSIGNING = "AppRoleAssignment.ReadWrite.All"


async def made(entra: LocalEntra, client: GraphClient, *, owned: bool) -> StackObjects:
    """An application with a job, as a stack knows it. It was made in the portal: the identity owns it only if asked."""
    principal = entra.portal.create_application("Eptura")
    job = entra.portal.create_job()
    (one,) = await Applications(client).find(principal)
    assert one.application is not None
    if owned:
        owner = {"@odata.id": f"{entra.url}/v1.0/directoryObjects/{entra.tenant.principal_id}"}
        for kind, object_id in (("applications", one.application.id), ("servicePrincipals", principal)):
            await client.request("POST", f"/{kind}/{object_id}/owners/$ref", owner)
    return StackObjects(one.application.id, principal, job)


async def found(
    *permissions: str, exists: bool = False, owned: bool = False, assigns: bool = False, fault: Fault | None = None
) -> list[Finding]:
    """The findings for an application identity with exactly these permissions."""
    with LocalEntra.start() as entra:
        setup = await connect(entra.environment)
        objects = await made(entra, setup, owned=owned) if exists else StackObjects()
        await setup.close()
        entra.permissions.only(*permissions)
        if fault:
            entra.faults.add(fault)
        client = await connect(entra.environment)
        try:
            return await Access(client, await who_am_i(client), objects, assigns).findings()
        finally:
            await client.close()


def enough(findings: list[Finding]) -> Finding:
    return findings[-1]


def todos(findings: list[Finding]) -> str:
    return " ".join(finding.todo for finding in findings if finding.check == "permission").strip()


@pytest.mark.parametrize(
    ("permissions", "assigns", "status", "missing"),
    [
        (USUAL, False, "green", ()),
        ((*USUAL, ASSIGNING, "Application.Read.All"), True, "green", ()),
        (("Application.ReadWrite.All", "Synchronization.ReadWrite.All", ASSIGNING), True, "green", ()),
        (USUAL, True, "yellow", (ASSIGNING, "Application.Read.All")),
        (READING, False, "yellow", USUAL),
        (("Application.Read.All", "Synchronization.ReadWrite.All"), False, "yellow", (OWNED_BY,)),
        (
            ("Application.ReadWrite.All",),
            False,
            "yellow",
            ("Synchronization.Read.All", "Synchronization.ReadWrite.All"),
        ),
    ],
    ids=["usual", "assigns", "all of them", "assigns not", "reads", "changes no application", "changes no job"],
)
async def test_permitted_operations_and_missing_permissions_are_named(
    permissions: tuple[str, ...], assigns: bool, status: str, missing: tuple[str, ...]
) -> None:
    findings = await found(*permissions, assigns=assigns)
    assert enough(findings).status == status
    for name in missing:
        assert name in todos(findings)
    assert bool(todos(findings)) == bool(missing)


@pytest.mark.parametrize(
    ("permissions", "what", "missing"),
    [
        (("Synchronization.Read.All",), "read applications", "Application.Read.All"),
        (("Application.Read.All",), "read provisioning", "Synchronization.Read.All"),
        ((OWNED_BY,), "read provisioning", "Synchronization.Read.All"),
    ],
    ids=["no application", "no provisioning", "not its own"],
)
async def test_a_permission_refused_when_tried_is_red(permissions: tuple[str, ...], what: str, missing: str) -> None:
    findings = await found(*permissions, exists=True)
    (refused,) = (finding for finding in findings if finding.status == "red" and finding.check == "permission")
    assert refused.said == f"{what}: refused"
    assert missing in refused.todo
    assert enough(findings).status == "red"


@pytest.mark.parametrize(("owned", "status"), [(False, "yellow"), (True, "green")])
async def test_owned_by_counts_for_what_the_identity_owns(owned: bool, status: str) -> None:
    findings = await found(*USUAL, exists=True, owned=owned)
    (ownership,) = (finding for finding in findings if finding.check == "ownership")
    assert ownership.status == enough(findings).status == status
    assert ("does not own the application and service principal" in ownership.said) == (not owned)


@pytest.mark.parametrize(
    ("status", "finding"),
    [
        (404, ("green", "read provisioning")),
        (400, ("yellow", "read provisioning: not tested: GET /servicePrincipals/")),
    ],
)
async def test_only_a_refusal_speaks_against_a_permission(status: int, finding: tuple[str, str]) -> None:
    findings = await found(*USUAL, exists=True, fault=Fault(path="/synchronization/", status=status))
    (read,) = (one for one in findings if one.said.startswith("read provisioning"))
    assert (read.status, read.said[: len(finding[1])]) == finding
    assert (": not tested" in read.said) == (status == 400)


async def test_owners_that_cannot_be_read_are_not_a_traceback() -> None:
    findings = await found(*USUAL, exists=True, fault=Fault(path="/owners", status=403))
    (ownership,) = (finding for finding in findings if finding.check == "ownership")
    assert (ownership.status, ownership.said.startswith("not read: GET /applications/")) == ("yellow", True)


async def test_who_may_change_everything_needs_to_own_nothing() -> None:
    findings = await found("Application.ReadWrite.All", "Synchronization.ReadWrite.All", exists=True)
    assert not [finding for finding in findings if finding.check == "ownership"]
    assert enough(findings).status == "green"


async def test_a_person_without_a_role_gets_its_name() -> None:
    with LocalEntra.start() as entra:
        client = await connect(entra.environment)
        for roles, status in (((), "yellow"), (("158c047a-c907-4556-b7ef-446551a6b5f7",), "green")):
            person = Identity(
                "person", "tenant", "object", "client", "ada@example.com", frozenset({OWNED_BY}), frozenset(roles)
            )
            findings = await Access(client, person, StackObjects(), False).findings()
            assert enough(findings).status == status
            assert ("Cloud Application Administrator" in todos(findings)) == (status == "yellow")
        await client.close()


async def test_the_login_is_told_with_its_way_and_its_tenant() -> None:
    with LocalEntra.start() as entra:
        client = await connect(entra.environment)
        _, finding = await login(client)
        await client.close()
    assert f"application {entra.tenant.client_id}, by client secret" in finding.said
    assert f"in the tenant Contoso ({entra.tenant.id})" in finding.said
