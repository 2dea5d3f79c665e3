"""The portal: what a person does by hand arrives in Graph, and nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from eptura_scim.local_entra import Fault, LocalEntra, ODataError, Portal, UnknownAppError
from eptura_scim.mapping import mappings_of
from tests.integration.local_entra.graph_client import App, GraphClient, mapping, row

Edit = Callable[[Portal], Any]
WORK_MAIL = 'emails[type eq "work"].value'


def changed(before: Any, after: Any, path: str = "") -> list[str]:
    """Paths that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = before.keys() | after.keys()
        return [spot for key in keys for spot in changed(before.get(key), after.get(key), f"{path}/{key}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [spot for old, new in zip(before, after, strict=True) for spot in changed(old, new, path)]
    return [] if before == after else [path]


@pytest.mark.parametrize(
    ("edit", "target", "kind", "name", "value"),
    [
        (lambda p: p.set_apply("externalId", "ObjectAddOnly"), "externalId", "User", "flowType", "ObjectAddOnly"),
        (lambda p: p.set_default("title", "Guest"), "title", "User", "defaultValue", "Guest"),
        (lambda p: p.set_matching_precedence("externalId", 2), "externalId", "User", "matchingPriority", 2),
        (lambda p: p.set_flow_behavior("title", "FlowAlways"), "title", "User", "flowBehavior", "FlowAlways"),
        (
            lambda p: p.set_apply("members", "ValueAddOnly", kind="Group"),
            "members",
            "Group",
            "flowType",
            "ValueAddOnly",
        ),
        (
            lambda p: p.set_matching_precedence("externalId", 1, kind="Group"),
            "externalId",
            "Group",
            "matchingPriority",
            1,
        ),
    ],
)
async def test_editing_an_attribute_changes_that_field_alone(
    edit: Edit, target: str, kind: str, name: str, value: object, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    before = await graph.get(app.schema)
    edit(entra.portal)
    after = await graph.get(app.schema)

    assert row(after, target, kind)[name] == value
    assert sorted(changed(before, after)) == [
        f"/synchronizationRules/objectMappings/attributeMappings/{name}",
        "/version",
    ]


async def test_mappings_are_added_removed_and_given_another_source(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    portal = entra.portal
    portal.remove_user_mapping("title")
    portal.add_user_mapping("nickName", 'Append([displayName], "!")', precedence=2)
    portal.set_user_source(WORK_MAIL, "[userPrincipalName]")
    portal.remove_group_mapping("members")
    portal.add_group_mapping("members", "[owners]")
    portal.set_group_source("displayName", "[mailNickname]")

    schema = await graph.get(app.schema)
    assert "title" not in {item["targetAttributeName"] for item in mapping(schema, "User")["attributeMappings"]}
    assert row(schema, "nickName")["source"]["type"] == "Function"
    assert row(schema, "nickName")["matchingPriority"] == 2
    assert row(schema, WORK_MAIL)["source"]["name"] == "userPrincipalName"
    assert row(schema, "members", "Group")["source"]["expression"] == "[owners]"
    assert row(schema, "displayName", "Group")["source"]["name"] == "mailNickname"


async def test_group_matching_is_swapped_and_groups_are_switched(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    portal = entra.portal
    portal.swap_group_matching()
    portal.enable_groups()
    portal.set_object_actions("Add,Update", kind="Group")
    schema = await graph.get(app.schema)
    assert row(schema, "displayName", "Group")["matchingPriority"] == 0
    assert row(schema, "externalId", "Group")["matchingPriority"] == 1
    assert mapping(schema, "Group")["enabled"] is True
    assert mapping(schema, "Group")["flowTypes"] == "Add,Update"

    portal.disable_groups()
    assert mapping(await graph.get(app.schema), "Group")["enabled"] is False
    portal.restore_default_mappings()
    assert row(await graph.get(app.schema), "displayName", "Group")["matchingPriority"] == 1


async def test_a_custom_attribute_can_be_mapped_after_it_is_listed(graph: GraphClient, app: App) -> None:
    portal = graph.entra.portal
    name = "urn:ietf:params:scim:schemas:extension:Eptura:2.0:User:floor"
    with pytest.raises(ODataError, match="floor"):
        portal.add_user_mapping(name, "[city]")

    portal.add_custom_attribute(name)
    portal.add_user_mapping(name, "[city]")

    assert row(await graph.get(app.schema), name)["source"]["name"] == "city"


async def test_a_reformatted_schema_says_the_same_in_other_words(graph: GraphClient, app: App) -> None:
    before = await graph.get(app.schema)
    graph.entra.portal.reformat()
    after = await graph.get(app.schema)

    assert json.dumps(after) != json.dumps(before)
    assert mapping(after, "User")["flowTypes"] == "Delete, Update, Add"
    assert mappings_of(after) == mappings_of(before)


async def test_settings_are_saved_beside_those_that_are_there(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    await graph.connect(app)
    portal = entra.portal
    portal.set_scope("assigned")
    portal.set_notification_email("it@contoso.example")
    portal.set_deletion_threshold(50)
    portal.skip_out_of_scope_deletions()
    portal.set_tenant_url("https://other.example/scim/v1/")

    saved = await graph.saved(app)
    assert saved["SyncAll"] == "false"
    assert json.loads(saved["SyncNotificationSettings"]) == {
        "Enabled": True,
        "Recipients": "it@contoso.example",
        "DeleteThresholdEnabled": True,
        "DeleteThresholdValue": 50,
    }
    assert saved["SkipOutOfScopeDeletions"] == "True"
    assert (saved["BaseAddress"], saved["SecretToken"]) == ("https://other.example/scim/v1/", "*")
    assert portal.secrets() == saved

    portal.set_scope("all")
    portal.set_deletion_threshold(None)
    portal.set_notification_email("")
    settings = json.loads(portal.secrets()["SyncNotificationSettings"])
    assert (settings["Enabled"], settings["DeleteThresholdEnabled"]) == (False, False)
    assert portal.secrets()["SyncAll"] == "true"


@pytest.mark.parametrize("behaviour", ["replace", "merge"])
@pytest.mark.parametrize("masked", ["kept", "written"])
async def test_saving_in_the_portal_keeps_the_token_at_all_switches(
    behaviour: Any, masked: Any, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.secrets_put, entra.switches.secrets_put_masked = behaviour, masked
    entra.portal.set_tenant_url(entra.scim.url)
    entra.portal.set_secret_token(entra.scim.token)
    entra.portal.set_scope("all")

    answer = await graph.ask("POST", f"{app.job_path}/validateCredentials", {"useSavedCredentials": True})
    assert answer.status_code == 204


async def test_provisioning_is_started_stopped_restarted_and_deleted(graph: GraphClient, app: App) -> None:
    portal = graph.entra.portal
    await graph.connect(app)
    portal.start()
    assert portal.job()["schedule"]["state"] == "Active"
    portal.stop()
    assert portal.job()["status"]["code"] == "Paused"
    portal.restart()
    assert portal.restarts() == [["QuarantineState", "Watermark", "Escrows"]]
    portal.delete_job()
    assert (await graph.ask("GET", app.job_path)).status_code == 404
    assert portal.create_job() != app.job


async def test_properties_of_the_enterprise_application(graph: GraphClient, app: App) -> None:
    portal = graph.entra.portal
    portal.rename("renamed")
    portal.disable_sign_in()
    portal.require_assignment(False)
    principal = await graph.get(f"/servicePrincipals/{app.service_principal}")
    assert principal["displayName"] == "renamed"
    assert principal["accountEnabled"] is False
    assert principal["appRoleAssignmentRequired"] is False
    assert (await graph.get(f"/applications/{app.application}"))["displayName"] == "EpturaScimApplication"
    portal.enable_sign_in()
    portal.set_notes("ask Adele")
    portal.set_single_sign_on("saml", "https://eptura.example/login")
    found = portal.service_principal()
    assert (found["accountEnabled"], found["notes"]) == (True, "ask Adele")
    assert (found["preferredSingleSignOnMode"], found["loginUrl"]) == ("saml", "https://eptura.example/login")

    portal.delete_service_principal()
    with pytest.raises(UnknownAppError, match="no service principal"):
        portal.rename("x")
    portal.delete_application()
    assert portal.applications() == []


async def test_an_application_is_chosen_by_name_or_id(graph: GraphClient, entra: LocalEntra) -> None:
    first, second = await graph.new_app("first"), await graph.new_app("second")

    for name in ("second", second.service_principal, second.application):
        entra.portal.of(name).set_scope("all")
        assert await graph.saved(second) == {"SyncAll": "true"}
        await graph.save(second, SyncAll="")
    assert await graph.saved(first) == {}

    with pytest.raises(UnknownAppError, match="2 applications"):
        entra.portal.stop()
    with pytest.raises(UnknownAppError, match="no application has the name or object id 'third'"):
        entra.portal.of("third").stop()


async def test_an_app_that_was_made_by_hand_is_complete(graph: GraphClient, entra: LocalEntra) -> None:
    principal = entra.portal.create_application("by hand")
    job = entra.portal.create_job()
    assert (await graph.get(f"/servicePrincipals/{principal}/synchronization/jobs/{job}"))["id"] == job


async def test_edits_by_hand_are_not_calls_and_meet_no_faults(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    entra.calls.clear()
    entra.faults.add(Fault(times=100))
    entra.portal.set_scope("all")
    assert len(entra.calls) == 0


async def test_what_is_not_there_cannot_be_edited(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    before = await graph.get(app.schema)
    with pytest.raises(UnknownAppError, match="nothing"):
        entra.portal.remove_user_mapping("nothing")
    with pytest.raises(UnknownAppError, match="nothing"):
        entra.portal.set_default("nothing", "x")
    assert await graph.get(app.schema) == before

    def forget_groups(schema: dict[str, Any]) -> None:
        schema["synchronizationRules"][0]["objectMappings"] = [mapping(schema, "User")]

    entra.portal.edit_schema(forget_groups)
    with pytest.raises(UnknownAppError, match="no mapping of Group objects"):
        entra.portal.enable_groups()
