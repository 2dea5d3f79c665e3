"""Synchronization schemas: the default one, and what a PUT must fulfil.

Sources: Microsoft Graph, resource types synchronizationSchema, objectMapping, attributeMapping, attributeMappingSource
and "Update synchronizationSchema". The default schema is reconstructed, see data/README.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, get_args

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.switches import Switches
from eptura_scim.mapping.errors import SchemaError
from eptura_scim.mapping.model import Apply, FlowBehavior
from eptura_scim.mapping.scoping import BINARY_OPERATORS, UNARY_OPERATORS, observe_filter
from eptura_scim.types import Json, copied

__all__ = ["FILTER_OPERATORS", "SECRET_KEYS", "check_schema", "default_schema", "new_version"]

# Tuples, since any JSON value may be looked up in them, also one that has no hash.
_FLOW_TYPES = get_args(Apply)
_FLOW_BEHAVIORS = get_args(FlowBehavior)
_SOURCE_TYPES = ("Attribute", "Constant", "Function")
_OBJECT_FLOWS = {"None", "Add", "Update", "Delete"}


@cache
def _data(name: str) -> Any:
    return json.loads(resources.files("eptura_scim.local_entra").joinpath("data", name).read_text(encoding="utf-8"))


SECRET_KEYS: frozenset[str] = frozenset(_data("synchronization-secret-keys.json"))
"""Members of synchronizationSecret; PUT accepts no other key."""

# EQUALS, IS FALSE, REGEX MATCH and NOT REGEX MATCH are also seen on the wire. Types an operator takes: Microsoft Graph,
# filterOperatorSchema, which shows those of EQUALS.
_TYPES = {
    "EQUALS": ["String", "Integer"],
    "NOT EQUALS": ["String", "Integer"],
    "IS TRUE": ["Boolean"],
    "IS FALSE": ["Boolean"],
    "IS NULL": ["String", "Integer", "Boolean", "Reference", "Binary"],
    "IS NOT NULL": ["String", "Integer", "Boolean", "Reference", "Binary"],
    "Greater_Than": ["Integer"],
    "Greater_Than_OR_EQUALS": ["Integer"],
    "&": ["String", "Integer"],
    "!&": ["String", "Integer"],
}
FILTER_OPERATORS: list[Json] = [
    {
        "id": name,
        "name": name,
        "arity": "Unary" if name in UNARY_OPERATORS else "Binary",
        "multivaluedComparisonType": "All",
        "supportedAttributeTypes": _TYPES.get(name, ["String"]),
    }
    for name in (*BINARY_OPERATORS, *UNARY_OPERATORS)
]


def default_schema(identifier: str, *, group_mapping_enabled: bool, version: str) -> Json:
    """The schema of a new job, or of the template when no group has been enabled yet."""
    schema: Json = copied(_data("scim-default-schema.json"))
    schema["id"], schema["version"] = identifier, version
    for mapping in schema["synchronizationRules"][0]["objectMappings"]:
        if mapping["sourceObjectName"] == "Group":
            mapping["enabled"] = group_mapping_enabled
    return schema


def new_version(moment: str, activity: str) -> str:
    """A version in the form that published output of 2025 shows."""
    return f"Date:{moment}, ActivityId:{activity}"


def check_schema(schema: Json, current_version: str, switches: Switches) -> None:
    """Refuse a schema that the service could not take. Raises ODataError."""
    for name in ("synchronizationRules", "directories"):
        if not isinstance(schema.get(name), list):
            raise _invalid(f"The property '{name}' is required: the schema is replaced as a whole.")
    if switches.schema_stale_version == "refused" and schema.get("version") != current_version:
        raise ODataError(409, "Conflict", "The schema was changed since it was read; its version is outdated.")
    attributes = _attributes(schema["directories"])
    for rule in _objects(schema["synchronizationRules"], "synchronizationRules"):
        for mapping in _objects(rule.get("objectMappings", []), "objectMappings"):
            _check_object_mapping(mapping)
            source = attributes.get((str(rule.get("sourceDirectoryName")), str(mapping.get("sourceObjectName"))))
            target = attributes.get((str(rule.get("targetDirectoryName")), str(mapping.get("targetObjectName"))))
            if switches.schema_checks_attributes and (source is None or target is None):
                raise _invalid(f"The object mapping '{mapping.get('name')}' names an object that no directory defines.")
            for row in _objects(mapping.get("attributeMappings", []), "attributeMappings"):
                _check_row(row, switches)
                if switches.schema_checks_attributes:
                    _check_attributes(row, source or set(), target or set())


def _check_object_mapping(mapping: Json) -> None:
    flows = {part.strip() for part in str(mapping.get("flowTypes") or "None").split(",")}
    if not flows <= _OBJECT_FLOWS:
        raise _invalid(f"'{mapping.get('flowTypes')}' is not a value of flowTypes.")
    if not isinstance(mapping.get("enabled", False), bool):
        raise _invalid("enabled is true or false.")
    try:
        observe_filter(mapping.get("scope"))
    except SchemaError as error:
        raise _invalid(f"The object mapping '{mapping.get('name')}': {error}.") from None


def _check_row(row: Json, switches: Switches) -> None:
    target = row.get("targetAttributeName")
    if not isinstance(target, str) or not target:
        raise _invalid("An attribute mapping has no targetAttributeName.")
    priority = row.get("matchingPriority", 0)
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise _invalid(f"The matchingPriority of '{target}' is not an integer.")
    for name, values in (("flowType", _FLOW_TYPES), ("flowBehavior", _FLOW_BEHAVIORS)):
        if row.get(name) is not None and row[name] not in values:
            raise _invalid(f"'{row[name]}' is not a value of {name} ('{target}').")
    source = row.get("source")
    if source is None:
        return
    if not isinstance(source, dict):
        raise _invalid(f"The source of '{target}' is not an object.")
    parsed = source.get("type") is not None and source.get("name") is not None
    if not parsed and switches.schema_expression_only == "refused":
        raise _invalid(f"The source of '{target}' has no parsed expression (name, type, parameters).")
    for node in _nodes(source):
        if node.get("type") is not None and node["type"] not in _SOURCE_TYPES:
            raise _invalid(f"'{node['type']}' is not a value of type ('{target}').")


def _check_attributes(row: Json, source: set[str], target: set[str]) -> None:
    if row["targetAttributeName"] not in target:
        raise _invalid(f"The target attribute '{row['targetAttributeName']}' is not defined in the target directory.")
    for node in _nodes(row.get("source") or {}):
        if node.get("type") == "Attribute" and str(node.get("name")) not in source:
            raise _invalid(
                f"The source attribute '{node.get('name')}' of '{row['targetAttributeName']}' is not defined in the "
                "source directory."
            )


def _nodes(source: Json) -> Iterator[Json]:
    yield source
    for parameter in _objects(source.get("parameters"), "parameters"):
        if isinstance(value := parameter.get("value"), dict):
            yield from _nodes(value)


def _attributes(directories: list[Any]) -> dict[tuple[str, str], set[str]]:
    """Attribute names by directory name and object name."""
    return {
        (str(directory.get("name")), str(item.get("name"))): {
            str(attribute.get("name")) for attribute in _objects(item.get("attributes", []), "attributes")
        }
        for directory in _objects(directories, "directories")
        for item in _objects(directory.get("objects", []), "objects")
    }


def _objects(items: Any, name: str) -> list[Json]:
    items = items if items is not None else []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _invalid(f"{name} is not a list of objects.")
    return items


def _invalid(message: str) -> ODataError:
    # The code is reported by users (azure-docs#58604); the texts are ours.
    return ODataError.bad_request(message, "SchemaInvalid")
