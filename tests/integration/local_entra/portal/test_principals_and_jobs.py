"""The portal's pages of people, and what it does to jobs and deleted applications."""

from __future__ import annotations

import pytest

from eptura_scim.local_entra import LocalEntra, ODataError, UnknownAppError
from tests.integration.local_entra.graph_client import mapping, row

ADELE, BETH = "adele@contoso.example", "beth@contoso.example"


@pytest.fixture
def by_hand(entra: LocalEntra) -> LocalEntra:
    """A local Entra with an application that was made in the portal, and two users."""
    entra.portal.create_application("Eptura")
    entra.portal.create_job()
    for name in (ADELE, BETH):
        entra.portal.people.add_user(name)
    return entra


def test_users_are_edited_disabled_deleted_and_restored(by_hand: LocalEntra) -> None:
    pages, people = by_hand.portal.people, by_hand.people
    adele = str(people.user(ADELE)["id"])
    pages.edit_user(ADELE, jobTitle="Director")
    pages.disable_user(adele)
    assert (people.user(ADELE)["jobTitle"], people.user(ADELE)["accountEnabled"]) == ("Director", False)
    pages.enable_user(ADELE)
    assert people.user(ADELE)["accountEnabled"] is True

    pages.delete_user(ADELE)
    with pytest.raises(ODataError):
        pages.disable_user(ADELE)
    pages.restore_user(ADELE)
    assert people.user(ADELE)["id"] == adele
    pages.delete_user(ADELE)
    pages.delete_user_permanently(adele)
    assert people.find(adele) is None
    with pytest.raises(UnknownAppError, match="names 0 deleted users"):
        pages.restore_user(ADELE)


def test_groups_are_made_filled_renamed_and_deleted(by_hand: LocalEntra) -> None:
    pages, people = by_hand.portal.people, by_hand.people
    group = pages.add_group("Facilities", ADELE)
    pages.add_member("Facilities", BETH)
    pages.remove_member(group, ADELE)
    assert [member["userPrincipalName"] for member in people.members(group)] == [BETH]
    pages.add_group("Facilities")
    with pytest.raises(UnknownAppError, match="'Facilities' names 2 groups"):
        pages.rename_group("Facilities", "x")
    pages.rename_group(group, "Workplace")
    pages.delete_group("Workplace")
    assert [found["displayName"] for found in people.groups()] == ["Facilities"]


def test_users_and_groups_are_assigned_and_unassigned(by_hand: LocalEntra) -> None:
    pages = by_hand.portal.people
    pages.add_group("Facilities")
    pages.assign(ADELE, "Facilities")
    assert [made["principalType"] for made in pages.assigned()] == ["User", "Group"]
    pages.unassign(ADELE)
    assert [made["principalDisplayName"] for made in pages.assigned()] == ["Facilities"]
    with pytest.raises(UnknownAppError, match="is not assigned"):
        pages.unassign(ADELE)


def test_the_portal_edits_the_first_of_two_jobs_by_default(by_hand: LocalEntra) -> None:
    portal = by_hand.portal
    first, second = portal.jobs()[0], portal.create_job()
    assert portal.jobs() == [first, second]
    assert portal.job()["id"] == first
    portal.at(second).quarantine()
    portal.at(second).remove_user_mapping("title")
    assert portal.job()["status"]["code"] == "Paused"
    titles = [
        found["targetAttributeName"] for found in mapping(portal.at(second).schema(), "User")["attributeMappings"]
    ]
    assert "title" not in titles
    assert row(portal.schema(), "title")
    portal.of("Eptura").at(second).delete_job()
    assert portal.jobs() == [first]
    with pytest.raises(UnknownAppError, match=f"no synchronization job {second}"):
        portal.at(second).stop()
    portal.delete_job()
    with pytest.raises(UnknownAppError, match="no synchronization job"):
        portal.stop()


def test_a_job_is_quarantined_for_a_reason(by_hand: LocalEntra) -> None:
    portal = by_hand.portal
    portal.set_tenant_url(by_hand.scim.url)
    portal.set_secret_token(by_hand.scim.token)
    portal.start()
    portal.quarantine("TooManyDeletes")
    job = portal.job()
    assert (job["schedule"]["state"], job["status"]["code"]) == ("Active", "Quarantine")
    assert job["status"]["quarantine"]["reason"] == "TooManyDeletes"
    portal.start()
    assert portal.job()["status"]["quarantine"] is None


def test_a_deleted_application_is_restored_with_its_principal(by_hand: LocalEntra) -> None:
    portal = by_hand.portal
    principal, job = portal.service_principal(), portal.job()
    portal.delete_application()
    assert portal.applications() == []
    portal.restore_application()
    assert (portal.service_principal(), portal.job()) == (principal, job)

    portal.delete_service_principal()
    portal.of(principal["id"]).restore_service_principal()
    assert portal.job() == job
    with pytest.raises(UnknownAppError, match="no deleted application"):
        portal.restore_application()


def test_a_choice_of_two_deleted_applications_needs_an_id(by_hand: LocalEntra) -> None:
    portal = by_hand.portal
    portal.create_application("other")
    portal.of("Eptura").delete_application()
    portal.of("other").delete_application()
    with pytest.raises(UnknownAppError, match="2 deleted applications"):
        portal.restore_application()
    portal.of("Eptura").restore_application()
    assert portal.applications() == ["Eptura"]
