"""The stand-in at work on the local Entra: what is made, what a hand changes, what goes wrong on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from eptura_scim.azuread_stand_in.app_role_assignment import AppRoleAssignment
from eptura_scim.azuread_stand_in.application_from_template import ApplicationFromTemplate
from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.azuread_stand_in.get_application import get_application
from eptura_scim.azuread_stand_in.graph import Graph
from eptura_scim.azuread_stand_in.service_principal import ServicePrincipal
from eptura_scim.azuread_stand_in.synchronization_job import SynchronizationJob
from eptura_scim.local_entra import NON_GALLERY_TEMPLATE, Fault, LocalEntra
from eptura_scim.plugin_sdk.errors import PartlyCreatedError, ResourceError
from eptura_scim.plugin_sdk.resource import Created


class Made(NamedTuple):
    application: Created
    principal: Created
    job: Created


@pytest.fixture
async def graph(entra: LocalEntra) -> AsyncIterator[Graph]:
    connection = Graph(Environment.of(entra.environment))
    yield connection
    await connection.close()


async def up(graph: Graph) -> Made:
    application = ApplicationFromTemplate(graph)
    made = await application.create("", application.inputs(display_name="Eptura", template_id=NON_GALLERY_TEMPLATE))
    found = await get_application({"objectId": made.outputs["applicationObjectId"]}, graph)
    assert found == await get_application({"clientId": found["clientId"]}, graph)
    principal = ServicePrincipal(graph)
    taken_over = await principal.create(
        "", principal.inputs(client_id=found["clientId"], use_existing=True, app_role_assignment_required=True)
    )
    job = SynchronizationJob(graph)
    return Made(
        made,
        taken_over,
        await job.create("", job.inputs(service_principal_id=taken_over.id, template_id="scim", enabled=False)),
    )


async def test_created_objects_are_read_back_the_same(graph: Graph) -> None:
    made = await up(graph)
    for resource, created in zip(
        (ApplicationFromTemplate(graph), ServicePrincipal(graph), SynchronizationJob(graph)), made, strict=True
    ):
        found = await resource.read(created.id, {})  # type: ignore[attr-defined]
        assert found
        assert found[1] == created.outputs


async def test_an_edit_by_hand_is_read(graph: Graph) -> None:
    made = await up(graph)
    await graph.patch(f"/v1.0{made.principal.id}", {"accountEnabled": False, "tags": ["HideApp"]})
    known: dict[str, Any] = {"accountEnabled": True, "featureTags": [{"enterprise": True}]}
    found = await ServicePrincipal(graph).read(made.principal.id, known)
    assert found
    assert found[0].account_enabled is False
    assert found[0].feature_tags
    assert found[0].feature_tags[0].hide


async def test_a_group_is_assigned_read_and_unassigned(entra: LocalEntra, graph: Graph) -> None:
    made = await up(graph)
    group = entra.people.add_group(displayName="Facilities")["id"]
    [role] = [role for role in made.principal.outputs["appRoles"] if role["displayName"] == "User"]
    inputs = {
        "appRoleId": role["id"],
        "principalObjectId": group,
        "resourceObjectId": made.principal.outputs["objectId"],
    }
    resource = AppRoleAssignment(graph)
    assigned = await resource.create("", resource.inputs.model_validate(inputs))
    [there] = entra.people.assignments(made.principal.outputs["objectId"])
    assert assigned.id == f"{made.principal.id}/appRoleAssignedTo/{there['id']}"
    names = {"principalDisplayName": "Facilities", "principalType": "Group", "resourceDisplayName": "Eptura"}
    assert assigned.outputs == {**inputs, **names}

    entra.people.update_group(group, {"displayName": "Workplace"})
    for known in (inputs, {}):
        found = await resource.read(assigned.id, known)
        assert found
        assert found[0].model_dump(by_alias=True) == inputs
        assert found[1]["principalDisplayName"] == "Workplace"
    again = await resource.update("", assigned.id, assigned.outputs, resource.inputs.model_validate(inputs))
    assert again["principalDisplayName"] == "Workplace"
    await resource.delete(assigned.id, assigned.outputs)
    await resource.delete(assigned.id, assigned.outputs)
    assert await resource.read(assigned.id, inputs) is None
    with pytest.raises(ResourceError, match="vanished"):
        await resource.update("", assigned.id, assigned.outputs, resource.inputs.model_validate(inputs))


async def test_an_application_is_renamed(entra: LocalEntra, graph: Graph) -> None:
    made = (await up(graph)).application
    resource = ApplicationFromTemplate(graph)
    new = resource.inputs(display_name="Workplace", template_id=NON_GALLERY_TEMPLATE)
    outputs = await resource.update("", made.id, made.outputs, new)
    assert outputs == {**made.outputs, "displayName": "Workplace"}
    assert entra.portal.applications() == ["Workplace"]


async def test_older_features_and_the_relay_state_are_written_and_read(entra: LocalEntra, graph: Graph) -> None:
    made = (await up(graph)).principal
    resource = ServicePrincipal(graph)
    wanted = {
        "features": [{"enterpriseApplication": True, "visibleToUsers": False}],
        "samlSingleSignOn": {"relayState": "/home"},
    }
    given = {"clientId": made.outputs["clientId"], "useExisting": True, **wanted}
    await resource.update("", made.id, made.outputs, resource.inputs.model_validate(given))
    assert entra.portal.service_principal()["tags"] == ["WindowsAzureActiveDirectoryIntegratedApp", "HideApp"]

    await graph.patch(f"/v1.0{made.id}", {"samlSingleSignOnSettings": {"relayState": "/by-hand"}})
    found = await resource.read(made.id, given)
    assert found
    read = found[0].model_dump(by_alias=True, exclude_unset=True)
    assert read["samlSingleSignOn"] == {"relayState": "/by-hand"}
    assert read["features"][0]["visibleToUsers"] is False


async def test_owners_and_notes_are_set_read_and_changed(entra: LocalEntra, graph: Graph) -> None:
    made = await up(graph)
    me = entra.tenant.principal_id
    adele, beth = (
        str(entra.people.add_user(userPrincipalName=f"{name}@contoso.example")["id"]) for name in ("adele", "beth")
    )
    resource = ServicePrincipal(graph)
    assert made.principal.outputs["owners"] == [me]

    async def written(old: dict[str, Any], **wanted: Any) -> dict[str, Any]:
        inputs = resource.inputs.model_validate({"clientId": old["clientId"], "useExisting": True, **wanted})
        return await resource.update("", made.principal.id, old, inputs)

    entra.calls.clear()
    outputs = await written(made.principal.outputs, owners=[beth, me, adele], notes="Facilities, room 5")
    assert outputs["owners"] == [beth, me, adele]
    assert outputs["notes"] == "Facilities, room 5"
    added = [call for call in entra.calls.writes() if call.action == "$ref"]
    assert [call.method for call in added] == ["POST", "POST"]
    assert {call.body["@odata.id"] for call in added} == {
        f"{entra.url}/v1.0/directoryObjects/{owner}" for owner in (adele, beth)
    }

    found = await resource.read(made.principal.id, {"owners": [me, adele, beth], "notes": "other"})
    assert found
    assert (found[0].owners, found[0].notes) == ([me, adele, beth], "Facilities, room 5")
    imported = await resource.read(made.principal.id, {})
    assert imported
    assert set(imported[0].owners or []) == {me, adele, beth}

    entra.calls.clear()
    outputs = await written(outputs, owners=[adele, beth, me])
    assert [call.method for call in entra.calls.writes()] == ["PATCH"], "the same owners in another order"
    outputs = await written(outputs, owners=[adele])
    assert outputs["owners"] == [adele]
    assert [owner["id"] for owner in (await graph.get(f"/v1.0{made.principal.id}/owners"))["value"]] == [adele]
    assert (await written({"clientId": outputs["clientId"]}))["owners"] == [adele], "there were none in the state"
    assert (await written(outputs))["owners"] == [], "owners that the program does not set are removed"


async def test_what_is_deleted_is_gone(graph: Graph) -> None:
    made = await up(graph)
    await SynchronizationJob(graph).delete(made.job.id, made.job.outputs)
    assert await SynchronizationJob(graph).read(made.job.id, {}) is None
    await ServicePrincipal(graph).delete(made.principal.id, {"useExisting": True})
    await ApplicationFromTemplate(graph).delete(made.application.id, made.application.outputs)
    assert await ApplicationFromTemplate(graph).read(made.application.id, {}) is None


async def test_objects_that_appear_late_are_waited_for(entra: LocalEntra, graph: Graph) -> None:
    entra.faults.add(Fault(kind="lag", times=3))
    made = await up(graph)
    assert made.job.outputs["enabled"] is False


async def test_throttling_is_waited_out(entra: LocalEntra, graph: Graph) -> None:
    entra.faults.add(Fault(method="POST", path="/instantiate$", status=429, retry_after=0))
    await up(graph)
    assert not entra.faults.pending()
    assert entra.portal.applications() == ["Eptura"]


async def test_a_creation_with_lost_answer_makes_a_second_application(entra: LocalEntra, graph: Graph) -> None:
    entra.faults.add(Fault(method="POST", path="/instantiate$", status=504, retry_after=0, applied=True))
    await up(graph)
    assert entra.portal.applications() == ["Eptura", "Eptura"]


async def test_a_principal_with_refused_fields_is_kept_in_the_state(entra: LocalEntra, graph: Graph) -> None:
    entra.portal.create_application("Eptura")
    there = entra.portal.service_principal()
    resource = ServicePrincipal(graph)
    inputs = resource.inputs(client_id=there["appId"], use_existing=True, notes="ours")
    entra.faults.add(Fault(method="PATCH", status=403))
    with pytest.raises(PartlyCreatedError, match="403") as caught:
        await resource.create("", inputs)
    assert caught.value.id == f"/servicePrincipals/{there['id']}"
    await resource.update("", caught.value.id, {}, inputs)
    assert entra.portal.service_principal()["notes"] == "ours"


async def test_a_missing_permission_is_a_single_line(entra: LocalEntra, graph: Graph) -> None:
    entra.faults.add(Fault(method="POST", path="/instantiate$", status=403))
    with pytest.raises(ResourceError, match=r"instantiate: 403 Authorization_RequestDenied: Insufficient privileges"):
        await up(graph)


async def test_a_wrong_secret_is_refused(entra: LocalEntra) -> None:
    wrong = Graph(Environment.of({**entra.environment, "ARM_CLIENT_SECRET": "wrong"}))
    with pytest.raises(ResourceError, match="refused the login with ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET"):
        await wrong.get("/v1.0/applications")


async def test_a_certificate_that_is_not_trusted_names_the_variable(entra: LocalEntra) -> None:
    without = {name: value for name, value in entra.environment.items() if name != "SSL_CERT_FILE"}
    with pytest.raises(ResourceError, match="is not trusted; SSL_CERT_FILE must name its CA"):
        await Graph(Environment.of(without)).get("/v1.0/applications")


async def test_a_service_principal_that_was_deleted_is_made_again(entra: LocalEntra, graph: Graph) -> None:
    made = await up(graph)
    entra.portal.delete_service_principal()
    impatient = Graph(Environment.of(entra.environment), sleep=_no_sleep)
    resource = ServicePrincipal(impatient)
    again = await resource.create(
        "", resource.inputs(client_id=made.principal.outputs["clientId"], use_existing=True, notes="again")
    )
    await impatient.close()
    assert again.id != made.principal.id
    assert entra.portal.service_principal()["notes"] == "again"


async def _no_sleep(_seconds: float) -> None:
    return
