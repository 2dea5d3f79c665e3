"""Provision on demand.

Source: Microsoft Graph, synchronizationJob: provisionOnDemand; Microsoft, "On-demand provisioning".
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from eptura_scim.local_entra import Switches
from tests.integration.local_entra.cycle_tenant import CycleTenant
from tests.integration.local_entra.graph_client import GraphClient, error

RULE = "03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8"


class Asked:
    """An answer, unpacked."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.context = answer["@odata.context"]
        self.key = json.loads(answer["key"])
        self.value = json.loads(answer["value"])

    @property
    def result(self) -> tuple[str, str]:
        return self.key["result"], self.key["details"].get("errorCode", "")

    @property
    def steps(self) -> list[tuple[str, str, str]]:
        return [(step["name"], step["type"], step["status"]) for step in self.value["provisioningSteps"]]

    def details(self, kind: str) -> dict[str, str]:
        [found] = [step["details"] for step in self.value["provisioningSteps"] if step["type"] == kind]
        return dict(found)


class OnDemandTenant(CycleTenant):
    graph: GraphClient

    async def ask(self, source: str, kind: str = "User", members: list[str] | None = None, rule: str = RULE) -> Any:
        subject: dict[str, Any] = {"objectId": source, "objectTypeName": kind}
        if members is not None:
            subject["links"] = {"members": [{"objectId": member, "objectTypeName": "User"} for member in members]}
        path = f"/servicePrincipals/{self.principal}/synchronization/jobs/{self.job}/provisionOnDemand"
        self.entra.provisioning.requests.clear()
        return await self.graph.ask("POST", path, {"parameters": [{"ruleId": rule, "subjects": [subject]}]})

    async def provision(self, source: str, kind: str = "User", members: list[str] | None = None) -> Asked:
        answer = await self.ask(source, kind, members)
        assert answer.status_code == 200, answer.text
        return Asked(answer.json())


@pytest.fixture
async def tenant() -> AsyncIterator[OnDemandTenant]:
    made = OnDemandTenant()
    made.graph = GraphClient.in_process(made.entra)
    async with made.graph.http:
        yield made


async def test_a_new_user_is_created_and_each_step_told(tenant: OnDemandTenant) -> None:
    ann = tenant.user("ann")
    asked = await tenant.provision(ann)

    assert asked.context.endswith("/v1.0/$metadata#microsoft.graph.stringKeyStringValuePair")
    assert asked.key == {"result": "Success", "details": {}}
    assert asked.steps == [
        ("EntryImport", "Import", "Success"),
        ("EntrySynchronizationScoping", "Scoping", "Success"),
        ("EntryExportAdd", "Export", "Success"),
    ]
    value = asked.value
    assert (value["action"], value["reportableIdentifier"]) == ("Create", "ann@contoso.example")
    assert value["statusInfo"]["status"] == "Success"
    assert value["sourceIdentity"]["id"] == ann
    assert value["targetIdentity"] == {
        "id": tenant.scim_user("ann")["id"],
        "type": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "displayName": None,
        "details": None,
    }
    assert value["targetSystem"]["name"] == "customappsso"
    assert {"displayName": "active", "oldValue": None, "newValue": "True"} in value["modifiedProperties"]
    assert asked.details("Import")["IsSoftDeleted"] == "False"
    assert asked.details("Scoping")["Assigned"] == "True"


async def test_an_equal_user_is_skipped_as_in_the_reference(
    tenant: OnDemandTenant,
) -> None:
    ann = tenant.user("ann")
    await tenant.cycle()
    asked = await tenant.provision(ann)

    assert asked.result == ("Skipped", "RedundantExport")
    assert asked.value["action"] == "Other"
    assert asked.steps == [
        ("EntryImport", "Import", "Success"),
        ("EntryImport", "Matching", "Success"),
        ("EntrySynchronizationScoping", "Scoping", "Success"),
        ("EntrySynchronizationSkip", "Export", "Skipped"),
    ]
    assert asked.details("Matching")["active"] == "True"
    assert asked.details("Export") == {"SkipReason": "RedundantExport"}
    assert asked.value.keys() == {
        "action", "changeId", "endTime", "modifiedProperties", "provisioningSteps", "reportableIdentifier", "startTime",
        "statusInfo", "sourceIdentity", "sourceSystem", "targetIdentity", "targetSystem",
    }  # fmt: skip


async def test_a_changed_user_is_updated_in_the_dialect_without_flag(tenant: OnDemandTenant) -> None:
    # "this feature flag currently doesn't work with on-demand provisioning".
    tenant.portal.set_tenant_url(f"{tenant.entra.scim.url}?aadOptscim062020")
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "Bell", "displayName": "Ann Bell"})
    asked = await tenant.provision(ann)

    assert asked.result == ("Success", "")
    assert {op["op"] for op in tenant.operations()} == {"Replace"}
    assert {"displayName": "name.familyName", "oldValue": "Abel", "newValue": "Bell"} in asked.value[
        "modifiedProperties"
    ]
    assert (await tenant.cycle()).outcomes == []  # the next cycle finds nothing left to do


async def test_a_user_who_is_not_assigned_is_skipped_with_the_reason() -> None:
    made = OnDemandTenant(scope="assigned")
    made.graph = GraphClient.in_process(made.entra)
    ann = made.user("ann")
    asked = await made.provision(ann)
    assert asked.result == ("Skipped", "NotEffectivelyEntitled")
    assert asked.details("Scoping")["Assigned"] == "False"
    assert made.sent == []

    made.assign(ann)
    assert (await made.provision(ann)).result == ("Success", "")
    made.unassign(ann)
    asked = await made.provision(ann)
    assert (asked.result, asked.value["action"]) == (("Success", ""), "Disable")
    assert made.scim_user("ann")["active"] is False


async def test_a_user_disabled_in_entra_waits_for_the_next_cycle(tenant: OnDemandTenant) -> None:
    # Known limitations: not supported on demand.
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"accountEnabled": False})
    asked = await tenant.provision(ann)
    assert asked.result == ("Skipped", "NotEffectivelyEntitled")
    assert asked.details("Scoping")["IsActive"] == "False"
    assert tenant.writes() == []
    assert (await tenant.cycle()).of("Disable") == ["ann@contoso.example"]


async def test_a_group_brings_the_members_that_are_named(tenant: OnDemandTenant) -> None:
    ann, bob = tenant.user("ann"), tenant.user("bob")
    floor = tenant.group("floor", ann, bob)
    await tenant.provision(ann)
    await tenant.provision(bob)
    asked = await tenant.provision(floor, "Group", [ann])
    assert (asked.result, asked.value["action"], tenant.member_names("floor")) == (("Success", ""), "Create", {"ann"})

    asked = await tenant.provision(floor, "Group", [bob])
    assert (asked.result, tenant.member_names("floor")) == (("Success", ""), {"ann", "bob"})
    tenant.people.remove_member(floor, ann)
    await tenant.provision(floor, "Group", [ann])
    assert tenant.member_names("floor") == {"bob"}


async def test_a_failure_is_told_with_its_code(tenant: OnDemandTenant) -> None:
    ann = tenant.user("ann")
    tenant.answer(409, method="POST", path="/Users")
    asked = await tenant.provision(ann)
    assert asked.result == ("Failure", "EntryConflict")
    assert asked.steps[-1] == ("EntryExportAdd", "Export", "Failure")
    assert asked.value["statusInfo"]["errorCode"] == "EntryConflict"
    assert tenant.status["lastExecution"] is None


async def test_a_connection_that_fails_is_the_only_step(tenant: OnDemandTenant) -> None:
    tenant.portal.set_secret_token("revoked")
    asked = await tenant.provision(tenant.user("ann"))
    assert asked.result[0] == "Failure"
    assert len(asked.steps) == 1
    assert tenant.status["quarantine"] is None
    assert "revoked" not in json.dumps(asked.value)


async def test_members_that_cannot_be_sent_are_a_failure(tenant: OnDemandTenant) -> None:
    ann = tenant.user("ann")
    floor = tenant.group("floor", ann)
    await tenant.provision(ann)
    tenant.answer(403, method="PATCH", path="/Groups")
    asked = await tenant.provision(floor, "Group", [ann])
    assert asked.result == ("Failure", "InsufficientRights")
    assert asked.steps[-1][1:] == ("Export", "Failure")
    assert tenant.member_names("floor") == set()


async def test_actions_that_the_mapping_forbids_are_skipped_and_named(tenant: OnDemandTenant) -> None:
    tenant.portal.set_object_actions("Update,Delete")
    asked = await tenant.provision(tenant.user("ann"))
    assert asked.result == ("Skipped", "NotPermitted")
    assert asked.key["details"]["errorMessage"] == "The target object actions do not allow it."
    assert asked.value["provisioningSteps"][-1]["description"] == "The target object actions do not allow it."


async def test_a_schema_that_cannot_be_used_is_refused(tenant: OnDemandTenant) -> None:
    tenant.entra.switches.schema_checks_attributes = False
    tenant.portal.add_user_mapping("not a path", "[companyName]")
    answer = await tenant.ask(tenant.user("ann"))
    assert (answer.status_code, error(answer)["code"]) == (400, "SchemaInvalid")
    assert "The schema cannot be used" in error(answer)["message"]
    assert tenant.sent == []


async def test_on_demand_works_while_the_job_is_off(tenant: OnDemandTenant) -> None:
    tenant.portal.stop()
    assert (await tenant.provision(tenant.user("ann"))).result == ("Success", "")


async def test_five_requests_in_ten_seconds_are_the_limit(tenant: OnDemandTenant) -> None:
    ann = tenant.user("ann")
    for _ in range(5):
        assert (await tenant.ask(ann)).status_code == 200
    answer = await tenant.ask(ann)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    assert error(answer)["code"] == "TooManyRequests"
    await tenant.pass_time(seconds=10)
    assert (await tenant.ask(ann)).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"parameters": []}, 400),
        ({"parameters": [{"ruleId": RULE, "subjects": []}]}, 400),
        ({"parameters": [{"ruleId": "other", "subjects": [{"objectId": "x", "objectTypeName": "User"}]}]}, 400),
        ({"parameters": [{"ruleId": RULE, "subjects": [{"objectId": "x", "objectTypeName": "Role"}]}]}, 400),
        ({"parameters": [{"ruleId": RULE, "subjects": [{"objectId": "x", "objectTypeName": "User"}]}]}, 404),
        ({"parameters": [{"ruleId": RULE, "subjects": [{"objectId": "x", "objectTypeName": "User",
                                                          "links": {"members": [{"objectId": "y"}]}}]}]}, 400),
        ({"parameters": "x"}, 400),
    ],
)  # fmt: skip
async def test_what_cannot_be_understood_is_refused(body: Any, status: int, tenant: OnDemandTenant) -> None:
    path = f"/servicePrincipals/{tenant.principal}/synchronization/jobs/{tenant.job}/provisionOnDemand"
    answer = await tenant.graph.ask("POST", path, body)
    assert answer.status_code == status
    assert error(answer)


async def test_a_group_with_six_members_is_refused(tenant: OnDemandTenant) -> None:
    floor = tenant.group("floor")
    assert (await tenant.ask(floor, "Group", [str(number) for number in range(6)])).status_code == 400


async def test_the_other_published_answer_is_a_switch() -> None:
    made = OnDemandTenant(switches=Switches(provision_on_demand_key="status info"))
    made.graph = GraphClient.in_process(made.entra)
    answer = (await made.ask(made.user("ann"))).json()
    assert answer["key"] == "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo"
    [value] = json.loads(answer["value"])
    assert value["statusInfo"]["status"] == "Success"


async def test_a_job_without_credentials_cannot_be_run_on_demand(tenant: OnDemandTenant) -> None:
    tenant.portal.set_secret_token("")
    answer = await tenant.ask(tenant.user("ann"))
    assert (answer.status_code, error(answer)["code"]) == (400, "CredentialsMissing")
    assert tenant.sent == []
