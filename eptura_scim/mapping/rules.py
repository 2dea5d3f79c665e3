"""The rule and the object mappings of a schema that provision from Entra into the application.

Source: Microsoft Graph, resource types synchronizationSchema, synchronizationRule, objectMapping, directoryDefinition.
"""

from __future__ import annotations

from collections.abc import Container
from itertools import chain, count

from eptura_scim.mapping.errors import SchemaError
from eptura_scim.types import KINDS, Json, Kind

__all__ = ["attribute_definitions", "further_mappings", "object_mapping", "objects_of", "outbound_rule"]

_ENTRA = frozenset({"Azure Active Directory", "Azure AD", "Microsoft Entra ID"})
"""Names of Entra's own directory in schemas; which one it is differs between tenants and times."""


def outbound_rule(schema: Json) -> Json:
    """The synchronization rule that provisions from Entra into the application. Raises SchemaError without one.

    A rule of the other direction may stand before it.
    """
    found = [
        rule for rule in objects_of(schema, "synchronizationRules") if rule.get("targetDirectoryName") not in _ENTRA
    ]
    from_entra = [rule for rule in found if rule.get("sourceDirectoryName") in _ENTRA]
    with_mappings = (rule for rule in from_entra + found if any(map(_is_outbound, objects_of(rule, "objectMappings"))))
    chosen = next(with_mappings, from_entra[0] if from_entra else None)
    if chosen is None:
        raise SchemaError(
            "the synchronization schema has no rule from Entra into the application; is the job's template `scim`?"
        )
    return chosen


def object_mapping(schema: Json, kind: Kind) -> Json | None:
    """The mapping of users or of groups in that rule; None where the schema has none. Raises SchemaError."""
    # By object names: the display names of object mappings differ between tenants.
    found = [one for one in objects_of(outbound_rule(schema), "objectMappings") if one.get("sourceObjectName") == kind]
    return next((one for one in found if _target_kind(one) == kind), found[0] if found else None)


def further_mappings(schema: Json) -> dict[str, tuple[Json, Json]]:
    """The mappings that provision users or groups into the application beside the two of `object_mapping`, by a name,
    each with its rule, in the order of the rules' priorities. Mappings that are off are left out. Raises SchemaError.

    Source: Microsoft Graph, synchronizationRule: "Rules with the lowest priority number will be processed first".
    """
    main = outbound_rule(schema)
    managed = [object_mapping(schema, kind) for kind in KINDS]
    found: dict[str, tuple[Json, Json]] = {}
    for rule in sorted(objects_of(schema, "synchronizationRules"), key=_priority):
        if any(rule.get(name) != main.get(name) for name in ("sourceDirectoryName", "targetDirectoryName")):
            continue
        for mapping in objects_of(rule, "objectMappings"):
            if _is_outbound(mapping) and mapping.get("enabled") and not any(mapping is one for one in managed):
                found[_free_name(found, rule, mapping)] = (rule, mapping)
    return found


def _priority(rule: Json) -> int:
    priority = rule.get("priority")
    return priority if isinstance(priority, int) else 0


def _free_name(taken: Container[str], rule: Json, mapping: Json) -> str:
    name = (
        f"{rule.get('name') or rule.get('id')}: {mapping.get('sourceObjectName')} to {mapping.get('targetObjectName')}"
    )
    return next(free for free in chain([name], (f"{name} ({n})" for n in count(2))) if free not in taken)


def _is_outbound(mapping: Json) -> bool:
    return mapping.get("sourceObjectName") in KINDS


def _target_kind(mapping: Json) -> str:
    return str(mapping.get("targetObjectName")).rpartition(":")[2]


def objects_of(place: Json, name: str) -> list[Json]:
    """A list of objects in a schema, empty where it is missing. Raises SchemaError for anything else."""
    found = place.get(name) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise SchemaError(f"the synchronization schema is malformed: {name} is not a list of objects")
    return found


def attribute_definitions(schema: Json, directory: str, name: str) -> dict[str, Json]:
    """The attributes that a directory of the schema defines for an object, by name; empty without a definition."""
    return {
        str(attribute.get("name")): attribute
        for found in objects_of(schema, "directories")
        if found.get("name") == directory
        for item in objects_of(found, "objects")
        if item.get("name") == name
        for attribute in objects_of(item, "attributes")
    }
