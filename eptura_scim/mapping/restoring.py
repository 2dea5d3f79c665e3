"""What a schema lacks, from the schema of the job's template: object mappings and definitions of target attributes.

Source: Microsoft Graph, resource types synchronizationTemplate, directoryDefinition: what a mapping uses has to be
defined in its directories.
"""

from __future__ import annotations

from collections.abc import Iterable

from eptura_scim.mapping.rules import attribute_definitions, object_mapping, objects_of, outbound_rule
from eptura_scim.mapping.scim_schemas import TARGET_OBJECTS
from eptura_scim.types import Json, Kind, copied

__all__ = ["define_targets", "defined_targets", "restored_mapping", "template_targets"]


def restored_mapping(kind: Kind, template: Json | None) -> Json:
    """The object mapping of the template; a plain one without a template."""
    found = None if template is None else object_mapping(template, kind)
    if found is not None:
        return copied(found)
    return {
        "enabled": False,
        "flowTypes": "Add,Update,Delete",
        "name": f"Provision Microsoft Entra ID {kind}s",
        "scope": None,
        "sourceObjectName": kind,
        "targetObjectName": TARGET_OBJECTS[kind],
        "attributeMappings": [],
    }


def defined_targets(schema: Json, rule: Json, mapping: Json) -> set[str]:
    """The attributes that the target directory defines for the target object; empty without a definition."""
    return set(
        attribute_definitions(schema, str(rule.get("targetDirectoryName")), str(mapping.get("targetObjectName")))
    )


def template_targets(template: Json | None, kind: Kind) -> set[str]:
    """The attributes that the template's target directory defines; empty without a template."""
    mapping = None if template is None else object_mapping(template, kind)
    return set() if template is None or mapping is None else defined_targets(template, outbound_rule(template), mapping)


def define_targets(schema: Json, rule: Json, mapping: Json, targets: Iterable[str], template: Json) -> None:
    """Define target attributes that the schema lacks and the template has."""
    directory, name = str(rule.get("targetDirectoryName")), str(mapping.get("targetObjectName"))
    known = attribute_definitions(schema, directory, name)
    source = outbound_rule(template)
    offered = attribute_definitions(template, str(source.get("targetDirectoryName")), name)
    missing = [target for target in targets if target not in known and target in offered]
    found = next((one for one in objects_of(schema, "directories") if one.get("name") == directory), None)
    if found is None or not missing:
        return
    item = next((one for one in objects_of(found, "objects") if one.get("name") == name), None)
    if item is None:  # the object itself is not defined: all of it comes back
        found.setdefault("objects", []).append({"name": name, "attributes": copied(list(offered.values()))})
    else:
        item.setdefault("attributes", []).extend(copied(offered[target]) for target in missing)
