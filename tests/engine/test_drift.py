"""After each edit in the portal, preview names exactly that; up repairs it; the next preview is clean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from eptura_scim.emulator import Portal
from eptura_scim.engine import Deployment

if TYPE_CHECKING:
    from eptura_scim.emulator import LocalEntra
    from tests.engine.conftest import Deploy, Differing

WORK_MAIL = 'emails[type eq "work"].value'


class Edit(NamedTuple):
    """What a person does, and the paths that have to be named."""

    what: str
    make: Callable[[Portal], object]
    named: dict[str, list[str]]


def schema(*paths: str) -> dict[str, list[str]]:
    return {"SynchronizationSchema": sorted(paths)}


EDITS = [
    Edit("adds a mapping", lambda p: p.add_user_mapping("title", "[jobTitle]"), schema("users.title")),
    Edit("removes a mapping", lambda p: p.remove_user_mapping("name.givenName"), schema('users["name.givenName"]')),
    Edit(
        "takes a mapping from another attribute",
        lambda p: p.set_user_source(WORK_MAIL, "[userPrincipalName]"),
        schema(r'users["emails[type eq \"work\"].value"].source'),
    ),
    Edit("sets a default", lambda p: p.set_default("externalId", "none"), schema("users.externalId.defaultValue")),
    Edit(
        "applies externalId at creation only",
        lambda p: p.set_apply("externalId", "ObjectAddOnly"),
        schema("users.externalId.apply"),
    ),
    Edit(
        "swaps the matching of groups",
        lambda p: p.swap_group_matching(),
        schema("groups.displayName.matchingPrecedence", "groups.externalId.matchingPrecedence"),
    ),
    Edit("removes a group mapping", lambda p: p.remove_group_mapping("members"), schema("groups.members")),
    Edit("disables groups", lambda p: p.disable_groups(), schema("provisionGroups")),
    Edit("narrows the scope", lambda p: p.set_scope("assigned"), {"SynchronizationSecrets": ["scope"]}),
    Edit(
        "sets a notification e-mail",
        lambda p: p.set_notification_email("x@example.com"),
        {"SynchronizationSecrets": ["notificationEmail"]},
    ),
    Edit("stops provisioning", lambda p: p.stop(), {"SynchronizationJobState": ["provisioningStatus"]}),
    Edit("disables sign-in", lambda p: p.disable_sign_in(), {"ServicePrincipal": ["accountEnabled"]}),
    Edit(
        "lifts the assignment requirement",
        lambda p: p.require_assignment(False),
        {"ServicePrincipal": ["appRoleAssignmentRequired"]},
    ),
]


def test_each_edit_adds_exactly_its_own_line_to_the_preview_and_one_up_repairs_them_all(
    deployment: Deployment, entra: LocalEntra, differing: Differing
) -> None:
    deployment.up()
    named: dict[str, set[str]] = {}
    for edit in EDITS:
        edit.make(entra.portal)
        for resource, paths in edit.named.items():
            named.setdefault(resource, set()).update(paths)
        assert differing(deployment) == {resource: sorted(paths) for resource, paths in named.items()}, edit.what
    deployment.up()
    assert differing(deployment) == {}


def test_all_edits_at_once_are_named_in_one_preview_in_words(deployment: Deployment, entra: LocalEntra) -> None:
    deployment.up()
    entra.portal.add_user_mapping("title", "[jobTitle]")
    entra.portal.set_user_source("userName", "[mail]")
    entra.portal.set_scope("assigned")
    entra.portal.set_tenant_url(f"{entra.scim.url}?aadOptscim062020")
    text = deployment.preview().text
    assert '- users.title: "[jobTitle]"' in text
    assert '~ users.userName.source: "[mail]" => "[userPrincipalName]"' in text
    assert '~ scope: "assigned" => "all"' in text
    assert f'~ tenantUrl: "{entra.scim.url}?aadOptscim062020" => "{entra.scim.url}"' in text
    assert "changed mappings start a new initial cycle over all users and groups" in text
    assert "keep their externalId" not in text
    assert deployment.up().changed == {"update": 2}
    assert deployment.preview(expect_no_changes=True).changed == {}


def test_a_repaired_external_id_comes_with_what_cannot_be_repaired(deployment: Deployment, entra: LocalEntra) -> None:
    deployment.up()
    entra.portal.set_user_source("externalId", "[mailNickname]")
    assert "users who were provisioned before keep their externalId" in deployment.preview().text


def test_a_narrower_scope_in_the_program_is_warned_of(deploy: Deploy) -> None:
    deploy().up()
    assert "users and groups that are not assigned will be disabled" in deploy(scope="assigned").preview().text


def test_formatting_and_custom_attributes_are_nobodys_drift_and_survive_an_up(
    deployment: Deployment, entra: LocalEntra, differing: Differing
) -> None:
    deployment.up()
    entra.portal.add_custom_attribute("urn:ietf:params:scim:schemas:extension:Own:2.0:User:floor")
    entra.portal.reformat()
    assert differing(deployment) == {}
    entra.portal.add_user_mapping("title", "[jobTitle]")
    deployment.up()
    assert "extension:Own:2.0:User:floor" in str(entra.portal.schema()["directories"])


def test_a_deleted_job_is_made_again_with_all_that_belongs_to_it(
    deployment: Deployment, entra: LocalEntra, differing: Differing
) -> None:
    deployment.up()
    entra.portal.delete_job()
    assert "SynchronizationJob" in differing(deployment)
    deployment.up()
    assert entra.portal.job()["schedule"]["state"] == "Active"
    assert differing(deployment) == {}


def test_a_deleted_application_is_made_again(deployment: Deployment, entra: LocalEntra, differing: Differing) -> None:
    deployment.up()
    entra.portal.delete_application()
    deployment.up()
    assert entra.portal.applications() == ["EpturaScimApplication"]
    assert differing(deployment) == {}
