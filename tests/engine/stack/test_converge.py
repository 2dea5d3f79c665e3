"""The main job: `up` converges, a second run finds nothing to do, and every Graph call has a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eptura_scim import documented
from eptura_scim.engine import Deployment, DeploymentError
from eptura_scim.local_entra import Fault, LoggedCall
from eptura_scim.mapping import ObjectActions, mappings_of

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Deploy, Differing


def ours(entra: LocalEntra) -> list[LoggedCall]:
    return [call for call in entra.calls if call.user_agent.startswith("eptura-scim")]


def acts(entra: LocalEntra) -> list[str]:
    """What our plugin did in order, reads left out."""
    return [f"{call.method} {call.action}" for call in ours(entra) if call.method != "GET" and call.area != "login"]


def test_a_first_up_tests_saves_maps_and_starts_in_this_order(deployment: Deployment, entra: LocalEntra) -> None:
    outcome = deployment.up()
    assert outcome.changed == {"create": 9}
    assert acts(entra) == ["POST jobs", "POST validateCredentials", "PUT secrets", "PUT schema", "POST start"]


def test_after_up_entra_is_as_the_guide_says(deployment: Deployment, entra: LocalEntra) -> None:
    deployment.up()
    portal = entra.portal
    assert portal.service_principal()["displayName"] == "EpturaScimApplication"
    assert portal.service_principal()["applicationTemplateId"] == documented.NON_GALLERY_TEMPLATES["public"]
    assert portal.job()["templateId"] == "scim"
    assert portal.secrets()["BaseAddress"] == entra.scim.url
    assert portal.secrets()["SyncAll"] == "true"
    assert portal.job()["schedule"]["state"] == "Active"
    assert mappings_of(portal.schema()) == documented.mappings()


@pytest.mark.slow
def test_a_run_without_changes_reads_once_and_writes_nothing(deployment: Deployment, entra: LocalEntra) -> None:
    deployment.up()
    entra.calls.clear()
    assert deployment.preview(expect_no_changes=True).changed == {}
    reads = [call.area for call in ours(entra) if call.method == "GET" and call.area not in {"metadata", "login"}]
    expected = ["application", "job", "job", "schema", "secrets", "servicePrincipal"]
    assert sorted(reads) == expected, "a job by SynchronizationJob, all jobs by SynchronizationJobState"
    assert entra.calls.writes() == []

    entra.calls.clear()
    assert deployment.up().changed == {}
    assert entra.calls.writes() == []
    assert (
        len([call for call in entra.calls.logins() if "eptura" in call.user_agent or "identity" in call.user_agent])
        == 1
    )


@pytest.mark.slow
def test_every_setting_reaches_entra_and_is_read_back_equal(
    deploy: Deploy, entra: LocalEntra, differing: Differing
) -> None:
    deployment = deploy(
        applicationName="Eptura people",
        phoneWork="e164",
        phoneMobile="rfc3966",
        groupMatching="externalIdOnly",
        scope="assigned",
        provisioning="off",
        notificationEmail="ops@example.com",
        accidentalDeletionThreshold="50",
        skipOutOfScopeDeletions="on",
        userFilter='department EQUALS "sales" OR jobTitle IS NOT NULL',
        groupFilter="displayName ENDS_WITH -eptura",
        userActions="create,update",
        notes="run by operations",
    )
    deployment.up()
    assert entra.portal.service_principal()["displayName"] == "Eptura people"
    assert entra.portal.secrets()["SyncAll"] == "false"
    assert '"Recipients":"ops@example.com"' in entra.portal.secrets()["SyncNotificationSettings"]
    assert '"DeleteThresholdValue":50' in entra.portal.secrets()["SyncNotificationSettings"]
    assert entra.portal.job()["schedule"]["state"] != "Active"
    assert "POST start" not in acts(entra)
    assert entra.portal.secrets()["SkipOutOfScopeDeletions"] == "True"
    assert entra.portal.service_principal()["notes"] == "run by operations"
    assert mappings_of(entra.portal.schema()) == documented.mappings(
        phone_work="e164",
        phone_mobile="rfc3966",
        group_matching="externalIdOnly",
        user_filter='department EQUALS "sales" OR jobTitle IS NOT NULL',
        group_filter='displayName ENDS_WITH "-eptura"',
        user_actions=ObjectActions(delete=False),
    )
    assert differing(deployment) == {}


@pytest.mark.slow
def test_changing_settings_changes_only_what_they_say(deploy: Deploy, differing: Differing) -> None:
    deploy().up()
    assert differing(deploy(scope="assigned")) == {
        "SynchronizationSecrets": ["scope"],
        "SynchronizationJobState": ["provisioningStatus"],
    }
    assert differing(deploy(provisioning="off")) == {
        "SynchronizationJob": ["configuration.provisioningStatus"],
        "SynchronizationJobState": ["provisioningStatus"],
    }
    assert differing(deploy(phoneMobile="direct")) == {
        "SynchronizationSchema": [r'users["phoneNumbers[type eq \"mobile\"].value"]']
    }
    assert differing(deploy(notificationEmail="ops@example.com")) == {"SynchronizationSecrets": ["notificationEmail"]}


@pytest.mark.slow
def test_throttling_lag_and_stale_reads_are_waited_out(deployment: Deployment, entra: LocalEntra) -> None:
    entra.faults.add(
        Fault(method="POST", path="/jobs$", kind="lag", times=2),
        Fault(method="PUT", path="/schema$", kind="stale", times=1),
        Fault(method="PUT", path="/secrets$", kind="stale", times=1),
        Fault(method="GET", path="/schema$", status=429, retry_after=1),
        Fault(method="PUT", path="/schema$", status=503),
    )
    deployment.up()
    entra.faults.clear()
    assert deployment.preview(expect_no_changes=True).changed == {}
    assert len([call for call in entra.calls.of("schema", "PUT") if call.status < 300]) == 1


def test_all_wrong_settings_are_an_error_before_any_call(deploy: Deploy, entra: LocalEntra) -> None:
    deployment = deploy(
        tenantUrl="https://<EPTURA-SCIM-Domain>/scim/v1/", scope="everyone", provisioning="maybe", notificationEmial="x"
    )
    with pytest.raises(DeploymentError) as caught:
        deployment.up()
    text = str(caught.value)
    assert all(name in text for name in ("tenantUrl:", "scope:", "provisioning:"))
    assert "notificationEmial: is not a setting; did you mean notificationEmail?" in text
    assert "Traceback" not in caught.value.outcome.text
    assert entra.calls.writes() == []


@pytest.mark.slow
def test_destroy_stops_provisioning_and_leaves_nothing_behind(deployment: Deployment, entra: LocalEntra) -> None:
    deployment.up()
    entra.calls.clear()
    deployment.destroy()
    assert entra.portal.applications() == []
    written = [act for act in acts(entra) if act != "POST validateCredentials"]
    assert [act.partition("scim.")[0] for act in written] == ["POST pause", "PUT secrets", "DELETE "]
