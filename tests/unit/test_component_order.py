"""The component: what waits for what, what it does not change, and what counts as a change."""

from __future__ import annotations

from random import Random
from typing import Any

import pulumi
import pytest

from eptura_scim.component import EpturaScimProvisioning, EpturaScimProvisioningArgs
from tests.outcomes import program
from tests.outcomes.program import Declared
from tests.unit.declarations import Declarations, declared_by

GROUP = "0f0e0d0c-0b0a-4908-8706-050403020100"
USER = "1f1e1d1c-1b1a-4918-8716-151413121110"
OWN: EpturaScimProvisioningArgs = {"tenant_url": "https://scim.eptura.example/scim/v1/", "secret_token": "s3cret-token"}


def declared(**arguments: Any) -> Declarations:
    given: Any = {**OWN, **arguments}
    return declared_by(lambda: EpturaScimProvisioning("eptura", given))


def before(found: Declarations, kind: str) -> set[str]:
    """The kinds of all resources that have to be finished before one of this kind is made."""
    waiting, seen = {found.one(kind).urn}, set[str]()
    while waiting := {urn for one in waiting for urn in found.resources[one].dependencies} - seen:
        seen |= waiting
    return {found.resources[urn].type.rsplit(":", 1)[-1] for urn in seen}


def test_the_start_comes_last_and_the_mappings_before_it() -> None:
    found = declared(assigned_groups=[GROUP])
    job = {"ApplicationFromTemplate", "ServicePrincipal", "SynchronizationJob"}
    assert before(found, "EnterpriseApplicationName") == {"ApplicationFromTemplate", "ServicePrincipal"}
    assert before(found, "AppRoleAssignment") == job
    assert before(found, "SynchronizationSecrets") == job | {"AppRoleAssignment"}
    assert before(found, "SynchronizationSchema") == job | {"AppRoleAssignment", "SynchronizationSecrets"}
    assert before(found, "SynchronizationJobState") == job | {
        "AppRoleAssignment",
        "SynchronizationSecrets",
        "SynchronizationSchema",
    }
    directly = {
        found.resources[urn].type.rsplit(":", 1)[-1] for urn in found.one("SynchronizationJobState").dependencies
    }
    assert {"SynchronizationSecrets", "SynchronizationSchema"} <= directly


class RefusedLogin(Declarations):
    """A login that lacks a permission."""

    def invoke(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if token.endswith(":checkLogin"):
            raise RuntimeError("the login lacks a permission")
        return super().invoke(token, arguments)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_made_with_a_login_that_is_refused(seed: int) -> None:
    found = RefusedLogin(preview=False, outputs={})
    with pytest.raises(pulumi.RunError, match="the login lacks a permission"):
        program.run(lambda: EpturaScimProvisioning("eptura", OWN), found, Random(seed))
    assert [one.name for one in found.resources.values() if one.custom] == []


def principal(**arguments: Any) -> Declared:
    return declared(**arguments).one("ServicePrincipal")


def test_the_service_principal_of_the_template_is_taken_over() -> None:
    found = principal(owners=[USER]).inputs
    assert found["useExisting"] is True
    assert found["owners"] == [USER]
    (tags,) = found["featureTags"]
    assert tags["enterprise"] is True


SINGLE_SIGN_ON = {
    "alternativeNames", "description", "loginUrl", "notificationEmailAddresses", "preferredSingleSignOnMode",
    "samlSingleSignOn",
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "ignored"),
    [
        ({}, {"notes", "owners"}),
        ({"notes": "Ask IT."}, {"owners"}),
        ({"owners": [USER]}, {"notes"}),
        ({"notes": "Ask IT.", "owners": [USER]}, set()),
    ],
    ids=["neither", "notes", "owners", "both"],
)
def test_notes_and_owners_are_ignored_unless_they_are_set(arguments: dict[str, Any], ignored: set[str]) -> None:
    assert {*principal(**arguments).ignore_changes} == SINGLE_SIGN_ON | ignored


def test_azureads_job_of_the_component_continues_as_this_job() -> None:
    (alias,) = declared().one("SynchronizationJob").aliases
    assert alias.endswith("$azuread:index/synchronizationJob:SynchronizationJob::eptura")


@pytest.mark.parametrize(("provisioning", "status"), [(True, "On"), (False, "Off")])
def test_provisioning_is_on_or_off_as_declared(provisioning: bool, status: str) -> None:
    found = declared(provisioning=provisioning)
    state = found.one("SynchronizationJobState").inputs
    assert (state["provisioningStatus"], state["configuration"]["provisioningStatus"]) == (status, status)
    assert found.one("SynchronizationJob").inputs["configuration"]["provisioningStatus"] == status


@pytest.mark.parametrize(
    ("group", "changes"),
    [
        ("secrets", {"tenant_url": "https://other.eptura.example/scim/v1/"}),
        ("secrets", {"scope": "assigned"}),
        ("secrets", {"skip_out_of_scope_deletions": True}),
        ("mappings", {"phone_work": "e164"}),
        ("mappings", {"phone_mobile": "e164"}),
        ("mappings", {"group_matching": "externalIdOnly"}),
        ("mappings", {"user_filter": 'department EQUALS "sales"'}),
        ("mappings", {"group_filter": 'displayName EQUALS "sales"'}),
        ("mappings", {"user_actions": ["create"]}),
        ("mappings", {"group_actions": ["create"]}),
        ("assignments", {"assigned_users": [USER]}),
        ("assignments", {"assigned_groups": [GROUP]}),
        (None, {"notification_email": "it@contoso.example"}),
        (None, {"secret_token": "another-token"}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_each_argument_counts_as_a_change_of_its_group(group: str | None, changes: dict[str, Any]) -> None:
    old, new = (declared(**args).one("SynchronizationJob").inputs["configuration"] for args in ({}, changes))
    assert {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} == ({group} - {None})
