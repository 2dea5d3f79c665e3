"""A stack that already provisions is changed: who is at Eptura after the cycles that follow."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from acceptance.eptura import CYCLES, Eptura
from eptura_scim.engine import DeploymentError
from eptura_scim.local_entra import Fault, LocalEntra

if TYPE_CHECKING:
    from eptura_scim.engine import Deployment
    from tests.engine.conftest import Deploy, Differing

AZUREAD_JOB = "azuread:index/synchronizationJob:SynchronizationJob"


class DirectoryMembers(NamedTuple):
    """Object ids of a group and of those who are in it or not."""

    floor: str
    inside: str
    outside: str


@pytest.fixture
def directory(entra: LocalEntra) -> DirectoryMembers:
    """Adele is in the group Floor 2, Megan is not; both are users."""
    people = entra.portal.people
    inside = people.add_user("adele@contoso.example", displayName="Adele", department="Sales", **_names("Adele"))
    outside = people.add_user("megan@contoso.example", displayName="Megan", department="Retail", **_names("Megan"))
    return DirectoryMembers(people.add_group("Floor 2", "adele@contoso.example"), inside, outside)


def _names(name: str) -> dict[str, str]:
    return {"givenName": name, "surname": "Example", "mail": f"{name.lower()}@contoso.example"}


def cycles(entra: LocalEntra) -> None:
    """Run the cycles that would run; a paused job runs none."""
    for _ in range(CYCLES):
        asyncio.run(entra.provisioning.run_all())


def active(entra: LocalEntra) -> dict[str, bool]:
    """userName and active of every user at Eptura."""
    users = Eptura(entra.scim).snapshot().users.values()
    return {user["userName"].partition("@")[0]: user["active"] for user in users}


def groups(entra: LocalEntra) -> set[str]:
    return set(Eptura(entra.scim).snapshot().members)


EVERYBODY = {"adele": True, "megan": True}


@pytest.mark.usefixtures("directory")
def test_a_refused_assignment_leaves_all_users_active(
    deploy: Deploy, entra: LocalEntra, directory: DirectoryMembers
) -> None:
    deploy().up()
    cycles(entra)
    entra.faults.add(Fault(method="POST", path="/appRoleAssignedTo$", status=403))
    narrowed = deploy(scope="assigned", assignedGroups=directory.floor)
    with pytest.raises(DeploymentError):
        narrowed.up()
    cycles(entra)
    assert (active(entra), groups(entra)) == (EVERYBODY, {"Floor 2"})
    assert entra.portal.secrets()["SyncAll"] == "true"

    entra.faults.clear()
    narrowed.up()
    cycles(entra)
    assert (active(entra), groups(entra)) == ({"adele": True, "megan": False}, {"Floor 2"})
    assert narrowed.preview(expect_no_changes=True).changed == {}


@pytest.mark.slow
def test_a_wider_scope_provisions_those_who_were_left_out(
    deploy: Deploy, entra: LocalEntra, directory: DirectoryMembers
) -> None:
    deploy(scope="assigned", assignedGroups=directory.floor).up()
    cycles(entra)
    assert active(entra) == {"adele": True}
    widened = deploy(scope="all")
    assert "all users and groups of the directory" in widened.preview().text
    widened.up()
    cycles(entra)
    assert active(entra) == EVERYBODY


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
def test_a_scope_narrowed_by_hand_is_repaired_for_disabled_users(
    deployment: Deployment, entra: LocalEntra, differing: Differing
) -> None:
    deployment.up()
    cycles(entra)
    entra.portal.set_scope("assigned")
    entra.portal.restart()
    cycles(entra)
    assert active(entra) == {"adele": False, "megan": False}
    assert differing(deployment) == {
        "SynchronizationSecrets": ["scope"],
        "SynchronizationJobState": ["provisioningStatus"],
    }
    deployment.up()
    cycles(entra)
    assert (active(entra), groups(entra)) == (EVERYBODY, {"Floor 2"})
    assert deployment.preview(expect_no_changes=True).changed == {}


@pytest.mark.slow
def test_a_filter_with_a_typo_fails_the_preview_without_changes(
    deploy: Deploy, entra: LocalEntra, directory: DirectoryMembers
) -> None:
    deploy(scope="assigned", assignedGroups=directory.floor).up()
    cycles(entra)
    wrong = deploy(scope="all", userFilter='departement EQUALS "Sales"')
    with pytest.raises(DeploymentError, match="did you mean department"):
        wrong.preview()
    with pytest.raises(DeploymentError, match="did you mean department"):
        wrong.up()  # without its preview, as the engine's Automation API runs it
    cycles(entra)
    assert active(entra) == {"adele": True}
    deploy(scope="all", userFilter='department EQUALS "Sales"').up()
    cycles(entra)
    assert active(entra) == {"adele": True}
    assert groups(entra) == {"Floor 2"}


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
def test_provisioning_is_off_before_anything_else_changes(deploy: Deploy, entra: LocalEntra) -> None:
    deploy().up()
    cycles(entra)
    entra.calls.clear()
    deploy(provisioning="off", userFilter='department EQUALS "Sales"', scope="assigned").up()
    assert [call.path.rsplit("/", 1)[-1] for call in entra.calls.writes()] == ["pause", "secrets", "schema"]
    cycles(entra)
    assert active(entra) == EVERYBODY


@pytest.mark.slow
def test_a_protected_stack_is_repaired_after_its_job_was_deleted(
    deploy: Deploy, entra: LocalEntra, differing: Differing
) -> None:
    stack = deploy(protect="on", testSavedToken="off")
    stack.up()
    entra.portal.delete_job()
    assert differing(stack)["SynchronizationJob"] == ["(create)"]
    stack.up()
    assert entra.portal.job()["schedule"]["state"] == "Active"
    assert stack.preview(expect_no_changes=True).changed == {}


@pytest.mark.slow
@pytest.mark.usefixtures("directory")
def test_a_start_alone_is_refused_while_external_ids_are_wrong(deploy: Deploy, entra: LocalEntra) -> None:
    deploy(provisioning="off").up()
    entra.portal.set_user_source("externalId", "[mailNickname]")
    stack = deploy(provisioning="on")
    target = next(r["urn"] for r in stack.export_stack()["resources"] if r["urn"].endswith("JobState::eptura"))
    with pytest.raises(DeploymentError, match="externalId comes from"):
        stack.up(target=[target])
    cycles(entra)
    assert active(entra) == {}


@pytest.mark.slow
def test_a_run_without_the_mappings_leaves_the_job_paused(
    deploy: Deploy, entra: LocalEntra, directory: DirectoryMembers
) -> None:
    deploy(scope="assigned", assignedGroups=directory.floor).up()
    cycles(entra)
    stack = deploy(userFilter='department EQUALS "Sales"')
    targets = [found["urn"] for found in stack.export_stack()["resources"]]
    kinds = ("SynchronizationSecrets::eptura", "SynchronizationJobState::eptura")
    with pytest.raises(DeploymentError, match="leaves out SynchronizationSchema"):
        stack.up(target=[urn for urn in targets if urn.endswith(kinds)])
    cycles(entra)
    assert active(entra) == {"adele": True}
    stack.up()
    cycles(entra)
    assert active(entra) == {"adele": True}


@pytest.mark.slow
def test_the_job_of_azuread_goes_on_without_a_change_in_entra(
    deploy: Deploy, entra: LocalEntra, tmp_path: Path
) -> None:
    deploy().up()
    job = entra.portal.job()["id"]
    _give_the_job_to_azuread(next((tmp_path / "home" / "state").rglob("dev.json")))
    entra.calls.clear()
    stack = deploy()
    stack.preview(expect_no_changes=True)
    stack.up()
    assert entra.calls.writes() == []
    assert entra.portal.jobs() == [job]
    assert AZUREAD_JOB not in str(stack.export_stack()["resources"])
    stack.preview(expect_no_changes=True)


def _give_the_job_to_azuread(file: Path) -> None:
    """Rewrite a state as an earlier program made it: the job is a resource of azuread."""
    state = json.loads(file.read_text("utf-8").replace("$eptura-scim:index:SynchronizationJob::", f"${AZUREAD_JOB}::"))
    resources = state["checkpoint"]["latest"]["resources"]
    job = next(resource for resource in resources if resource["urn"].endswith(f"{AZUREAD_JOB}::eptura"))
    principal = job["id"].split("/")[2]
    inputs = {
        "__defaults": [],
        "enabled": False,
        "servicePrincipalId": f"/servicePrincipals/{principal}",
        "templateId": "scim",
    }
    schedule = {"expiration": "", "interval": "PT40M", "state": "Active"}
    azuread = next(resource for resource in resources if "ApplicationFromTemplate" in resource["urn"])
    job |= {
        "type": AZUREAD_JOB,
        "provider": azuread["provider"],
        "inputs": inputs,
        "outputs": {**inputs, "id": job["id"], "schedules": [schedule]},
    }
    file.write_text(json.dumps(state), encoding="utf-8")
