"""Requests of real clients, recorded and sent again one by one: each is answered with the status that the client took.

`terraform-provider-azuread-2026-08-17.jsonl`: the unmodified provider (apply, a plan without changes, destroy) with
users, groups, members, an application and its password, a service principal, assignments and data sources.
`msgraph-sdk-1.65.0.jsonl`: the official Graph SDK for Python. Of answers the fixtures hold the ids alone.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from eptura_scim.graph.ids import UUID
from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import GraphClient

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "real-clients"
# Ids of jobs, of directory objects, of assignments.
KNOWN = re.compile(rf"scim\.[0-9a-f]{{32}}\.{UUID}|{UUID}|[\w-]{{43}}")
FILES = sorted(path.name for path in RECORDINGS.glob("*.jsonl"))


class Replay:
    """Sends what was recorded; recorded ids stand for those that the local Entra gives out."""

    def __init__(self, graph: GraphClient) -> None:
        self.graph = graph
        self.ids: dict[str, str] = {}

    async def play(self, call: dict[str, Any]) -> None:
        self.graph.http.headers.pop("ConsistencyLevel", None)
        if call["eventual"]:
            self.graph.http.headers["ConsistencyLevel"] = "eventual"
        version, _, path = call["path"].lstrip("/").partition("/")
        body = None if call["request"] is None else json.loads(self._translated(json.dumps(call["request"])))
        answer = await self.graph.ask(call["method"], f"/{self._translated(path)}", body, version=version)
        assert answer.status_code == call["status"], f"{call['method']} {path}: {answer.text}"
        if call["response"]:
            self._learn(call["response"], answer.json())

    def _translated(self, text: str) -> str:
        return KNOWN.sub(lambda match: self.ids.get(match[0], match[0]), text)

    def _learn(self, recorded: Any, came: Any) -> None:
        if isinstance(recorded, dict):
            assert recorded.keys() <= came.keys()
            for key, value in recorded.items():
                if isinstance(value, str):
                    self.ids[value] = came[key]
                else:
                    self._learn(value, came[key])
        elif isinstance(recorded, list):
            assert len(recorded) == len(came)
            for old, new in zip(recorded, came, strict=True):
                self._learn(old, new)


@pytest.mark.parametrize(
    ("name", "requests", "refused"),
    [("msgraph-sdk-1.65.0.jsonl", 50, 3), ("terraform-provider-azuread-2026-08-17.jsonl", 250, 20)],
)
async def test_every_recorded_request_gets_the_recorded_answer(
    name: str, requests: int, refused: int, graph: GraphClient, entra: LocalEntra
) -> None:
    calls = [json.loads(line) for line in (RECORDINGS / name).read_text(encoding="utf-8").splitlines()]
    replay = Replay(graph)
    for call in calls:
        await replay.play(call)

    assert FILES == ["msgraph-sdk-1.65.0.jsonl", "terraform-provider-azuread-2026-08-17.jsonl"]
    assert len(calls) >= requests
    assert len([call for call in calls if call["status"] >= 400]) >= refused
    unanswered = {call["path"].rpartition("/")[2] for call in calls if call["status"] >= 500}
    assert unanswered <= {"delta()"}


async def test_azuread_leaves_nothing_behind(graph: GraphClient, entra: LocalEntra) -> None:
    replay = Replay(graph)
    for line in (RECORDINGS / FILES[1]).read_text(encoding="utf-8").splitlines():
        await replay.play(json.loads(line))
    assert entra.people.users() == entra.people.groups() == []
    assert entra.portal.applications() == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/applications", {"displayName": "x", "passwordCredentials": 5}),
        ("/applications", {"displayName": "x", "passwordCredentials": ["x"]}),
        ("/applications", {"displayName": 5}),
        ("/applications", {"displayName": "x", "owners@odata.bind": 5}),
        ("/applications/{id}/addPassword", {"passwordCredential": 5}),
        ("/applications/{id}/removePassword", {"keyId": 5}),
        ("/directoryObjects/getByIds", {"ids": 5}),
        ("/servicePrincipals", {"appId": 5}),
    ],
)
async def test_a_body_that_makes_no_sense_is_refused(path: str, body: Any, graph: GraphClient) -> None:
    app = await graph.new_app(job=False)
    odd: dict[str, Any] = {"passwordCredentials": [{}], "appRoles": [{}]}
    assert (await graph.ask("PATCH", f"/applications/{app.application}", odd)).status_code == 204
    assert (await graph.ask("POST", path.format(id=app.application), body)).status_code == 400
