"""Provisioning logs, the audit log and object connections over HTTP.

Sources: Microsoft Graph, provisioningObjectSummary, directoryAudit; Graph beta, "Manage provisioning object
connections"; the query of the provisioning logs is that of Microsoft's SCIM validator.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.cycle_tenant import CycleTenant
from tests.integration.local_entra.graph_client import App, GraphClient, error

LOG = "/auditLogs/provisioning"
AUDITS = "/auditLogs/directoryAudits"


@pytest.fixture
def tenant() -> CycleTenant:
    return CycleTenant()


@pytest.fixture
async def client(tenant: CycleTenant) -> AsyncIterator[GraphClient]:
    found = GraphClient.in_process(tenant.entra)
    async with found.http:
        yield found


async def logged(client: GraphClient, condition: str = "", **options: str) -> list[Any]:
    query = "&".join(f"${name}={quote(value)}" for name, value in {"filter": condition, **options}.items() if value)
    found: list[Any] = (await client.get(f"{LOG}?{query}"))["value"]
    return found


async def test_the_logs_tell_what_a_cycle_did(tenant: CycleTenant, client: GraphClient) -> None:
    ann, bob = tenant.user("ann"), tenant.user("bob", accountEnabled=False)
    tenant.group("floor", ann)
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "Bell"})
    await tenant.cycle()

    query = (
        f"jobId eq '{tenant.job}' and servicePrincipal/id eq '{tenant.principal}' and sourceIdentity/id eq '{ann}' "
        "and provisioningAction eq '{action}'"
    )
    [created] = await logged(client, query.replace("{action}", "Create"), orderby="activityDateTime desc", top="1")
    assert created["provisioningStatusInfo"] == {"status": "success", "errorInformation": None}
    assert created["targetIdentity"]["id"] == tenant.scim_user("ann")["id"]
    assert created["sourceIdentity"]["displayName"] == "ann@contoso.example"
    assert [step["provisioningStepType"] for step in created["provisioningSteps"]] == ["import", "scoping", "export"]

    [updated] = await logged(client, query.replace("{action}", "update"))
    changed = {item["displayName"]: (item["oldValue"], item["newValue"]) for item in updated["modifiedProperties"]}
    assert changed["name.familyName"] == ("Abel", "Bell")
    assert updated["cycleId"] != created["cycleId"]

    [skipped] = await logged(client, f"sourceIdentity/id eq '{bob}'")
    assert skipped["provisioningStatusInfo"]["status"] == "skipped"
    assert skipped["provisioningStatusInfo"]["errorInformation"]["errorCode"] == "NotEffectivelyEntitled"
    [group, _] = await logged(client, "sourceIdentity/identityType eq 'Group'")
    assert (group["provisioningAction"], group["sourceIdentity"]["displayName"]) == ("update", "floor")


async def test_the_logs_name_a_failure_and_keep_the_token_out(tenant: CycleTenant, client: GraphClient) -> None:
    tenant.user("ann")
    tenant.answer(400, method="POST", path="/Users")
    await tenant.cycle()

    [failed] = await logged(client, "provisioningStatusInfo/status eq 'failure'")
    assert failed["provisioningStatusInfo"]["errorInformation"]["errorCode"] == (
        "SystemForCrossDomainIdentityManagementBadRequest"
    )
    assert tenant.entra.scim.token not in str(await logged(client))


async def test_provision_on_demand_is_in_the_logs(tenant: CycleTenant, client: GraphClient) -> None:
    ann = tenant.user("ann")
    rule = tenant.portal.schema()["synchronizationRules"][0]["id"]
    subject = {"objectId": ann, "objectTypeName": "User"}
    body = {"parameters": [{"ruleId": rule, "subjects": [subject]}]}
    path = f"/servicePrincipals/{tenant.principal}/synchronization/jobs/{tenant.job}/provisionOnDemand"
    assert (await client.ask("POST", path, body)).status_code == 200
    [entry] = await logged(client)
    assert (entry["provisioningAction"], entry["sourceIdentity"]["id"]) == ("create", ann)


async def test_the_logs_come_page_by_page_newest_first(tenant: CycleTenant, client: GraphClient) -> None:
    for number in range(5):
        tenant.user(f"user{number}")
    await tenant.cycle()
    page = await client.get(f"{LOG}?$top=3&$select=id")
    rest = await client.get(page["@odata.nextLink"].partition("/v1.0")[2])
    seen = [item["id"] for item in page["value"] + rest["value"]]
    assert seen == [entry["id"] for entry in tenant.entra.provisioning.log.entries()]
    assert len(set(seen)) == 5


@pytest.mark.parametrize(("granted", "status"), [
    (["AuditLog.Read.All", "Directory.Read.All"], 200),
    (["AuditLog.Read.All"], 403),
    (["Directory.Read.All", "Synchronization.ReadWrite.All"], 403),
])  # fmt: skip
async def test_the_logs_need_both_permissions(granted: list[str], status: int, client: GraphClient) -> None:
    client.entra.permissions.only(*granted)
    client.token = (await client.login()).json()["access_token"]
    for path in (LOG, AUDITS):
        assert (await client.ask("GET", path)).status_code == status


async def test_the_audit_log_says_who_changed_what(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    await graph.connect(app)
    await graph.ask("PATCH", f"/servicePrincipals/{app.service_principal}", {"notes": "by a program"})
    entra.portal.rename("By hand")
    entra.portal.start()

    found = (await graph.get(f"{AUDITS}?$top=3"))["value"]
    assert [entry["activityDisplayName"] for entry in found] == [
        "Enable/start provisioning configuration",
        "Update service principal",
        "Update service principal",
    ]
    assert [entry["initiatedBy"]["user"] is not None for entry in found] == [True, True, False]
    assert found[2]["initiatedBy"]["app"]["appId"] == entra.tenant.client_id
    assert found[1]["targetResources"][0]["modifiedProperties"] == [
        {"displayName": "displayName", "oldValue": '"EpturaScimApplication"', "newValue": '"By hand"'}
    ]
    condition = quote(
        "loggedByService eq 'Account Provisioning' and activityDisplayName eq 'Add provisioning configuration'"
    )
    [added] = (await graph.get(f"{AUDITS}?$filter={condition}"))["value"]
    assert await graph.get(f"{AUDITS}/{added['id']}") == {"@odata.context": added_context(entra), **added}
    assert entra.scim.token not in str((await graph.get(AUDITS))["value"])


def added_context(entra: LocalEntra) -> str:
    return f"{entra.url}/v1.0/$metadata#auditLogs/directoryAudits/$entity"


async def test_the_relationship_of_an_object_is_read_and_deleted(tenant: CycleTenant, client: GraphClient) -> None:
    ann = tenant.user("ann")
    await tenant.cycle()
    path = f"/servicePrincipals/{tenant.principal}/synchronization/jobs/{tenant.job}/objectConnections"

    found = await client.get(f"{path}('{ann}')", version="beta")
    assert found["targetAnchor"] == tenant.scim_user("ann")["id"]
    assert (found["objectId"], found["displayName"], found["objectTypeName"]) == (ann, "Ann", "User")
    assert (await client.ask("GET", f"{path}/{ann}")).status_code == 400, "beta only"
    assert (await client.ask("GET", path, version="beta")).status_code == 400
    assert (await client.ask("GET", f"{path}/{tenant.principal}", version="beta")).status_code == 404

    refused = await client.ask("DELETE", f"{path}('{ann}')", version="beta")
    assert (refused.status_code, error(refused)["code"]) == (409, "Conflict")
    tenant.portal.stop()
    for _ in range(2):
        assert (await client.ask("DELETE", f"{path}('{ann}')", version="beta")).status_code == 204
    assert (await client.ask("GET", f"{path}/{ann}", version="beta")).status_code == 404


async def test_a_deleted_connection_is_the_cure_for_a_lost_counterpart(
    tenant: CycleTenant, client: GraphClient
) -> None:
    ann = tenant.user("ann")
    await tenant.cycle()
    await tenant.scim("DELETE", f"/Users/{tenant.scim_user('ann')['id']}")
    tenant.people.update_user(ann, {"surname": "Bell"})
    [lost] = (await tenant.cycle()).outcomes
    assert lost.code == "InvalidAnchor"

    tenant.portal.stop()
    path = f"/servicePrincipals/{tenant.principal}/synchronization/jobs/{tenant.job}/objectConnections('{ann}')"
    assert (await client.ask("DELETE", path, version="beta")).status_code == 204
    tenant.portal.start()
    tenant.people.update_user(ann, {"surname": "Cole"})
    await tenant.cycle()
    assert tenant.scim_user("ann")["name"]["familyName"] == "Cole"
