"""What a plain preview says of each difference."""

from __future__ import annotations

from typing import Any

import grpc.aio
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc

from eptura_scim.plugin_sdk.difference import differences
from eptura_scim.plugin_sdk.messages import Messages, diff_lines
from eptura_scim.plugin_sdk.values import UNKNOWN


def lines(old: dict[str, object], new: dict[str, object]) -> list[str]:
    return diff_lines(old, new, differences(old, new))


def test_each_difference_is_a_line_with_both_values() -> None:
    assert lines({"scope": "assigned"}, {"scope": "all"}) == ['~ scope: "assigned" => "all"']
    assert lines({}, {"threshold": 5}) == ["+ threshold: 5"]
    assert lines({"on": True}, {}) == ["- on: true"]


def test_a_mapping_is_told_by_what_flows() -> None:
    row = {"source": "[jobTitle]", "apply": "Always", "matchingPrecedence": 0}
    assert lines({"users": {"title": row}}, {"users": {}}) == ['- users.title: "[jobTitle]"']


def test_an_unknown_value_is_shown_as_unknown() -> None:
    assert lines({"job": "a"}, {"job": UNKNOWN}) == ['~ job: "a" => known after the update']
    assert "known after the update" in lines({}, {"job": {"id": UNKNOWN}})[0]


async def test_a_message_that_cannot_be_delivered_is_not_a_failure() -> None:
    await Messages().info("urn", "text")
    await Messages("127.0.0.1:1").warning("urn", "text")


class EngineLog(engine_pb2_grpc.EngineServicer):
    """What an engine shows."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    async def Log(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802  (gRPC's name)
        self.shown.append(request.message)
        return empty_pb2.Empty()


@pytest.mark.parametrize("variable", ["https_proxy", "http_proxy", "grpc_proxy"])
async def test_a_message_goes_to_the_engine_and_through_no_proxy(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "no_grpc_proxy", "https_proxy", "http_proxy", "grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    engine, server = EngineLog(), grpc.aio.server()
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    await Messages(f"127.0.0.1:{port}").warning("urn", "the scope shrinks")
    await server.stop(None)
    assert engine.shown == ["the scope shrinks"]


def test_a_digest_that_differs_is_told_without_its_values() -> None:
    old, new = {"made": {"of": "4f53cd", "at": 1}}, {"made": {"of": "67510d", "at": 2}}
    assert sorted(diff_lines(old, new, differences(old, new), digests={"made.of"})) == [
        "~ made.at: 1 => 2",
        "~ made.of: changed",
    ]
