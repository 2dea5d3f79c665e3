"""The SCIM server's documented rules of Eptura, and Entra's dialect where the RFC would refuse it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from eptura_scim.local_entra import LocalEntra
from eptura_scim.local_entra.provisioning.patch import AttributeWrite, Dialect, add_members, remove_members, update
from eptura_scim.mapping.payload import compose
from eptura_scim.mapping.scim_schemas import CORE_GROUP, ENTERPRISE_USER

MANAGER = f"{ENTERPRISE_USER}:manager"
ANN = compose(
    ENTERPRISE_USER,
    {"userName": "ann@contoso.example", "externalId": "a1", "name.givenName": "Ann", "name.familyName": "Abel"},
)


class Scim:
    """Asks the SCIM server as Entra does."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def post(self, path: str, body: Any) -> Any:
        answer = await self.http.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def get(self, path: str, **query: str) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def patch(self, path: str, body: Any) -> httpx.Response:
        return await self.http.patch(path, json=body)

    async def refused(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, str]:
        answer = await self.http.request(method, path, json=body, params=query)
        return answer.status_code, answer.json().get("scimType", "")


@pytest.fixture
async def scim(entra: LocalEntra) -> AsyncIterator[Scim]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=entra.app),
        base_url=entra.scim.url,
        headers={"Authorization": f"Bearer {entra.scim.token}"},
    ) as http:
        yield Scim(http)


async def group(scim: Scim, name: str = "Floor 2") -> str:
    made = await scim.post("Groups", compose(CORE_GROUP, {"displayName": name, "externalId": f"id of {name}"}))
    return str(made["id"])


@pytest.mark.parametrize("path", ["users", "groups", "schemas", "serviceproviderconfig", "resourcetypes"])
async def test_paths_count_without_case(path: str, scim: Scim) -> None:
    assert (await scim.get(path))["schemas"]


async def test_the_service_provider_config_names_the_supported_parts(scim: Scim) -> None:
    config = await scim.get("ServiceProviderConfig")

    assert {name for name in config if isinstance(config[name], dict) and config[name].get("supported")} == {
        "patch",
        "filter",
    }
    assert config["filter"]["maxResults"] == 200
    assert [scheme["type"] for scheme in config["authenticationSchemes"]] == ["oauthbearertoken"]


async def test_a_user_needs_names_and_a_user_name_that_is_free(scim: Scim) -> None:
    assert await scim.refused("POST", "Users", compose(ENTERPRISE_USER, {"userName": "x"})) == (400, "invalidValue")
    await scim.post("Users", ANN)
    assert await scim.refused("POST", "Users", {**ANN, "userName": "ANN@contoso.example"}) == (409, "uniqueness")


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_an_external_id_is_never_changed(method: str, scim: Scim, entra: LocalEntra) -> None:
    made = await scim.post("Users", ANN)
    change = [AttributeWrite("title", "Planner", is_new=True), AttributeWrite("externalId", "other", is_new=False)]
    body = update(change, "entra") if method == "PATCH" else {**ANN, "title": "Planner", "externalId": "other"}

    assert await scim.refused(method, f"Users/{made['id']}", body) == (400, "mutability")
    assert "title" not in await scim.get(f"Users/{made['id']}")

    entra.switches.eptura_external_id_change = "ignored"
    assert (await scim.http.request(method, f"Users/{made['id']}", json=body)).status_code in {200, 204}
    found = await scim.get(f"Users/{made['id']}")
    assert (found["externalId"], found["title"]) == ("a1", "Planner")


async def test_the_display_name_of_a_group_changes_by_replace_only(scim: Scim) -> None:
    path = f"Groups/{await group(scim)}"

    added = update([AttributeWrite("displayName", "Floor 3", is_new=True)], "entra")
    assert await scim.refused("PATCH", path, added) == (400, "invalidValue")
    assert (
        await scim.patch(path, update([AttributeWrite("displayName", "Floor 3", is_new=False)], "entra"))
    ).status_code == 204
    assert (await scim.get(path))["displayName"] == "Floor 3"


async def test_a_group_cannot_be_a_member_of_a_group(scim: Scim) -> None:
    outer, inner = await group(scim, "outer"), await group(scim, "inner")

    assert await scim.refused("PATCH", f"Groups/{outer}", add_members([inner], "rfc")) == (400, "invalidValue")
    nested = {**compose(CORE_GROUP, {"displayName": "x"}), "members": [{"value": inner}]}
    assert await scim.refused("POST", "Groups", nested) == (400, "invalidValue")
    assert "members" not in await scim.get(f"Groups/{outer}")


@pytest.mark.parametrize("dialect", ["entra", "rfc"])
async def test_members_come_and_go_in_both_dialects(dialect: Dialect, scim: Scim) -> None:
    path = f"Groups/{await group(scim)}"
    ann = (await scim.post("Users", ANN))["id"]
    bob = (await scim.post("Users", {**ANN, "userName": "bob"}))["id"]

    assert (await scim.patch(path, add_members([ann, bob], dialect))).status_code == 204
    assert (await scim.patch(path, remove_members([ann], dialect))).status_code == 204
    assert [member["value"] for member in (await scim.get(path))["members"]] == [bob]


@pytest.mark.parametrize("dialect", ["entra", "rfc"])
async def test_an_element_that_a_path_describes_is_made(dialect: Dialect, scim: Scim) -> None:
    path = f"Users/{(await scim.post('Users', ANN))['id']}"
    body = update([AttributeWrite('phoneNumbers[type eq "work"].value', "+14255550100", is_new=True)], dialect)

    assert (await scim.patch(path, body)).status_code == 204
    assert (await scim.get(path))["phoneNumbers"] == [{"type": "work", "value": "+14255550100"}]


async def test_a_manager_is_taken_as_a_bare_identifier(scim: Scim) -> None:
    boss = (await scim.post("Users", {**ANN, "userName": "boss"}))["id"]
    made = await scim.post("Users", {**ANN, ENTERPRISE_USER: {"manager": boss}})
    assert made[ENTERPRISE_USER]["manager"]["value"] == boss

    path = f"Users/{boss}"
    assert (
        await scim.patch(path, update([AttributeWrite(MANAGER, made["id"], is_new=True)], "entra"))
    ).status_code == 204
    assert (await scim.get(path))[ENTERPRISE_USER]["manager"]["value"] == made["id"]


async def test_the_groups_that_microsoft_documents_are_taken(scim: Scim) -> None:
    legacy = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
    body = compose(CORE_GROUP, {"displayName": "x"})
    assert (await scim.post("Groups", {**body, "schemas": [*body["schemas"], legacy]}))["schemas"] == [CORE_GROUP]


async def test_a_strict_server_refuses_entras_dialect(scim: Scim, entra: LocalEntra) -> None:
    entra.switches.scim_server = "strict"
    path = f"Groups/{await group(scim)}"
    user = f"Users/{(await scim.post('Users', ANN))['id']}"

    assert await scim.refused("PATCH", path, remove_members(["x"], "entra")) == (400, "invalidValue")
    missing = update([AttributeWrite('phoneNumbers[type eq "work"].value', "1", is_new=True)], "entra")
    assert await scim.refused("PATCH", user, missing) == (400, "noTarget")
    assert await scim.refused("GET", "serviceproviderconfig") == (404, "")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("Users", {"filter": 'not (userName eq "x")'}),
        ("Groups", {"filter": 'meta.created gt "2020-01-01T00:00:00Z"'}),
        ("Groups", {"filter": 'members eq "x"'}),
        ("Users", {"attributes": "emails.value"}),
        ("Users/{user}", {"excludedAttributes": "phoneNumbers.type"}),
    ],
    ids=["not", "created", "members", "part of emails", "part of phoneNumbers"],
)
async def test_what_is_not_supported_is_refused(
    path: str, query: dict[str, str], scim: Scim, entra: LocalEntra
) -> None:
    user = (await scim.post("Users", ANN))["id"]
    assert await scim.refused("GET", path.format(user=user), **query) in {(400, "invalidFilter"), (400, "invalidValue")}


async def test_sorting_and_bulk_are_not_implemented(scim: Scim) -> None:
    assert (await scim.refused("GET", "Users", sortBy="userName"))[0] == 501
    assert (await scim.refused("POST", "Bulk", {"schemas": [], "Operations": []}))[0] == 501


async def test_groups_are_found_by_name_and_perhaps_by_external_id(scim: Scim, entra: LocalEntra) -> None:
    await group(scim)
    by_name = {"filter": 'displayName eq "Floor 2"', "excludedAttributes": "members"}
    by_id = {"filter": 'externalId eq "id of Floor 2"', "excludedAttributes": "members"}
    assert (await scim.get("Groups", **by_name))["totalResults"] == 1
    assert (await scim.get("Groups", **by_id))["totalResults"] == 1

    entra.switches.eptura_group_external_id = "refused"
    assert await scim.refused("GET", "Groups", **by_id) == (400, "invalidFilter")
    assert (await scim.get("Groups", **by_name))["totalResults"] == 1


async def test_what_a_deletion_leaves_is_a_switch(scim: Scim, entra: LocalEntra) -> None:
    path = f"Users/{(await scim.post('Users', ANN))['id']}"
    entra.switches.eptura_deletion = "inactive"
    assert (await scim.http.delete(path)).status_code == 204
    assert (await scim.get(path))["active"] is False

    entra.switches.eptura_deletion = "gone"
    assert (await scim.http.delete(path)).status_code == 204
    assert (await scim.http.get(path)).status_code == 404


async def test_a_number_of_digits_alone_comes_back_grouped(scim: Scim, entra: LocalEntra) -> None:
    phones = [{"type": "work", "value": "96844435192"}, {"type": "mobile", "value": "tel:+14255550100"}]
    path = f"Users/{(await scim.post('Users', {**ANN, 'phoneNumbers': phones}))['id']}"

    assert [phone["value"] for phone in (await scim.get(path))["phoneNumbers"]] == ["968-444-35192", "tel:+14255550100"]
    entra.switches.eptura_phones = "kept"
    assert [phone["value"] for phone in (await scim.get(path))["phoneNumbers"]] == ["96844435192", "tel:+14255550100"]


async def test_nonsense_is_refused_in_the_words_of_the_rfc(scim: Scim) -> None:
    answer = await scim.http.post("Users", content=b"{", headers={"Content-Type": "application/scim+json"})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidSyntax")
    path = f"Groups/{await group(scim)}"
    for operations in ("x", ["x"], [["x"]]):
        assert (await scim.refused("PATCH", path, {"schemas": [], "Operations": operations}))[0] == 400
