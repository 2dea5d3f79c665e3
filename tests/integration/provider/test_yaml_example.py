"""examples/yaml declares Eptura's guide, with resources and inputs that the plugin has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime.proto import provider_pb2 as rpc

from eptura_scim import documented
from eptura_scim.mapping import Mappings
from eptura_scim.provider import provider

PROGRAM: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[3] / "examples" / "yaml" / "Pulumi.yaml").read_text(encoding="utf-8")
)
RESOURCES: dict[str, dict[str, Any]] = PROGRAM["resources"]


@pytest.fixture
async def inputs_of() -> dict[str, dict[str, Any]]:
    """The plugin's resources by the type that YAML writes, with their inputs."""
    schema = json.loads((await provider().get_schema(rpc.GetSchemaRequest())).schema)
    return {token.replace(":index:", ":"): found for token, found in schema["resources"].items()}


async def test_the_plugin_has_each_resource_and_input(inputs_of: dict[str, dict[str, Any]]) -> None:
    own = {name: one for name, one in RESOURCES.items() if one["type"].startswith("eptura-scim:")}
    assert {one["type"] for one in own.values()} == set(inputs_of)
    for name, one in own.items():
        described, given = inputs_of[one["type"]], set(one["properties"])
        assert given <= set(described["inputProperties"]), name
        assert set(described["requiredInputs"]) <= given, name


def test_mappings_scope_and_name_are_those_of_the_guide() -> None:
    given = RESOURCES["mappings"]["properties"]
    of_the_guide = documented.mappings()
    assert Mappings.model_validate({name: given[name] for name in ("users", "groups")}) == of_the_guide
    application = RESOURCES["application"]["properties"]
    assert application["templateId"] == documented.NON_GALLERY_TEMPLATES["public"]
    names = {RESOURCES[one]["properties"]["displayName"] for one in ("application", "name")}
    assert names == {documented.APPLICATION_NAME}
    assert RESOURCES["connection"]["properties"]["scope"] == "all"


def test_provisioning_starts_last() -> None:
    assert RESOURCES["state"]["options"]["dependsOn"] == ["${connection}", "${mappings}"]
    assert RESOURCES["mappings"]["options"]["dependsOn"] == ["${connection}"]
