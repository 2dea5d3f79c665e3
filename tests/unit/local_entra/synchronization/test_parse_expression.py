"""Graph's tree of an expression, and the table of functions it is made with."""

from __future__ import annotations

import pytest

from eptura_scim.expressions.functions import FUNCTIONS
from eptura_scim.expressions.nodes import Attribute
from eptura_scim.expressions.parser import ExpressionError
from eptura_scim.expressions.tree import source_tree


def keys(expression: str) -> list[str]:
    return [parameter["key"] for parameter in source_tree(expression)["parameters"]]


def test_attributes_and_constants_are_leaves() -> None:
    assert source_tree("[objectId]") == {
        "expression": "[objectId]",
        "name": "objectId",
        "type": "Attribute",
        "parameters": [],
    }
    assert source_tree(Attribute("mail"))["type"] == "Attribute"
    assert source_tree('"8"') == {"expression": '"8"', "name": "8", "type": "Constant", "parameters": []}


def test_a_bare_number_is_the_constant_of_its_text() -> None:
    # Published: the sample of Graph's attributeMappingSource.
    values = [parameter["value"] for parameter in source_tree("Mid([userPrincipalName], 1, 8)")["parameters"]]
    assert values[1] == {"expression": '"1"', "name": "1", "type": "Constant", "parameters": []}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Not([IsSoftDeleted])", ["source"]),
        ("Mid([userPrincipalName], 1, 8)", ["source", "start", "length"]),
        ('Replace([preferredLanguage], "-", , , "_", , )', ["source", "Find", "Replacement"]),
        ('Switch([a], , "k", "v", "l", "w")', ["source", *["switchValue"] * 4]),
        ('Switch([a], "d", "k", "v")', ["source", "defaultValue", "switchValue", "switchValue"]),
        ('Join(" ", [a], [b], [c])', ["separator", "source", "source", "source"]),
        ("ToLower([a], )", ["source"]),
        ("Now()", []),
        ('InStr([a], "b", , vbTextCompare)', ["value1", "value2", "compareType"]),
        ('FormatDateTime([a], , "yyyy", "dd")', ["source", "inputFormat", "outputFormat"]),
        ('FormatDateTime([a], "yyyy", "dd")', ["source", "inputFormat", "outputFormat"]),
    ],
)
def test_arguments_are_named_and_omitted_arguments_are_absent(expression: str, expected: list[str]) -> None:
    assert keys(expression) == expected


def test_calls_nest_and_conditions_are_kept() -> None:
    tree = source_tree('IIF([a] = "x", ToUpper([b]), "c")')
    condition, yes, no = [parameter["value"] for parameter in tree["parameters"]]
    assert condition["expression"] == '[a] = "x"'
    assert (yes["name"], yes["parameters"][0]["value"]["name"]) == ("ToUpper", "b")
    assert no["type"] == "Constant"


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("Nothing([a])", "unknown function Nothing"),
        ("not([a])", "unknown function not"),
        ("Not()", "no argument for source"),
        ("Not([a], [b])", "at most 1"),
        ("Mid([a], , 3)", "no argument for start"),
        ('Switch([a], , "k")', "a value after each key"),
        ('Switch([a], , "k", "v", "l")', "a value after each key"),
        ("ToLower(Nothing())", "unknown function Nothing"),
        ('Join("")', "no argument for source"),
    ],
)
def test_a_call_that_the_reference_does_not_allow_is_refused(expression: str, problem: str) -> None:
    with pytest.raises(ExpressionError, match=problem):
        source_tree(expression)


def test_the_table_has_the_documented_functions() -> None:
    assert len(FUNCTIONS) == 49
    assert {"Append", "Coalesce", "IsNothing", "Len", "Prepend", "SelectUniqueValue", "Word"} <= FUNCTIONS.keys()
