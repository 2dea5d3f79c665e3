"""For any edited schema: a difference shows exactly when something is written, and nothing else moves."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.expressions.tree import source_tree
from eptura_scim.local_entra.synchronization.schema import default_schema
from eptura_scim.mapping import Mappings, apply, expressions_to_parse, mappings_of
from eptura_scim.mapping.scoping import BINARY_OPERATORS, UNARY_OPERATORS
from eptura_scim.plugin_sdk.difference import differences
from eptura_scim.plugin_sdk.validation import dump
from eptura_scim.provider.schema import SynchronizationSchema
from eptura_scim.types import Json, copied

TARGETS = ("userName", "title", 'emails[type eq "work"].value', "externalId", "a b", "")
EXPRESSIONS = (
    "[objectId]",
    "[mail]",
    '"constant"',
    '"a \\"quoted\\" one"',
    'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
    "ToLower(NormalizeDiacritics([mail]), )",
    'Join("-", [givenName], [surname])',
)
EDITED = ("attributeMappings", "enabled", "scope", "flowTypes")
same = SynchronizationSchema().equivalent


def variants(text: str) -> list[str]:
    """The same expression, written otherwise."""
    return [text, text.replace(", ", ","), text.replace("(", "( ").replace(")", " )")]


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    """An object in which each field may be missing, null, or what it says."""
    return st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in fields.items()})


SOURCES = (
    st.sampled_from(EXPRESSIONS).map(source_tree)
    | st.sampled_from(EXPRESSIONS)
    .flatmap(lambda text: st.sampled_from(variants(text)))
    .map(lambda text: {"expression": text, "name": "x", "type": "Function", "parameters": []})
    | st.builds(lambda text: {"expression": text}, st.sampled_from(("not [readable", "(", "Nonsense(", "")))
    | st.builds(lambda name: {"type": "Attribute", "name": name, "expression": ""}, st.sampled_from(("mail", "x")))
)
ROWS = some(
    source=SOURCES,
    defaultValue=st.sampled_from(("", "x", "False")),
    matchingPriority=st.integers(0, 3),
    flowType=st.sampled_from(("Always", "ObjectAddOnly", "SomethingNew")),
    flowBehavior=st.sampled_from(("FlowWhenChanged", "FlowAlways")),
    exportMissingReferences=st.booleans(),
    unknown=st.integers(),
).flatmap(lambda row: st.sampled_from(TARGETS).map(lambda target: {"targetAttributeName": target, **row}))
CLAUSES = some(
    operatorName=st.sampled_from((*UNARY_OPERATORS, *BINARY_OPERATORS, "SOMETHING NEW")),
    sourceOperandName=st.sampled_from(("department", "accountEnabled", "a b")),
    targetOperand=some(values=st.lists(st.sampled_from(("sales", "1", 'a "b"')), max_size=2)),
)
SCOPES = some(
    groups=st.lists(some(name=st.text(max_size=3), clauses=st.lists(CLAUSES, max_size=2)), max_size=3),
    categoryFilterGroups=st.just([]),
    unknown=st.integers(),
)
OBJECT_MAPPINGS = st.fixed_dictionaries(
    {"attributeMappings": st.lists(ROWS, max_size=4)},
    optional={
        "enabled": st.none() | st.booleans(),
        "flowTypes": st.sampled_from((None, "", "None", "Add, Update,Delete", "Delete,Add", "Update", "New")),
        "scope": st.none() | SCOPES,
        "unknown": st.integers(),
    },
)


@st.composite
def lives(draw: st.DrawFn) -> Json:
    """A schema as a portal, a script or another version of the service may have left it."""
    schema = default_schema("job", group_mapping_enabled=True, version="1.0")
    for mapping in schema["synchronizationRules"][0]["objectMappings"]:
        edited = draw(OBJECT_MAPPINGS)
        for name in EDITED:
            mapping.pop(name, None)
        mapping.update(edited)
    return schema


FILTERS = st.none() | st.lists(
    st.lists(
        st.sampled_from(
            (
                'department EQUALS "sales"',
                "accountEnabled IS TRUE",
                'department REGEX MATCH "^a\\d"',
                "x Greater_Than 1",
            )
        ),
        min_size=1,
        max_size=3,
    ).map(" AND ".join),
    min_size=1,
    max_size=2,
).map(" OR ".join)
WANTED_ROWS = st.dictionaries(
    st.sampled_from(TARGETS[:-1]),
    st.fixed_dictionaries(
        {},
        optional={
            "source": st.sampled_from([written for text in EXPRESSIONS for written in variants(text)]),
            "defaultValue": st.sampled_from(("", "x")),
            "matchingPrecedence": st.integers(0, 2),
            "apply": st.sampled_from(("Always", "ObjectAddOnly")),
            "flowBehavior": st.sampled_from(("FlowWhenChanged", "FlowAlways")),
        },
    ),
    max_size=3,
)
ACTIONS = st.fixed_dictionaries({name: st.booleans() for name in ("create", "update", "delete")})
DESIRED = st.fixed_dictionaries(
    {
        "users": WANTED_ROWS,
        "groups": WANTED_ROWS,
        "provisionUsers": st.booleans(),
        "provisionGroups": st.booleans(),
        "userFilter": FILTERS,
        "groupFilter": FILTERS,
        "userActions": ACTIONS,
        "groupActions": ACTIONS,
    }
).map(Mappings.model_validate)


def converge(live: Json, desired: Mappings) -> Json:
    """Apply with exactly those trees that were asked for."""
    return apply(live, desired, {text: source_tree(text) for text in expressions_to_parse(live, desired)})


def shown(live: Json, desired: Mappings) -> list[Any]:
    """What a preview shows."""
    return list(differences(dump(mappings_of(live)), dump(desired), same))


def untouched(schema: Json) -> Json:
    """What no edit may change."""
    rest = copied(schema)
    for mapping in rest["synchronizationRules"][0]["objectMappings"]:
        for name in EDITED:
            mapping.pop(name, None)
    return rest


@given(lives(), DESIRED)
def test_an_applied_mapping_shows_no_difference_and_no_write(live: Json, desired: Mappings) -> None:
    once = converge(live, desired)
    assert shown(once, desired) == []
    assert expressions_to_parse(once, desired) == []
    assert apply(once, desired, {}) == once
    assert json.loads(json.dumps(once)) == once


@given(lives(), DESIRED)
def test_a_difference_is_shown_exactly_when_something_is_written(live: Json, desired: Mappings) -> None:
    assert (converge(live, desired) != live) == bool(shown(live, desired))


@given(lives(), DESIRED)
def test_nothing_else_is_touched(live: Json, desired: Mappings) -> None:
    before = copied(live)
    edited = converge(live, desired)
    assert live == before
    assert untouched(edited) == untouched(live)
    assert edited["directories"] == live["directories"]
    for old, new in zip(
        *(schema["synchronizationRules"][0]["objectMappings"] for schema in (live, edited)), strict=True
    ):
        known = {row["targetAttributeName"]: row for row in reversed(old["attributeMappings"])}
        for row in new["attributeMappings"]:
            kept = known.get(row["targetAttributeName"])
            if kept is not None and "unknown" in kept:
                assert row["unknown"] == kept["unknown"]
                assert row.get("exportMissingReferences") == kept.get("exportMissingReferences")


@given(DESIRED, DESIRED)
def test_two_mappings_differ_exactly_when_one_edits_the_other(one: Mappings, other: Mappings) -> None:
    schema = default_schema("job", group_mapping_enabled=True, version="1.0")
    first = converge(schema, one)
    assert bool(list(differences(dump(one), dump(other), same))) == (converge(first, other) != first)
