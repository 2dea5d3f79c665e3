"""A plugin that crashes, in a call or as a process, tells where, and neither the token nor the client secret."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from eptura_scim.sealing import seal
from tests.security.traces import CLIENT_SECRET, TOKEN, traces

PLUGIN = Path(__file__).with_name("crashing_plugin.py")
URN = "urn:pulumi:dev::p::crashing:index:Crashing::x"


class Plugin(NamedTuple):
    process: subprocess.Popen[str]
    output: Path
    stub: Any


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    """The plugin as talkative as Python and gRPC can be made, and without a core file when it is aborted."""
    folder = tmp_path_factory.mktemp("crashing")
    talkative = {
        "ARM_CLIENT_SECRET": CLIENT_SECRET,
        "GRPC_TRACE": "all",
        "GRPC_VERBOSITY": "debug",
        "PYTHONASYNCIODEBUG": "1",
        "PYTHONPATH": str(PLUGIN.parents[2]),
    }
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-X", "dev", "-X", "faulthandler", str(PLUGIN), "127.0.0.1:1"],
            cwd=folder,
            env={**os.environ, **talkative},
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
    assert process.stdout
    port = process.stdout.readline().strip()
    with process, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Plugin(process, folder / "output", provider_pb2_grpc.ResourceProviderStub(channel))
        process.kill()


def properties(token: str) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update({"secretToken": token})
    return made


def requests(sealed: struct_pb2.Struct) -> dict[str, Any]:
    return {
        "Check": provider_pb2.CheckRequest(urn=URN, news=sealed),
        "Diff": provider_pb2.DiffRequest(urn=URN, id="x", olds=properties("old"), news=sealed),
        "Create": provider_pb2.CreateRequest(urn=URN, properties=sealed),
        "Read": provider_pb2.ReadRequest(urn=URN, id="x", properties=sealed, inputs=sealed),
        "Update": provider_pb2.UpdateRequest(urn=URN, id="x", olds=sealed, news=sealed),
        "Delete": provider_pb2.DeleteRequest(urn=URN, id="x", properties=sealed),
        "Invoke": provider_pb2.InvokeRequest(tok="crashing:index:crash", args=sealed),
    }


def test_no_crash_shows_a_secret(plugin: Plugin) -> None:
    asked = provider_pb2.InvokeRequest(tok="crashing:index:sealingKey")
    key = getattr(plugin.stub.Invoke(asked), "return")["publicKey"]  # a keyword
    for method, request in requests(properties(seal(key, TOKEN))).items():
        with pytest.raises(grpc.RpcError) as crashed:
            getattr(plugin.stub, method)(request, timeout=30)
        said = crashed.value.details()
        assert "RuntimeError at crashing_plugin.py:" in said, method
        assert traces(TOKEN, said) + traces(CLIENT_SECRET, said) == [], method

    plugin.process.send_signal(signal.SIGABRT)
    assert plugin.process.wait(20) == -signal.SIGABRT
    output = plugin.output.read_bytes()
    assert b"Fatal Python error: Aborted" in output  # the fault handler did speak
    assert b"pulumirpc.ResourceProvider" in output  # and so did gRPC's trace
    assert traces(TOKEN, output) + traces(CLIENT_SECRET, output) == []
