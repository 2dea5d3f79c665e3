"""Processes that are measured: a provider plugin, met over gRPC as the engine meets it, and a fresh Python."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from eptura_scim.engine.command import clean_environment
from eptura_scim.errors import ReadableError

__all__ = ["NotMeasuredError", "PluginProcess", "program_imports", "running"]

_ROOT = Path(__file__).parents[1]
_NO_ENGINE = "127.0.0.1:1"
_SECONDS = 60.0


class NotMeasuredError(ReadableError):
    """Something did not do what was to be measured."""


@dataclass
class PluginProcess:
    """A plugin's process that answers."""

    stub: Any
    began: float

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.perf_counter() - self.began

    def check(self, urn: str, inputs: Mapping[str, Any]) -> Any:
        """Check inputs; gives them as the provider wants them. Raises NotMeasuredError where it refuses them."""
        checked = self.stub.Check(provider_pb2.CheckRequest(urn=urn, news=_struct(inputs)), timeout=_SECONDS)
        if checked.failures:
            raise NotMeasuredError("; ".join(f"{item.property}: {item.reason}" for item in checked.failures))
        return checked.inputs

    def create(self, urn: str, checked: Any) -> float:
        """Create a resource; gives the seconds that it took."""
        began = time.perf_counter()
        self.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked), timeout=_SECONDS)
        return time.perf_counter() - began


@contextmanager
def running(module: str, environment: Mapping[str, str] | None = None) -> Iterator[PluginProcess]:
    """Start `python -m MODULE`, wait until it has told its version, end it afterwards."""
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-P", "-m", module, _NO_ENGINE],
        env=_environment(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.strip().isdigit():
            raise NotMeasuredError(f"{module} ended without naming its port")
        with grpc.insecure_channel(f"127.0.0.1:{line.strip()}", options=[("grpc.enable_http_proxy", 0)]) as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.GetPluginInfo(empty_pb2.Empty(), timeout=_SECONDS)
            yield PluginProcess(stub, began)
    finally:
        process.kill()
        process.communicate()


def program_imports(module: str) -> float:
    """Seconds that a fresh Python takes to import a module and end."""
    began = time.perf_counter()
    subprocess.run(  # noqa: S603
        [sys.executable, "-P", "-c", f"import {module}"], env=_environment({}), check=True, timeout=_SECONDS
    )
    return time.perf_counter() - began


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    return {**clean_environment(), "PYTHONPATH": str(_ROOT), **more}


def _struct(values: Mapping[str, Any]) -> Any:
    made = struct_pb2.Struct()
    made.update({name: value for name, value in values.items() if value is not None})
    return made
