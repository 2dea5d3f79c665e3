"""The package schema has the shape that Pulumi's schema tools accept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi.runtime.proto.provider_pb2 import GetSchemaRequest

from tests.integration.plugin_sdk.sample_plugin import provider


@pytest.fixture
async def schema() -> dict[str, Any]:
    response = await provider().get_schema(GetSchemaRequest())
    document: dict[str, Any] = json.loads(response.schema)
    return document


def references(document: Any) -> set[str]:
    if isinstance(document, dict):
        own = {document["$ref"]} if "$ref" in document else set()
        return own.union(*map(references, document.values()))
    return set().union(*map(references, document)) if isinstance(document, list) else set()


def properties(document: Any) -> list[dict[str, Any]]:
    """Every type in the document that must be one of Pulumi's."""
    found: list[dict[str, Any]] = []
    for definition in [*document["types"].values(), *document["resources"].values()]:
        for key in ("properties", "inputProperties"):
            found.extend(definition.get(key, {}).values())
    return found


def test_the_package_is_named(schema: dict[str, Any]) -> None:
    assert (schema["name"], schema["version"], schema["description"]) == ("sample", "1.2.3", "A sample.")
    assert set(schema["resources"]) == {"sample:index:Thing", "sample:index:BridgedThing"}


def test_every_reference_is_defined(schema: dict[str, Any]) -> None:
    assert references(schema) == {f"#/types/{name}" for name in schema["types"]}


def test_every_property_has_a_type_of_pulumi(schema: dict[str, Any]) -> None:
    for described in properties(schema):
        assert "$ref" in described or described["type"] in {"string", "integer", "number", "boolean", "array", "object"}
        assert described.get("type") != "array" or "items" in described
        assert described.get("type") != "object" or "additionalProperties" in described


def test_a_resource_is_described_field_by_field(schema: dict[str, Any]) -> None:
    thing = schema["resources"]["sample:index:Thing"]
    assert thing["description"] == "A thing."
    assert thing["requiredInputs"] == ["displayName"]
    inputs = thing["inputProperties"]
    assert inputs["displayName"] == {"type": "string", "description": "What people call it."}
    assert inputs["kind"] == {"type": "string", "default": "plain", "willReplaceOnChanges": True}
    assert inputs["count"] == {"type": "integer"}
    assert inputs["parts"]["additionalProperties"] == {"$ref": "#/types/sample:index:Part"}
    assert inputs["tags"]["items"] == {"type": "string"}


def test_what_is_only_written_is_a_secret_input_and_no_output(schema: dict[str, Any]) -> None:
    thing = schema["resources"]["sample:index:Thing"]
    assert thing["inputProperties"]["token"]["secret"] is True
    assert "token" not in thing["properties"]
