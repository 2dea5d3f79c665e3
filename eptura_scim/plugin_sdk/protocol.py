"""The messages of Pulumi's plugin protocol: the modules that the SDK generates from it, without the SDK around them.

`import pulumi` takes longer than everything else in the start of a plugin, and the engine starts a plugin twice in each
run. The generated modules import nothing of the SDK, so this module is a package of their folder.

Source: Pulumi, proto/pulumi/provider.proto, the published interface of all plugins.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.runtime.proto import (
        engine_pb2,
        engine_pb2_grpc,
        plugin_pb2,
        provider_pb2,
        provider_pb2_grpc,
        status_pb2,
    )

__all__ = ["engine_pb2", "engine_pb2_grpc", "plugin_pb2", "provider_pb2", "provider_pb2_grpc", "status_pb2"]

_sdk = find_spec("pulumi")  # finds, and does not import
if _sdk is None or _sdk.origin is None:
    raise ModuleNotFoundError("the Pulumi SDK is not installed", name="pulumi")
__path__ = [str(Path(_sdk.origin).parent / "runtime" / "proto")]
