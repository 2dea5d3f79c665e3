"""Users, groups and members over HTTP, as Graph documents them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import GraphClient, error

NOBODY = "00000000-0000-0000-0000-000000000001"
USER = {
    "accountEnabled": True,
    "displayName": "Adele Vance",
    "mailNickname": "adele",
    "userPrincipalName": "adele@contoso.example",
    "passwordProfile": {"password": "P4ss-that-stays-secret", "forceChangePasswordNextSignIn": True},
}
GROUP = {"displayName": "Facilities", "mailEnabled": False, "mailNickname": "facilities", "securityEnabled": True}
SHOWN = {
    "@odata.context", "businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone",
    "officeLocation", "preferredLanguage", "surname", "userPrincipalName",
}  # fmt: skip


def refs(entra: LocalEntra, *identifiers: str) -> list[str]:
    return [f"{entra.url}/v1.0/directoryObjects/{identifier}" for identifier in identifiers]


async def test_a_user_is_made_read_changed_and_deleted(graph: GraphClient) -> None:
    user = await graph.create("/users", USER)
    assert user.keys() == SHOWN
    path = f"/users/{user['id']}"
    assert await graph.get(path) == await graph.get("/users/adele@contoso.example") == user

    assert (await graph.ask("PATCH", path, {"department": "Sales", "accountEnabled": False})).status_code == 204
    found = await graph.get(f"{path}?$select=department,accountEnabled,employeeId")
    assert (found["department"], found["accountEnabled"], found["employeeId"]) == ("Sales", False, None)

    assert (await graph.ask("DELETE", path)).status_code == 204
    assert (await graph.ask("GET", path)).status_code == 404


async def test_a_group_is_shown_whole(graph: GraphClient) -> None:
    group = await graph.create("/groups", GROUP)
    assert group["groupTypes"] == []
    assert await graph.get(f"/groups/{group['id']}") == group
    assert (await graph.ask("PATCH", f"/groups/{group['id']}", {"description": "x"})).status_code == 204
    assert (await graph.get(f"/groups/{group['id']}"))["description"] == "x"
    assert (await graph.ask("DELETE", f"/groups/{group['id']}")).status_code == 204
    assert (await graph.get("/groups"))["value"] == []


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/users", {**USER, "passwordProfile": None}, "passwordProfile"),
        ("/users", {**USER, "mailNickname": ""}, "mailNickname"),
        ("/users", {**USER, "id": NOBODY}, "'id' is read-only"),
        ("/users", {**USER, "shoeSize": 5}, "shoeSize"),
        ("/groups", {**GROUP, "securityEnabled": None}, "securityEnabled"),
        ("/groups", {**GROUP, "members@odata.bind": "x"}, "members@odata.bind"),
        ("/groups", {**GROUP, "members@odata.bind": ["x/y"] * 21}, "20 members"),
    ],
)
async def test_what_graph_requires_is_required(graph: GraphClient, path: str, body: Any, named: str) -> None:
    answer = await graph.ask("POST", path, body)
    assert answer.status_code == 400
    assert named in error(answer)["message"]
    assert (await graph.get(path))["value"] == []


async def test_a_password_is_in_no_answer_and_in_no_log(graph: GraphClient, entra: LocalEntra) -> None:
    answer = await graph.ask("POST", "/users", USER)
    assert "p4ss" not in answer.text + repr(list(entra.calls))


async def test_a_filter_and_a_selection_find_people(graph: GraphClient, entra: LocalEntra) -> None:
    await graph.create("/users", USER)
    entra.people.add_user(userPrincipalName="beth@contoso.example", accountEnabled=False, mail="beth@x")
    for condition in ("userPrincipalName eq 'ADELE@contoso.example'", "accountEnabled eq true"):
        found = await graph.get(f"/users?$filter={quote(condition)}&$select=mailNickname")
        assert found["value"] == [{"mailNickname": "adele"}]
    assert (await graph.get(f"/users?$filter={quote(condition)} and mail eq 'x'"))["value"] == []


async def test_all_of_a_large_directory_comes_page_by_page(graph: GraphClient, entra: LocalEntra) -> None:
    entra.people.generate(1234)
    path, seen, pages = "/users?$top=500&$select=id", [], 0
    while path:
        page = await graph.get(path)
        seen += [user["id"] for user in page["value"]]
        path = page.get("@odata.nextLink", "").partition("/v1.0")[2]
        pages += 1
    assert seen == [user["id"] for user in entra.people.users()]
    assert pages == 3
    assert len((await graph.get("/users"))["value"]) == 100
    for size in ("0", "1000"):
        refused = await graph.ask("GET", f"/users?$top={size}")
        assert "between 1 and 999" in error(refused)["message"]


async def test_a_count_needs_the_consistency_level(graph: GraphClient, entra: LocalEntra) -> None:
    entra.people.generate(7)
    assert "@odata.count" not in await graph.get("/users?$count=true&$top=2")
    refused = await graph.ask("GET", "/users/$count")
    assert refused.status_code == 400

    graph.http.headers["ConsistencyLevel"] = "eventual"
    assert (await graph.get("/users?$count=true&$top=2"))["@odata.count"] == 7
    assert (await graph.ask("GET", "/users/$count")).text == "7"


async def test_delta_queries_are_not_modelled(graph: GraphClient) -> None:
    assert (await graph.ask("GET", "/users/delta")).status_code == 501


async def test_members_come_and_go(graph: GraphClient, entra: LocalEntra) -> None:
    adele = (await graph.create("/users", USER))["id"]
    inner = (await graph.create("/groups", GROUP))["id"]
    group = (await graph.create("/groups", {**GROUP, "members@odata.bind": refs(entra, adele)}))["id"]
    path = f"/groups/{group}/members"

    assert (await graph.ask("POST", f"{path}/$ref", {"@odata.id": refs(entra, inner)[0]})).status_code == 204
    found = (await graph.get(path))["value"]
    assert [(item["@odata.type"], item["id"]) for item in found] == [
        ("#microsoft.graph.user", adele),
        ("#microsoft.graph.group", inner),
    ]
    assert found[0].keys() == SHOWN - {"@odata.context"} | {"@odata.type"}
    chosen = (await graph.get(f"{path}?$select=id,accountEnabled"))["value"]
    assert chosen[0] == {"@odata.type": "#microsoft.graph.user", "id": adele, "accountEnabled": True}
    assert [item["id"] for item in (await graph.get(f"/users/{adele}/memberOf"))["value"]] == [group]
    assert [item["id"] for item in (await graph.get(f"/groups/{inner}/memberOf"))["value"]] == [group]

    assert (await graph.ask("DELETE", f"{path}/{adele}/$ref")).status_code == 204
    assert (await graph.ask("DELETE", f"{path}/{adele}/$ref")).status_code == 404
    bound = {"members@odata.bind": refs(entra, adele)}
    assert (await graph.ask("PATCH", f"/groups/{group}", bound)).status_code == 204
    again = await graph.ask("PATCH", f"/groups/{group}", bound)
    assert "already exist" in error(again)["message"]


async def test_a_group_with_a_member_who_does_not_exist_is_not_made(graph: GraphClient, entra: LocalEntra) -> None:
    answer = await graph.ask("POST", "/groups", {**GROUP, "members@odata.bind": refs(entra, NOBODY)})
    assert answer.status_code == 404
    assert (await graph.get("/groups"))["value"] == []


async def test_transitive_members_include_nested_groups_each_once(graph: GraphClient, entra: LocalEntra) -> None:
    adele = (await graph.create("/users", USER))["id"]
    inner = (await graph.create("/groups", {**GROUP, "members@odata.bind": refs(entra, adele)}))["id"]
    outer = (await graph.create("/groups", {**GROUP, "members@odata.bind": refs(entra, inner, adele)}))["id"]
    circle = {"@odata.id": refs(entra, outer)[0]}
    assert (await graph.ask("POST", f"/groups/{inner}/members/$ref", circle)).status_code == 204

    path = f"/groups/{outer}/transitiveMembers"
    assert sorted(item["id"] for item in (await graph.get(path))["value"]) == sorted({inner, adele, outer})
    users = await graph.get(f"{path}/microsoft.graph.user?$select=id")
    assert [item["id"] for item in users["value"]] == [adele]
    assert (await graph.ask("GET", f"/groups/{NOBODY}/transitiveMembers")).status_code == 404
    assert (await graph.ask("GET", f"/groups/{outer}/transitiveMembers?$expand=owners")).status_code == 501
