"""The edit of Graph's schema: exactly the declared mappings, everything else as it came."""

import contextlib
import json
import re
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim import documented
from eptura_scim.documented import GroupMatching, Phone
from eptura_scim.expressions.parser import parse
from eptura_scim.expressions.tree import source_tree
from eptura_scim.mapping import (
    AttributeMapping,
    Mappings,
    ObjectActions,
    SchemaError,
    apply,
    disable_further_mappings,
    expressions_to_parse,
    external_id_problem,
    further_mappings,
    mappings_of,
    needs_template,
    undefined_attributes,
)
from eptura_scim.types import copied
from tests.examples import examples

DEFAULT = json.loads(resources.files("eptura_scim.local_entra").joinpath("data/scim-default-schema.json").read_text())


def default_schema() -> dict[str, Any]:
    return copied(DEFAULT)


def desired(
    work: Phone = "off", mobile: Phone = "off", groups: GroupMatching = "externalIdThenDisplayName"
) -> Mappings:
    return documented.mappings(phone_work=work, phone_mobile=mobile, group_matching=groups)


def converge(schema: dict[str, Any], wanted: Mappings) -> dict[str, Any]:
    return apply(schema, wanted, {text: source_tree(parse(text)) for text in expressions_to_parse(schema, wanted)})


def rows(schema: dict[str, Any], source: str) -> list[dict[str, Any]]:
    for mapping in schema["synchronizationRules"][0]["objectMappings"]:
        if mapping["sourceObjectName"] == source:
            found: list[dict[str, Any]] = mapping["attributeMappings"]
            return found
    raise AssertionError(source)


def without_mappings(schema: dict[str, Any]) -> dict[str, Any]:
    rest = copied(schema)
    for rule in rest["synchronizationRules"]:
        for mapping in rule["objectMappings"]:
            mapping["attributeMappings"] = []
            mapping["enabled"] = None
    return rest


def test_the_default_schema_becomes_exactly_the_documented_one() -> None:
    schema = converge(default_schema(), desired())
    assert mappings_of(schema) == desired()
    assert {row["targetAttributeName"] for row in rows(schema, "User")} == {
        "userName",
        "active",
        'emails[type eq "work"].value',
        "name.givenName",
        "name.familyName",
        "externalId",
    }


def test_external_id_is_direct_from_object_id_and_matches_always() -> None:
    row = next(
        r for r in rows(converge(default_schema(), desired()), "User") if r["targetAttributeName"] == "externalId"
    )
    assert row["source"] == {"expression": "[objectId]", "name": "objectId", "parameters": [], "type": "Attribute"}
    assert (row["defaultValue"], row["matchingPriority"], row["flowType"]) == (None, 0, "Always")


def test_groups_match_by_external_id_and_then_by_display_name() -> None:
    schema = converge(default_schema(), desired())
    precedence = {row["targetAttributeName"]: row["matchingPriority"] for row in rows(schema, "Group")}
    assert precedence == {"externalId": 1, "displayName": 2, "members": 0}
    schema = converge(default_schema(), desired(groups="externalIdOnly"))
    precedence = {row["targetAttributeName"]: row["matchingPriority"] for row in rows(schema, "Group")}
    assert precedence == {"externalId": 1, "displayName": 0, "members": 0}


def test_rows_that_were_right_already_are_kept_as_they_came() -> None:
    before, after = default_schema(), converge(default_schema(), desired())
    for target in ("userName", "active", "name.givenName"):
        row = next(r for r in rows(before, "User") if r["targetAttributeName"] == target)
        assert row in rows(after, "User")


def test_attribute_definitions_stay_when_their_mapping_goes() -> None:
    assert converge(default_schema(), desired())["directories"] == default_schema()["directories"]


def test_a_function_in_place_is_not_parsed_again() -> None:
    assert expressions_to_parse(default_schema(), desired()) == []
    assert len(expressions_to_parse(default_schema(), desired(work="e164", mobile="rfc3966"))) == 2


def test_a_second_row_of_a_target_is_a_difference_and_is_removed() -> None:
    schema = converge(default_schema(), desired())
    rows(schema, "User").append(copied(rows(schema, "User")[0]))
    assert "userName (2)" in mappings_of(schema).users
    assert mappings_of(converge(schema, desired())) == desired()


def test_an_unreadable_expression_is_shown_unchanged() -> None:
    schema = default_schema()
    rows(schema, "User")[0]["source"] = {
        "expression": "Broken([",
        "name": "Broken",
        "type": "Function",
        "parameters": [],
    }
    assert mappings_of(schema).users[rows(schema, "User")[0]["targetAttributeName"]].source == "Broken(["


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (None, None),
        ({"name": "mail", "type": "Attribute"}, "[mail]"),
        ({"expression": None, "name": "8", "type": "Constant"}, '"8"'),
        (
            {
                "name": "Mid",
                "type": "Function",
                "parameters": [
                    {"key": "source", "value": {"name": "mail", "type": "Attribute"}},
                    {"key": "start", "value": {"name": "1", "type": "Constant"}},
                ],
            },
            'Mid([mail], "1")',
        ),
    ],
)
def test_a_source_without_its_text_is_read_from_its_tree(source: dict[str, Any] | None, text: str | None) -> None:
    schema = default_schema()
    rows(schema, "User")[0]["source"] = source
    assert mappings_of(schema).users[rows(schema, "User")[0]["targetAttributeName"]].source == text


@pytest.mark.parametrize(
    "broken", [{}, {"synchronizationRules": None}, {"synchronizationRules": [{"objectMappings": None}]}]
)
def test_a_schema_without_a_user_mapping_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match="no rule from Entra into the application"):
        mappings_of(broken)


def test_null_and_empty_default_are_one() -> None:
    schema = converge(default_schema(), desired())
    for row in rows(schema, "User"):
        row["defaultValue"] = ""
    assert mappings_of(schema) == desired()
    assert converge(schema, desired()) == schema


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
attributes = st.sampled_from(["[objectId]", "[mail]", '"x"', 'Join("-", [a], [b])', "ToLower([mail], )"])
mappings = st.builds(
    AttributeMapping,
    source=st.none() | attributes,
    default_value=st.none() | st.text(max_size=5),
    matching_precedence=st.integers(0, 3),
    apply=st.sampled_from(["Always", "ObjectAddOnly"]),
    flow_behavior=st.sampled_from(["FlowWhenChanged", "FlowAlways"]),
)
targets = st.sampled_from(
    ["userName", "externalId", "displayName", "title", "nickName", 'emails[type eq "work"].value']
)
wanted_mappings = st.builds(
    Mappings,
    users=st.dictionaries(targets, mappings, max_size=5),
    groups=st.dictionaries(targets, mappings, max_size=3),
    provision_users=st.booleans(),
    provision_groups=st.booleans(),
)


@given(wanted_mappings)
def test_what_was_applied_is_observed(wanted: Mappings) -> None:
    assert mappings_of(converge(default_schema(), wanted)) == wanted


@given(wanted_mappings)
def test_applying_twice_changes_nothing_more(wanted: Mappings) -> None:
    once = converge(default_schema(), wanted)
    assert expressions_to_parse(once, wanted) == []
    assert apply(once, wanted, {}) == once


@given(wanted_mappings, st.dictionaries(st.text(min_size=3, max_size=8), json_values, max_size=4))
def test_unknown_parts_survive_letter_by_letter(wanted: Mappings, unknown: dict[str, Any]) -> None:
    schema = default_schema() | unknown
    for rule in schema["synchronizationRules"]:
        rule.update(unknown)
        for mapping in rule["objectMappings"]:
            mapping.update(unknown)
    edited = json.loads(json.dumps(converge(json.loads(json.dumps(schema)), wanted)))
    assert json.dumps(without_mappings(edited)) == json.dumps(without_mappings(schema))


@given(wanted_mappings, wanted_mappings)
def test_the_edit_is_empty_exactly_for_equal_meanings(first: Mappings, second: Mappings) -> None:
    schema = converge(default_schema(), first)
    changed = converge(schema, second) != schema
    assert changed == (mappings_of(schema) != second)


def without_groups(schema: dict[str, Any]) -> dict[str, Any]:
    for rule in schema["synchronizationRules"]:
        rule["objectMappings"] = [one for one in rule["objectMappings"] if one["sourceObjectName"] != "Group"]
    return schema


def test_a_missing_group_mapping_is_shown_and_restored() -> None:
    live = without_groups(default_schema())
    found = mappings_of(live)
    assert (found.groups, found.provision_groups) == ({}, False)
    assert needs_template(live, desired())
    sources = {text: source_tree(text) for text in expressions_to_parse(live, desired())}
    for template in (default_schema(), None):
        edited = apply(live, desired(), sources, template)
        assert mappings_of(edited) == mappings_of(converge(default_schema(), desired()))
    assert apply(live, desired(), sources, default_schema())["directories"] == live["directories"]


def test_a_missing_target_attribute_is_defined_from_the_template() -> None:
    live = converge(default_schema(), desired())
    target = next(one for one in live["directories"] if one["name"] == "customappsso")
    group = next(one for one in target["objects"] if one["name"].endswith(":Group"))
    group["attributes"] = [one for one in group["attributes"] if one["name"] != "externalId"]
    assert "groups['externalId']: the target directory defines no attribute" in undefined_attributes(live, desired())[0]
    assert undefined_attributes(live, desired(), default_schema()) == []
    edited = apply(live, desired(), {}, default_schema())
    assert undefined_attributes(edited, desired()) == []


def test_a_rule_of_the_other_direction_is_never_rewritten() -> None:
    live = default_schema()
    reverse = copied(live["synchronizationRules"][0])
    reverse.update(id="back", sourceDirectoryName="customappsso", targetDirectoryName="Microsoft Entra ID")
    live["synchronizationRules"].insert(0, reverse)
    edited = converge(live, desired())
    assert edited["synchronizationRules"][0] == reverse
    assert mappings_of(edited) == mappings_of(converge(default_schema(), desired()))


def test_a_mapping_into_another_object_stays_unchanged() -> None:
    live = default_schema()
    mappings = live["synchronizationRules"][0]["objectMappings"]
    other = {**copied(mappings[0]), "sourceObjectName": "User", "targetObjectName": "urn:x:Contact"}
    mappings.insert(0, other)
    edited = converge(live, desired())
    assert edited["synchronizationRules"][0]["objectMappings"][0] == other
    assert mappings_of(edited) == mappings_of(converge(default_schema(), desired()))


EXPERIMENTAL = {
    "groups": [],
    "inputFilterGroups": [
        {
            "name": "x",
            "clauses": [
                {
                    "operatorName": "EQUALS",
                    "sourceOperandName": "country",
                    "targetOperand": {"values": ["US"]},
                }
            ],
        }
    ],
}


def test_experimental_filter_groups_are_seen_and_removed() -> None:
    live = converge(default_schema(), desired())
    user = next(one for one in live["synchronizationRules"][0]["objectMappings"] if one["sourceObjectName"] == "User")
    user["scope"] = copied(EXPERIMENTAL)
    assert mappings_of(live).user_filter == '{inputFilterGroups: country EQUALS "US"}'
    assert mappings_of(apply(live, desired(), {})).user_filter is None


@pytest.mark.parametrize(
    ("scope", "place"),
    [
        ([], "scope: not an object"),
        ({"groups": {}}, "scope.groups: not a list"),
        (
            {"groups": [{"clauses": [{"operatorName": "EQUALS"}]}]},
            "scope.groups[0].clauses[0].sourceOperandName: missing",
        ),
        ({"categoryFilterGroups": [3]}, "scope.categoryFilterGroups[0]: not an object"),
    ],
)
def test_a_malformed_scope_is_an_error_that_names_the_place(scope: Any, place: str) -> None:
    live = default_schema()
    live["synchronizationRules"][0]["objectMappings"][0]["scope"] = scope
    with pytest.raises(SchemaError, match=re.escape(f"the scoping filter is malformed: {place}")):
        mappings_of(live)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "groups",
                    "clauses",
                    "operatorName",
                    "sourceOperandName",
                    "targetOperand",
                    "values",
                    "inputFilterGroups",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@examples(80)
@given(json_values)
def test_any_scope_is_read_or_refused_with_its_own_error(scope: Any) -> None:
    live = default_schema()
    live["synchronizationRules"][0]["objectMappings"][0]["scope"] = scope
    with contextlib.suppress(SchemaError):
        mappings_of(live)


def test_a_mapping_without_actions_is_read_back_the_same() -> None:
    none = ObjectActions(create=False, update=False, delete=False)
    schema = converge(default_schema(), desired().model_copy(update={"user_actions": none}))
    [flows] = [
        mapping["flowTypes"]
        for rule in schema["synchronizationRules"]
        for mapping in rule["objectMappings"]
        if mapping["sourceObjectName"] == "User"
    ]
    assert flows == "None"
    assert mappings_of(schema).user_actions == none


def with_further_mappings() -> dict[str, Any]:
    """Two more mappings of users in the rule, and a rule of the other direction."""
    schema = default_schema()
    [rule] = schema["synchronizationRules"]
    rule |= {"name": "OUT", "priority": 1}
    users = next(one for one in rule["objectMappings"] if one["sourceObjectName"] == "User")
    rule["objectMappings"] += [copied(users), copied(users), {**copied(users), "enabled": False}]
    source, target = rule["sourceDirectoryName"], rule["targetDirectoryName"]
    inbound = {**copied(rule), "sourceDirectoryName": target, "targetDirectoryName": source}
    schema["synchronizationRules"] += [inbound, {**copied(rule), "name": "FIRST", "priority": 0}]
    schema["synchronizationRules"][-1]["objectMappings"] = [copied(users)]
    return schema


def test_further_mappings_are_named_by_priority_of_their_rule() -> None:
    kind = "User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    assert [*further_mappings(with_further_mappings())] == [f"FIRST: {kind}", f"OUT: {kind}", f"OUT: {kind} (2)"]
    assert further_mappings(default_schema()) == {}


def test_further_mappings_that_may_be_on_stay_on() -> None:
    schema = with_further_mappings()
    first, *_ = further_mappings(schema)
    edited = disable_further_mappings(schema, [first])
    assert [*further_mappings(edited)] == [first]
    assert mappings_of(edited) == mappings_of(schema)
    assert disable_further_mappings(edited, [first]) == edited


def test_a_further_mapping_without_external_id_is_a_problem() -> None:
    schema = converge(default_schema(), desired())
    mappings = schema["synchronizationRules"][0]["objectMappings"]
    mappings.append(copied(next(one for one in mappings if one["sourceObjectName"] == "User")))
    assert external_id_problem(schema) == ""
    rows_of = mappings[-1]["attributeMappings"]
    mappings[-1]["attributeMappings"] = [row for row in rows_of if row["targetAttributeName"] != "externalId"]
    assert "externalId in the further mapping" in external_id_problem(schema)
