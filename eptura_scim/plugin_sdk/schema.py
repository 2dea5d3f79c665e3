"""The Pulumi package schema of a provider, made from its resources' models.

Source: Pulumi, "Package schema" (https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/).
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from eptura_scim.plugin_sdk.resource import Resource

__all__ = ["package_schema"]


def package_schema(package: Mapping[str, str], resources: Mapping[str, Resource[Any]]) -> dict[str, Any]:
    """The whole schema: resources with inputs and outputs, and the object types that they use."""
    types: dict[str, Any] = {}
    return {
        **package,
        "meta": {"moduleFormat": "(.*)"},
        "config": {},
        "provider": {"description": f"The provider of {package['name']}; it reads ARM_* from the environment."},
        "resources": {token: _resource(package["name"], resource, types) for token, resource in resources.items()},
        "types": types,
        "language": {"python": {"pyproject": {"enabled": True}}},
    }


def _resource(package: str, resource: Resource[Any], types: dict[str, Any]) -> dict[str, Any]:
    document = resource.inputs.model_json_schema(by_alias=True)
    for name, definition in document.get("$defs", {}).items():
        types[f"{package}:index:{name}"] = _object(package, definition)
    inputs = _object(package, document)
    never_kept = {name for name, extra in document["properties"].items() if extra.get("writeOnly")}
    for name, described in inputs["properties"].items():
        if name in resource.replace_on:
            described["willReplaceOnChanges"] = True
        if name in never_kept:
            described["secret"] = True
    return {
        "description": inspect.getdoc(resource) or "",
        "inputProperties": inputs["properties"],
        "requiredInputs": inputs["required"],
        "properties": {name: p for name, p in inputs["properties"].items() if name not in never_kept},
        "required": [name for name in inputs["required"] if name not in never_kept],
    }


def _object(package: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": definition.get("description", ""),
        "properties": {name: _property(package, item) for name, item in definition.get("properties", {}).items()},
        "required": sorted(definition.get("required", [])),
    }


def _property(package: str, item: Mapping[str, Any]) -> dict[str, Any]:
    described = _type(package, item)
    if "description" in item:
        described["description"] = item["description"]
    if isinstance(item.get("default"), bool | int | float | str):
        described["default"] = item["default"]
    return described


def _type(package: str, item: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in item:
        return {"$ref": f"#/types/{package}:index:{item['$ref'].rsplit('/', 1)[-1]}"}
    if "anyOf" in item:  # an optional value
        return _type(package, next(choice for choice in item["anyOf"] if choice.get("type") != "null"))
    match item.get("type"):
        case "object":
            return {"type": "object", "additionalProperties": _type(package, item["additionalProperties"])}
        case "array":
            return {"type": "array", "items": _type(package, item["items"])}
        case kind:
            return {"type": kind or "string"}
