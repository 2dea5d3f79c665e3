"""The SCIM server beside the local Entra: a real one, behind its token, at Eptura's path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from eptura_scim.local_entra import DEFAULT_SCIM_TOKEN, LocalEntra, StateCorruptError
from eptura_scim.local_entra.scim_server.server import ScimServer
from eptura_scim.local_entra.storage.store import MemoryStore

USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "a@contoso.example",
    "name": {"givenName": "Ann", "familyName": "Abel"},
}
SCIM = "application/scim+json"


def client(server: Any, token: str = DEFAULT_SCIM_TOKEN) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=server.app),
        base_url="https://localhost/scim/v1/",
        headers={"Authorization": f"Bearer {token}", "Content-Type": SCIM},
    )


async def test_users_are_created_found_changed_and_deleted(entra: LocalEntra) -> None:
    async with client(entra) as scim:
        made = (await scim.post("Users", json=USER)).json()
        assert made["meta"]["location"] == f"https://localhost/scim/v1/Users/{made['id']}"

        found = (await scim.get("Users", params={"filter": 'userName eq "a@contoso.example"'})).json()
        assert found["totalResults"] == 1
        patch = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "Replace", "path": "active", "value": False}],
        }
        assert (await scim.patch(f"Users/{made['id']}", json=patch)).status_code in {200, 204}
        assert [item["active"] for item in entra.scim.resources()] == [False]
        assert (await scim.post("Users", json=USER)).status_code == 409
        assert (await scim.delete(f"Users/{made['id']}")).status_code == 204
        assert entra.scim.resources() == []


@pytest.mark.parametrize("path", ["Users", "Groups", "ServiceProviderConfig", "Schemas", "ResourceTypes"])
async def test_every_endpoint_needs_the_token(path: str, entra: LocalEntra) -> None:
    async with client(entra) as scim:
        assert (await scim.get(path)).status_code == 200
    async with client(entra, "wrong") as scim:
        assert (await scim.get(path)).status_code == 401
        assert (await scim.get(path, headers={"Authorization": f"Basic {DEFAULT_SCIM_TOKEN}"})).status_code == 401


async def test_accepted_tokens_are_rotated(entra: LocalEntra) -> None:
    assert entra.scim.url == "https://localhost/scim/v1/"
    assert entra.scim.token == DEFAULT_SCIM_TOKEN
    entra.scim.accept_tokens(["new", DEFAULT_SCIM_TOKEN])
    assert entra.scim.accepts("new")
    assert entra.scim.accepts(DEFAULT_SCIM_TOKEN)

    entra.scim.accept_tokens(["new"])
    assert entra.scim.token == "new"
    assert not entra.scim.accepts(DEFAULT_SCIM_TOKEN)
    with pytest.raises(ValueError, match="at least one token"):
        entra.scim.accept_tokens([])


async def test_a_token_more_is_accepted_until_the_old_one_is_revoked(entra: LocalEntra) -> None:
    entra.scim.accept_also("second")
    assert [entra.scim.accepts(token) for token in ("second", DEFAULT_SCIM_TOKEN)] == [True, True]
    entra.scim.revoke(DEFAULT_SCIM_TOKEN)
    assert [entra.scim.accepts(token) for token in ("second", DEFAULT_SCIM_TOKEN)] == [True, False]
    entra.scim.revoke("second")
    assert not entra.scim.accepts("second")
    with pytest.raises(ValueError, match="none of them empty"):
        entra.scim.accept_also("")


async def test_users_survive_a_restart_and_a_line_that_was_cut(tmp_path: Path) -> None:
    journal = tmp_path / "scim.jsonl"
    async with client(ScimServer("https://localhost", MemoryStore(), journal)) as scim:
        ids = [(await scim.post("Users", json={**USER, "userName": name})).json()["id"] for name in ("a", "b", "c")]
        await scim.delete(f"Users/{ids[0]}")
        await scim.put(f"Users/{ids[1]}", json={**USER, "userName": "b2"})
    assert journal.stat().st_mode & 0o777 == 0o600
    with journal.open("a") as file:
        file.write('{"put": {"id": "x"')

    again = ScimServer("https://localhost", MemoryStore(), journal)

    assert [item["userName"] for item in again.resources()] == ["b2", "c"]
    assert len(journal.read_text().splitlines()) == 2
    async with client(again) as scim:
        await scim.post("Users", json={**USER, "userName": "d"})
        assert (await scim.get(f"Users/{ids[2]}")).json()["userName"] == "c"
    assert len(ScimServer("https://localhost", MemoryStore(), journal).resources()) == 3


def test_a_journal_that_is_spoiled_in_the_middle_is_left_alone(tmp_path: Path) -> None:
    journal = tmp_path / "scim.jsonl"
    journal.write_text('{"no": 1}\n{"delete": "x"}\n')

    with pytest.raises(StateCorruptError, match="line 1"):
        ScimServer("https://localhost", MemoryStore(), journal)
    assert journal.read_text() == '{"no": 1}\n{"delete": "x"}\n'
