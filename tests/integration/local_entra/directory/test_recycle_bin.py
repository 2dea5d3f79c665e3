"""The recycle bin: applications, service principals, users and groups, deleted and restored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from eptura_scim.local_entra import NON_GALLERY_TEMPLATE, LocalEntra, ODataError, Switches, Tenant
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.storage.store import MemoryStore
from tests.integration.local_entra.graph_client import BIN, App, GraphClient, error
from tests.unit.local_entra.fixed_clock import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def entra(clock: FixedClock) -> LocalEntra:
    return LocalEntra.in_process(clock=clock)


@pytest.fixture
async def running(graph: GraphClient, app: App) -> AsyncIterator[App]:
    """An application whose provisioning was started."""
    await graph.connect(app)
    assert (await graph.ask("POST", f"{app.job_path}/start")).status_code == 204
    yield app


async def test_the_bin_holds_a_deleted_application_and_its_principal(graph: GraphClient, app: App) -> None:
    await graph.ask("DELETE", f"/applications/{app.application}")

    assert await graph.deleted("application") == [app.application]
    assert await graph.deleted("servicePrincipal") == [app.service_principal]
    item = await graph.get(f"{BIN}/{app.application}")
    assert item["@odata.type"] == "#microsoft.graph.application"
    assert item["deletedDateTime"] == "2026-11-24T12:00:00.0000000Z"
    assert (await graph.get("/applications"))["value"] == []
    assert await graph.own_service_principals() == []
    assert (await graph.ask("GET", f"/applications/{app.application}/synchronization/jobs")).status_code == 404


async def test_a_restored_application_leaves_its_principal_in_the_bin(graph: GraphClient, running: App) -> None:
    before = await graph.get(running.job_path)
    secrets, schema = await graph.saved(running), await graph.get(running.schema)
    await graph.ask("DELETE", f"/applications/{running.application}")

    item = await graph.restore(running.application)
    assert (item["@odata.type"], item["deletedDateTime"]) == ("#microsoft.graph.application", None)
    assert (await graph.get(f"/applications/{running.application}"))["deletedDateTime"] is None
    jobs = f"/applications/{running.application}/synchronization/secrets"
    assert (await graph.ask("GET", jobs)).status_code == 404
    assert (await graph.ask("GET", running.job_path)).status_code == 404

    await graph.restore(running.service_principal)
    assert await graph.get(running.job_path) == before
    assert await graph.saved(running) == secrets
    assert await graph.get(running.schema) == schema
    assert await graph.deleted("application") == await graph.deleted("servicePrincipal") == []


@pytest.mark.parametrize("behaviour", ["kept", "disabled", "gone"])
async def test_jobs_come_back_as_the_switch_says(behaviour: Any, graph: GraphClient, running: App) -> None:
    graph.entra.switches.restored_jobs = behaviour
    await graph.ask("DELETE", f"/servicePrincipals/{running.service_principal}")
    await graph.restore(running.service_principal)

    jobs = (await graph.get(f"{running.synchronization}/jobs"))["value"]
    states = {"kept": ["Active"], "disabled": ["Disabled"], "gone": []}
    assert [job["schedule"]["state"] for job in jobs] == states[behaviour]
    assert bool(await graph.saved(running)) == (behaviour != "gone")


async def test_a_service_principal_alone_is_deleted_and_restored(graph: GraphClient, app: App) -> None:
    await graph.ask("DELETE", f"/servicePrincipals/{app.service_principal}")
    assert await graph.deleted("application") == []
    assert (await graph.get(f"/applications/{app.application}"))["id"] == app.application
    refused = await graph.ask("DELETE", f"{BIN}/{app.application}")
    assert error(refused)["code"] == "Request_ResourceNotFound"
    await graph.restore(app.service_principal)
    assert (await graph.get(f"/servicePrincipals/{app.service_principal}"))["id"] == app.service_principal


async def test_an_application_with_a_live_principal_cannot_be_purged(graph: GraphClient, app: App) -> None:
    await graph.ask("DELETE", f"/applications/{app.application}")
    await graph.restore(app.service_principal)
    assert (await graph.ask("DELETE", f"{BIN}/{app.application}")).status_code == 400


async def test_what_is_purged_is_gone(graph: GraphClient, running: App) -> None:
    await graph.ask("DELETE", f"/applications/{running.application}")
    assert (await graph.ask("DELETE", f"{BIN}/{running.service_principal}")).status_code == 204
    for identifier in (running.service_principal, "x"):
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/restore")):
            assert (await graph.ask(method, f"{BIN}/{identifier}{path}")).status_code == 404
    await graph.restore(running.application)
    assert (await graph.ask("GET", f"/servicePrincipals/{running.service_principal}")).status_code == 404


async def test_after_30_days_the_bin_is_empty(graph: GraphClient, app: App, clock: FixedClock) -> None:
    other = await graph.new_app("other")
    await graph.ask("DELETE", f"/applications/{app.application}")
    await graph.ask("DELETE", f"/servicePrincipals/{other.service_principal}")
    clock.now += timedelta(days=30, seconds=-1)
    graph.token = ""
    assert len(await graph.deleted("servicePrincipal")) == 2
    clock.now += timedelta(seconds=1)
    assert await graph.deleted("servicePrincipal") == await graph.deleted("application") == []
    assert (await graph.get(f"/applications/{other.application}"))["id"] == other.application


async def test_users_and_groups_are_listed_restored_and_purged(graph: GraphClient, entra: LocalEntra) -> None:
    adele = entra.people.add_user(userPrincipalName="adele@contoso.example")["id"]
    group = entra.people.add_group(displayName="g", groupTypes=["Unified"])["id"]
    await graph.ask("DELETE", f"/users/{adele}")
    await graph.ask("DELETE", f"/groups/{group}")
    assert (await graph.deleted("user"), await graph.deleted("group")) == ([adele], [group])
    assert (await graph.get(f"{BIN}/microsoft.graph.user?$filter=id eq 'x'"))["value"] == []

    assert (await graph.restore(adele))["@odata.type"] == "#microsoft.graph.user"
    assert (await graph.get(f"/users/{adele}"))["id"] == adele
    assert (await graph.ask("DELETE", f"{BIN}/{group}")).status_code == 204
    assert await graph.deleted("group") == []


def test_what_is_not_in_the_bin_is_neither_restored_nor_purged() -> None:
    directory = ApplicationRegistry(Tenant(), MemoryStore(), FixedClock(), Switches())
    made = directory.instantiate(NON_GALLERY_TEMPLATE, "Eptura")
    application, principal = made["application"]["id"], made["servicePrincipal"]["id"]
    for action, identifier in (
        (directory.bin.restore_application, application),
        (directory.bin.purge_application, application),
        (directory.bin.restore_service_principal, principal),
        (directory.bin.purge_service_principal, principal),
    ):
        for one in (identifier, "x"):
            with pytest.raises(ODataError, match=f"'{one}' does not exist"):
                action(one)
    assert directory.application(application)["deletedDateTime"] is None


async def test_the_type_is_part_of_the_path(graph: GraphClient) -> None:
    assert (await graph.ask("GET", BIN)).status_code == 400
    assert (await graph.ask("GET", f"{BIN}/microsoft.graph.device")).status_code == 501


async def test_an_application_gets_a_new_principal_after_a_deletion(graph: GraphClient, running: App) -> None:
    client_id = (await graph.get(f"/applications/{running.application}"))["appId"]
    body = {"appId": client_id}
    assert error(await graph.ask("POST", "/servicePrincipals", body))["code"] == (
        "Request_MultipleObjectsWithSameKeyValue"
    )
    await graph.ask("DELETE", f"/servicePrincipals/{running.service_principal}")

    made = await graph.ask("POST", "/servicePrincipals", {**body, "notes": "again"})
    assert made.status_code == 201
    assert made.json()["id"] != running.service_principal
    found = (await graph.get(f"/servicePrincipals?$filter=appId eq '{client_id}'"))["value"]
    assert [(item["id"], item["notes"]) for item in found] == [(made.json()["id"], "again")]
    assert (await graph.get(f"/servicePrincipals/{made.json()['id']}/synchronization/jobs"))["value"] == []


async def test_a_service_principal_needs_an_application(graph: GraphClient) -> None:
    refused = await graph.ask("POST", "/servicePrincipals", {"appId": "44444444-0000-0000-0000-000000000000"})
    assert error(refused)["code"] == "NoBackingApplicationObject"


async def test_a_deleted_principal_stays_in_the_bin_beside_a_new_one(
    graph: GraphClient, running: App, entra: LocalEntra
) -> None:
    first = running.service_principal
    app_id = entra.portal.service_principal()["appId"]
    await graph.ask("DELETE", f"/servicePrincipals/{first}")
    made = await graph.ask("POST", "/servicePrincipals", {"appId": app_id})
    second = made.json()["id"]

    assert await graph.deleted("servicePrincipal") == [first]
    assert (await graph.get(f"/servicePrincipals/{second}/synchronization/jobs"))["value"] == []
    refused = await graph.ask("POST", f"{BIN}/{first}/restore")
    assert refused.status_code == 409
    assert [found["id"] for found in await graph.own_service_principals()] == [second]

    await graph.ask("DELETE", f"/servicePrincipals/{second}")
    await graph.restore(first)
    assert await graph.deleted("servicePrincipal") == [second]
    jobs = (await graph.get(f"/servicePrincipals/{first}/synchronization/jobs"))["value"]
    assert [job["schedule"]["state"] for job in jobs] == ["Active"]

    assert (await graph.ask("DELETE", f"{BIN}/{second}")).status_code == 204
    assert await graph.deleted("servicePrincipal") == []
    assert [found["id"] for found in await graph.own_service_principals()] == [first]


async def test_a_principal_leaves_the_bin_30_days_after_its_deletion(
    graph: GraphClient, app: App, entra: LocalEntra, clock: FixedClock
) -> None:
    app_id = entra.portal.service_principal()["appId"]
    entra.portal.delete_service_principal()
    second = (await graph.ask("POST", "/servicePrincipals", {"appId": app_id})).json()["id"]
    clock.now += timedelta(days=10)
    graph.token = ""
    entra.portal.delete_service_principal()
    assert await graph.deleted("servicePrincipal") == [app.service_principal, second]
    clock.now += timedelta(days=21)
    graph.token = ""
    assert await graph.deleted("servicePrincipal") == [second]


async def test_an_application_returns_with_its_latest_principal(
    graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    app_id = entra.portal.service_principal()["appId"]
    entra.portal.delete_service_principal()
    second = (await graph.ask("POST", "/servicePrincipals", {"appId": app_id})).json()["id"]
    entra.portal.delete_application()
    entra.portal.restore_application()
    assert entra.portal.service_principal()["id"] == second
    assert await graph.deleted("servicePrincipal") == [app.service_principal]
