"""The plugin as users' engines start it: from its folder, anywhere, described by a package schema."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from eptura_scim.engine import Engine, plugin_folders
from eptura_scim.engine.plugins import AzureadPlugin
from tests.engine.conftest import PROJECT

PLUGIN = PROJECT / "plugin"
NAMES = [
    "EnterpriseApplicationName",
    "SynchronizationJob",
    "SynchronizationJobState",
    "SynchronizationSchema",
    "SynchronizationSecrets",
]


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[provider_pb2_grpc.ResourceProviderStub]:
    """The plugin, started as Pulumi's Python language host does: python on its folder, from another folder."""
    with subprocess.Popen(
        [sys.executable, "-u", str(PLUGIN), "127.0.0.1:1"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_the_language_host_starts_the_plugin_from_any_folder(stub: provider_pb2_grpc.ResourceProviderStub) -> None:
    assert stub.GetPluginInfo(empty_pb2.Empty()).version == "0.1.0"
    schema = json.loads(stub.GetSchema(provider_pb2.GetSchemaRequest(version=0)).schema)
    assert sorted(schema["resources"]) == [f"eptura-scim:index:{name}" for name in NAMES]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The plugin's folder in a checkout whose environment is not made yet."""
    return shutil.copytree(PLUGIN, tmp_path / "check out" / "plugin", ignore=shutil.ignore_patterns("__pycache__"))


def test_the_executable_uses_the_environment_its_folder_names(copied: Path) -> None:
    copied.parent.joinpath(".venv").symlink_to(sys.prefix)
    with subprocess.Popen(
        [str(copied / "pulumi-resource-eptura-scim"), "127.0.0.1:1"], cwd="/", stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty())
        process.terminate()
        assert process.wait(timeout=10) == 0  # the signal reaches the plugin, not a shell before it
    assert info.version == "0.1.0"


def test_the_executable_says_which_environment_is_missing(copied: Path) -> None:
    done = subprocess.run(
        [str(copied / "pulumi-resource-eptura-scim"), "127.0.0.1:1"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{copied}/../.venv/bin/python is not found" in done.stderr
    assert "make setup" in done.stderr


def test_the_executable_without_environment_uses_python_on_path(
    copied: Path,
) -> None:
    (copied / "PulumiPlugin.yaml").write_text("runtime: python\n")
    done = subprocess.run(
        [str(copied / "pulumi-resource-eptura-scim")],
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "the engine starts it" in done.stderr


def test_the_plugins_folder_names_the_projects_environment() -> None:
    runtime = yaml.safe_load((PLUGIN / "PulumiPlugin.yaml").read_text())["runtime"]
    assert runtime["name"] == "python"
    assert (PLUGIN / runtime["options"]["virtualenv"]).resolve() == PLUGIN.parent / ".venv"
    project = yaml.safe_load((PLUGIN.parent / "Pulumi.yaml").read_text())
    assert project["plugins"]["providers"] == [{"name": "eptura-scim", "path": PLUGIN.name}]


def test_the_engine_reads_a_complete_package_schema(engine: Engine, tmp_path: Path) -> None:
    folder = plugin_folders(tmp_path, AzureadPlugin(None, "0.0.0"))["eptura-scim"]
    done = engine.command.run(
        ["package", "get-schema", str(folder / "pulumi-resource-eptura-scim")],
        cwd=str(tmp_path),
        additional_env={"PULUMI_HOME": str(tmp_path / "home")},
    )
    schema = json.loads(done.stdout)
    secrets = schema["resources"]["eptura-scim:index:SynchronizationSecrets"]
    assert secrets["inputProperties"]["secretToken"]["secret"] is True
    assert "secretToken" not in secrets["properties"]
    assert set(secrets["requiredInputs"]) == {"servicePrincipalId", "jobId", "tenantUrl"}
    mapping = schema["resources"]["eptura-scim:index:SynchronizationSchema"]["inputProperties"]["users"]
    assert mapping["additionalProperties"] == {"$ref": "#/types/eptura-scim:index:AttributeMapping"}
    every = [*schema["resources"].values(), *schema["types"].values()]
    assert all(item["description"] for item in every)
    assert all(p["description"] for item in every for p in item.get("inputProperties", item["properties"]).values())
