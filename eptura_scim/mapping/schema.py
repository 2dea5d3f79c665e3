"""Graph's synchronizationSchema JSON to attribute mappings and back, without I/O.

The schema belongs to the service: these functions read and edit the attribute mappings of users and groups and leave
everything else, known or not, as it came.

Source: Microsoft Graph, resource types synchronizationSchema, objectMapping, attributeMapping.
"""

from __future__ import annotations

import difflib
from collections.abc import Container, Mapping
from typing import NamedTuple

from eptura_scim.expressions.nodes import Attribute, Comparison, Constant, FunctionCall
from eptura_scim.expressions.parser import ExpressionError, canonical, parse_lenient
from eptura_scim.mapping.errors import SchemaError
from eptura_scim.mapping.model import AttributeMapping, Mappings, ObjectActions
from eptura_scim.mapping.restoring import define_targets, defined_targets, restored_mapping, template_targets
from eptura_scim.mapping.rules import (
    attribute_definitions,
    further_mappings,
    object_mapping,
    objects_of,
    outbound_rule,
)
from eptura_scim.mapping.scoping import observe_filter, parse_filter, same_filter, scope_with
from eptura_scim.types import Json, Kind, copied

__all__ = [
    "apply",
    "disable_further_mappings",
    "expressions_to_parse",
    "mappings_of",
    "needs_template",
    "observed_mapping",
    "provisioning_rule",
    "same_source",
    "undefined_attributes",
    "unknown_filter_attributes",
]


# wire name of a field of attributeMapping -> name of the model's field
_FIELDS = {
    "source": "source",
    "defaultValue": "default_value",
    "matchingPriority": "matching_precedence",
    "flowType": "apply",
    "flowBehavior": "flow_behavior",
}

# flag of an object mapping's flowTypes -> name of the model's field
_ACTIONS = {"Add": "create", "Update": "update", "Delete": "delete"}


def mappings_of(schema: Json) -> Mappings:
    """The attribute mappings that a schema holds, the undocumented ones too.

    A second row of the same target is named `target (2)`: as an undocumented one it shows and goes. A schema without a
    mapping of users, or of groups, has no rows for them, and does not provision them. Raises SchemaError when there is
    neither, or a part is malformed.
    """
    found = object_mapping(schema, "User"), object_mapping(schema, "Group")
    if found == (None, None):
        raise SchemaError("the synchronization schema has no mapping of users or groups; is the job's template `scim`?")
    users, groups = (mapping or {} for mapping in found)
    return Mappings.model_construct(
        users={key: observed_mapping(row) for key, row in _rows(users)},
        groups={key: observed_mapping(row) for key, row in _rows(groups)},
        provision_users=bool(users.get("enabled")),
        provision_groups=bool(groups.get("enabled")),
        user_filter=observe_filter(users.get("scope")),
        group_filter=observe_filter(groups.get("scope")),
        user_actions=_actions(users),
        group_actions=_actions(groups),
    )


def apply(schema: Json, desired: Mappings, sources: Mapping[str, Json], template: Json | None = None) -> Json:
    """The schema with exactly the desired mappings; equal to the one given when nothing differs.

    `sources` gives Graph's tree of each expression that `expressions_to_parse` names, `template` the template's
    schema where `needs_template` asks for it: what the schema lacks is taken from there.
    """
    edited = copied(schema)
    for wanted in _desired(desired):
        mapping = object_mapping(edited, wanted.object)
        if mapping is None:
            if not wanted.rows and not wanted.enabled:
                continue
            mapping = restored_mapping(wanted.object, template)
            outbound_rule(edited).setdefault("objectMappings", []).append(mapping)
        if template is not None:
            define_targets(edited, outbound_rule(edited), mapping, wanted.rows, template)
        if bool(mapping.get("enabled")) != wanted.enabled:
            mapping["enabled"] = wanted.enabled
        if not same_filter(observe_filter(mapping.get("scope")), wanted.filter):
            mapping["scope"] = scope_with(mapping.get("scope"), wanted.filter)
        if _actions(mapping) != wanted.actions:
            flows = [flow for flow, field in _ACTIONS.items() if getattr(wanted.actions, field)]
            mapping["flowTypes"] = ",".join(flows) or "None"
        kept = [_edited(row, wanted.rows[key], sources) for key, row in _rows(mapping) if key in wanted.rows]
        present = {row["targetAttributeName"] for row in kept}
        kept += [_new(key, row, sources) for key, row in wanted.rows.items() if key not in present]
        mapping["attributeMappings"] = kept
    return edited


def disable_further_mappings(schema: Json, kept: Container[str]) -> Json:
    """The schema with the further mappings off that are not among those kept, by the names of `further_mappings`."""
    edited = copied(schema)
    for name, (_, mapping) in further_mappings(edited).items():
        if name not in kept:
            mapping["enabled"] = False
    return edited


def unknown_filter_attributes(schema: Json, desired: Mappings) -> list[str]:
    """A sentence for each attribute that a filter names and the schema lacks: with it, no object would be in scope.

    Objects that the schema does not define are not judged.
    """
    problems = []
    for wanted in _desired(desired):
        known = _source_attributes(schema, wanted.object)
        groups = parse_filter(wanted.filter).groups if wanted.filter else ()
        for name in dict.fromkeys(clause.attribute for clauses in groups for clause in clauses):
            if known and name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f", did you mean {close[0]}?" if close else ""
                problems.append(f"{wanted.object.lower()}Filter: Entra's {wanted.object} has no attribute {name}{hint}")
    return problems


def expressions_to_parse(schema: Json, desired: Mappings) -> list[str]:
    """The function expressions that `apply` will write and whose tree only the service knows (parseExpression)."""
    missing: list[str] = []
    for wanted in _desired(desired):
        live = {key: observed_mapping(row).source for key, row in _rows(object_mapping(schema, wanted.object) or {})}
        for key, row in wanted.rows.items():
            text = row.source
            if text is not None and _tree(text) is None and not same_source(live.get(key), text):
                missing.append(text)
    return missing


def needs_template(schema: Json, desired: Mappings) -> bool:
    """Whether the schema lacks an object mapping, or the definition of a target attribute, that is desired."""
    return bool(undefined_attributes(schema, desired)) or any(
        object_mapping(schema, wanted.object) is None for wanted in _desired(desired) if wanted.rows or wanted.enabled
    )


def undefined_attributes(schema: Json, desired: Mappings, template: Json | None = None) -> list[str]:
    """What is wrong with the target attributes of the desired mappings, a sentence each.

    Entra refuses a mapping into an attribute that the target directory does not define (SchemaInvalid); one that the
    template defines can be restored. Objects that the schema does not define are not judged.
    """
    problems = []
    for wanted in _desired(desired):
        mapping = object_mapping(schema, wanted.object)
        defined = None if mapping is None else defined_targets(schema, outbound_rule(schema), mapping)
        if not defined:
            continue
        known = defined | template_targets(template, wanted.object)
        problems += [
            f"{wanted.object.lower()}s[{target!r}]: the target directory defines no attribute {target}, "
            "so Entra refuses the mapping: add it to the attribute list of the application first"
            for target in wanted.rows
            if target not in known
        ]
    return problems


def same_source(one: str | None, other: str | None) -> bool:
    """Whether two expressions say the same, however they are written."""
    return one == other or (one is not None and other is not None and canonical(one) == canonical(other))


class _Wanted(NamedTuple):
    """What is desired of one object mapping."""

    object: Kind
    rows: dict[str, AttributeMapping]
    enabled: bool
    filter: str | None
    actions: ObjectActions


def _desired(desired: Mappings) -> list[_Wanted]:
    return [
        _Wanted("User", desired.users, desired.provision_users, desired.user_filter, desired.user_actions),
        _Wanted("Group", desired.groups, desired.provision_groups, desired.group_filter, desired.group_actions),
    ]


def _actions(mapping: Json) -> ObjectActions:
    """flowTypes is a text of flags: their order and blanks say nothing."""
    flows = {part.strip() for part in str(mapping.get("flowTypes") or "").split(",")}
    return ObjectActions(**{field: flow in flows for flow, field in _ACTIONS.items()})


def provisioning_rule(schema: Json, kind: Kind) -> tuple[str, bool]:
    """The id of the rule that provisions from Entra, and whether its mapping of a kind is on. Raises SchemaError."""
    mapping = object_mapping(schema, kind)
    return str(outbound_rule(schema).get("id")), mapping is not None and bool(mapping.get("enabled"))


def _source_attributes(schema: Json, kind: Kind) -> list[str]:
    """The names of an object's attributes, as the source directory of its rule defines them."""
    try:
        rule = outbound_rule(schema)
    except SchemaError:
        return []
    return list(attribute_definitions(schema, str(rule.get("sourceDirectoryName")), kind))


def _rows(mapping: Json) -> list[tuple[str, Json]]:
    rows: list[tuple[str, Json]] = []
    seen: dict[str, int] = {}
    for row in objects_of(mapping, "attributeMappings"):
        target = str(row.get("targetAttributeName"))
        seen[target] = seen.get(target, 0) + 1
        rows.append((target if seen[target] == 1 else f"{target} ({seen[target]})", row))
    return rows


def observed_mapping(row: Json) -> AttributeMapping:
    """A row as it is, also with values that a user could not declare."""
    return AttributeMapping.model_construct(
        source=_source_text(row.get("source")),
        default_value=row.get("defaultValue") or None,
        matching_precedence=row.get("matchingPriority") or 0,
        apply=row.get("flowType") or "Always",
        flow_behavior=row.get("flowBehavior") or "FlowWhenChanged",
    )


def _edited(row: Json, wanted: AttributeMapping, sources: Mapping[str, Json]) -> Json:
    live = observed_mapping(row)
    for wire, field in _FIELDS.items():
        old, new = getattr(live, field), getattr(wanted, field)
        if field == "source":
            if not same_source(old, new):
                row[wire] = _source(new, sources)
        elif old != new:
            row[wire] = new
    return row


def _new(target: str, wanted: AttributeMapping, sources: Mapping[str, Json]) -> Json:
    return {
        "targetAttributeName": target,
        "source": _source(wanted.source, sources),
        "defaultValue": wanted.default_value,
        "matchingPriority": wanted.matching_precedence,
        "flowType": wanted.apply,
        "flowBehavior": wanted.flow_behavior,
        "exportMissingReferences": False,
    }


def _source_text(source: Json | None) -> str | None:
    """The expression of an attributeMappingSource, printed as we print it; None where nothing flows."""
    if source is None:
        return None
    name, expression = source.get("name"), source.get("expression")
    if expression:
        try:
            return str(parse_lenient(expression))
        except ExpressionError:
            return str(expression)
    match source.get("type"):
        case "Attribute":
            return str(Attribute(str(name)))
        case "Constant":
            return str(Constant(str(name)))
        case _:
            values = ", ".join(_source_text(pair.get("value")) or "" for pair in source.get("parameters") or [])
            return f"{name}({values})"


def _source(text: str | None, sources: Mapping[str, Json]) -> Json | None:
    if text is None:
        return None
    return _tree(text) or copied(sources[text])


def _tree(text: str) -> Json | None:
    """Graph's tree of an attribute or a constant; None for what only the service can parse into one."""
    match parse_lenient(text):
        case Attribute(name):
            return {"expression": text, "name": name, "parameters": [], "type": "Attribute"}
        case Constant(value):
            return {"expression": text, "name": value, "parameters": [], "type": "Constant"}
        case FunctionCall() | Comparison() | _:
            return None
