"""The azuread plugin's recorded calls, replayed one by one: the local Entra accepts what the real plugin sends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import GraphClient

RECORDINGS = Path(__file__).parents[3] / "fixtures" / "azuread-plugin-6.9.1"
FILES = sorted(path.name for path in RECORDINGS.glob("*.jsonl"))
ID = re.compile(r"scim\.[0-9a-f]{32}\.[0-9a-f-]{36}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Replay:
    """Sends what was recorded; recorded ids stand for those that the local Entra gave out."""

    def __init__(self, graph: GraphClient) -> None:
        self.graph = graph
        self.ids: dict[str, str] = {}
        self.count = 0

    async def play(self, name: str) -> None:
        for line in (RECORDINGS / name).read_text(encoding="utf-8").splitlines():
            await self._ask(json.loads(line))
            self.count += 1

    async def _ask(self, call: dict[str, Any]) -> None:
        method, path = call["method"], self._translated(call["path"])
        if path.endswith("/token"):
            answer = await self.graph.login()
            self.graph.token = answer.json()["access_token"]
        else:
            headers = {"Authorization": f"Bearer {self.graph.token}"} if self.graph.token else {}
            content = None if call["request"] is None else self._translated(json.dumps(call["request"]))
            answer = await self.graph.http.request(method, path, headers=headers, content=content)
        assert answer.status_code == call["status"], f"{method} {path}: {answer.text}"
        if call["response"] is None:
            assert not answer.content
            return
        came = answer.json()
        self._learn(call["response"], came)
        if "select" not in path:
            assert _missing(call["response"], came) == [], f"{method} {path}"
        else:
            # The stand-in ignored $select; the local Entra, as Graph, returns what was selected.
            assert set(came) == {"@odata.context", path.partition("select=")[2]}

    def _translated(self, text: str) -> str:
        return ID.sub(lambda match: self.ids.get(match[0], match[0]), text)

    def _learn(self, recorded: Any, came: Any) -> None:
        if isinstance(recorded, dict) and isinstance(came, dict):
            for key, value in recorded.items():
                if key in {"id", "appId"} and key in came:
                    self.ids[value] = came[key]
                else:
                    self._learn(value, came.get(key))
        elif isinstance(recorded, list) and isinstance(came, list):
            for old, new in zip(recorded, came, strict=False):
                self._learn(old, new)


def _missing(recorded: Any, came: Any, path: str = "") -> list[str]:
    if isinstance(recorded, list) and recorded:
        if not isinstance(came, list) or len(came) < len(recorded):
            return [f"{path}: {len(recorded)} items"]
        return [gap for old, new in zip(recorded, came, strict=False) for gap in _missing(old, new, path)]
    if not isinstance(recorded, dict):
        return []
    if not isinstance(came, dict):
        # The plugin removes a complex value by an empty one, with its annotation alone.
        return [path] if recorded.keys() - {"@odata.type"} else []
    # An annotation that the plugin sent in PATCH came back from the stand-in; Graph keeps none.
    gaps = [f"{path}/{key}" for key in recorded.keys() - came.keys() if key != "@odata.type"]
    return gaps + [gap for key in recorded.keys() & came.keys() for gap in _missing(recorded[key], came[key], key)]


async def _until(replay: Replay, entra: LocalEntra, last: str) -> None:
    for name in FILES:
        # What the portal did between the recordings.
        if name.startswith("3-"):
            entra.portal.delete_job()
        if name.startswith("5-"):
            entra.portal.rename("renamed")
            entra.portal.disable_sign_in()
        await replay.play(name)
        if name == last:
            return


@pytest.mark.parametrize("last", FILES)
async def test_every_recorded_call_of_the_azuread_plugin_is_accepted(
    last: str, graph: GraphClient, entra: LocalEntra
) -> None:
    replay = Replay(graph)

    await _until(replay, entra, last)

    assert replay.count >= 25
    assert [call for call in entra.calls if call.status >= 500] == []


async def test_the_recordings_are_complete(graph: GraphClient, entra: LocalEntra) -> None:
    replay = Replay(graph)

    await _until(replay, entra, FILES[-1])

    assert len(FILES) == 9
    assert replay.count == 112
    assert entra.portal.applications() == []
