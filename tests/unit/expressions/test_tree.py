"""Graph's source trees: Graph's own parameter keys, trees with something unknown, and trees of any shape.

Source of the keys: Microsoft Graph, "synchronizationSchema: functions", the sample answer.
"""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.expressions.functions import FUNCTIONS
from eptura_scim.expressions.parser import UnknownConstructError
from eptura_scim.expressions.tree import TreeError, UnknownNodeError
from eptura_scim.mapping import EvaluationError, ExpressionError, evaluate, expression_of, source_tree
from tests.examples import examples

Tree = dict[str, Any]


def attribute(name: str) -> Tree:
    return {"type": "Attribute", "name": name, "expression": f"[{name}]", "parameters": []}


def constant(text: str) -> Tree:
    return {"type": "Constant", "name": text, "expression": f'"{text}"', "parameters": []}


def call(name: str, text: str | None, *parameters: tuple[str, Tree]) -> Tree:
    pairs = [{"key": key, "value": value} for key, value in parameters]
    return {"type": "Function", "name": name, "expression": text, "parameters": pairs}


SWITCH = call(
    "Switch",
    'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
    ("source", attribute("IsSoftDeleted")),
    *(("switchValue", constant(text)) for text in ("False", "True", "True", "False")),
)
REPLACE = call(
    "Replace",
    r'Replace([mobile], , "[()\\s-]+", , "", , )',
    ("source", attribute("mobile")),
    ("RegularExpression", {**constant(""), "name": r"[()\s-]+", "expression": r'"[()\\s-]+"'}),
    ("Replacement", constant("")),
)
GROUP = call(
    "Replace",
    None,
    ("source", attribute("mobile")),
    ("RegularExpression", constant("(?<area>[0-9]{3})")),
    ("RegularExpressionGroupName", constant("area")),
    ("ReplacementPropertyName", attribute("other")),
)
JOIN = call("Join", None, ("separator", constant("-")), ("source", attribute("a")), ("source", attribute("b")))


@pytest.mark.parametrize(
    ("tree", "attributes", "right"),
    [
        (SWITCH, {"IsSoftDeleted": "False"}, "True"),
        (SWITCH, {"IsSoftDeleted": "True"}, "False"),
        (REPLACE, {"mobile": "(111) 222-3333"}, "1112223333"),
        (GROUP, {"other": "call 425"}, "425"),
        (JOIN, {"a": "x", "b": "y"}, "x-y"),
        (call("Prepend", None, ("prefix", constant("x")), ("source", attribute("a"))), {"a": "y"}, "xy"),
        (call("IsNothing", None, ("source", attribute("a"))), {}, True),
    ],
)
def test_trees_with_graphs_own_keys_are_evaluated(tree: Tree, attributes: dict[str, Any], right: Any) -> None:
    assert evaluate(tree, attributes) == right


def test_a_switch_is_written_with_graphs_own_keys() -> None:
    assert source_tree(SWITCH["expression"]) == SWITCH


def with_keys_of_no_function(tree: Tree) -> Tree:
    renamed = [{"key": f"key{n}", "value": pair["value"]} for n, pair in enumerate(tree["parameters"])]
    return {**tree, "parameters": renamed}


def test_the_text_counts_where_the_keys_are_unknown() -> None:
    assert evaluate(with_keys_of_no_function(SWITCH), {"IsSoftDeleted": "False"}) == "True"
    assert evaluate(with_keys_of_no_function(REPLACE), {"mobile": "(1)-2"}) == "12"


@pytest.mark.parametrize(
    "text",
    [None, "", "Switch(", 'Switch([mail], , "False", "True", "True", "False")', 'Switch([IsSoftDeleted], , "a", "b")'],
)
def test_unknown_keys_with_another_text_are_not_guessed(text: str | None) -> None:
    with pytest.raises(UnknownNodeError, match="Switch has no parameter key0, key1"):
        expression_of({**with_keys_of_no_function(SWITCH), "expression": text})


def test_an_unknown_function_in_a_tree_is_named_as_unknown() -> None:
    with pytest.raises(UnknownConstructError, match="unknown function Frobnicate"):
        expression_of(call("Frobnicate", "Frobnicate([a])", ("source", attribute("a"))))


def deep_and_wide(depth: int, arguments: int) -> Tree:
    tree = call("Join", None, ("separator", constant("")), *[("source", attribute("a"))] * arguments)
    for _ in range(depth):
        tree = call("CStr", "CStr(…)", ("value", tree))
    return tree


def test_each_node_of_a_tree_is_read_once() -> None:
    reads = 0

    class Counted(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            nonlocal reads
            reads += key == "name"
            return super().get(key, default)

    def counted(tree: Tree) -> Counted:
        pairs = [{**pair, "value": counted(pair["value"])} for pair in tree["parameters"]]
        return Counted({**tree, "parameters": pairs})

    tree = counted(deep_and_wide(90, 1700))
    assert evaluate(tree, {"a": "x"}) == "x" * 1700
    assert reads == 90 + 1 + 1 + 1700


def test_a_tree_of_too_many_parts_is_refused() -> None:
    tree = attribute("a")
    for _ in range(30):  # each one twice in the next: a billion parts
        tree = call("Join", None, ("separator", constant("")), ("source", tree), ("source", tree))
    with pytest.raises(TreeError, match="more than 10000 parts"):
        expression_of(tree)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([*FUNCTIONS, "Nothing", "=", "<", "mail", "a]b", '"', "\\", "\ud800", "", "vbTextCompare"])
keys = st.sampled_from(["source", "switchValue", "separator", "value", "left", "right", "condition", "key1", "Find"])
texts = st.sampled_from(["[mail]", '"x"', "Switch(", "Now()", 'Join("", [a], [b])', "&H", "x" * 20_000]) | st.text(
    max_size=8
)


def nodes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pairs = st.lists(st.fixed_dictionaries({"key": keys, "value": inner}) | json_values, max_size=4)
    return st.fixed_dictionaries(
        {},
        optional={
            "name": names | json_values,
            "type": st.sampled_from(["Attribute", "Constant", "Function"]) | json_values,
            "expression": texts | json_values,
            "parameters": pairs | json_values,
        },
    )


trees = st.recursive(nodes(json_values), nodes, max_leaves=8)


@examples(100)
@given(trees, st.dictionaries(st.sampled_from(["mail", "a"]), json_values, max_size=2))
def test_any_tree_ends_in_a_result_or_in_a_readable_error(tree: Tree, attributes: dict[str, Any]) -> None:
    try:
        evaluate(tree, attributes)
    except ExpressionError as error:
        assert "\n" not in error.line
        assert len(error.line) < 1_000


@pytest.mark.parametrize(
    "pattern", ["a{999999999}", "(?:a{1000}){1000}", "((a{100}){100}){100}", "[ab]{2000000}", "(?:a?){99999,}"]
)
def test_a_pattern_that_repeats_without_bounds_takes_no_memory(pattern: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(EvaluationError, match="it repeats too much") as raised:
            evaluate(f'Replace([x], , "{pattern}", , "y", , )', {"x": "aaa"})
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert not raised.value.is_known
    assert "\n" not in str(raised.value)


def test_repetition_in_bounds_works() -> None:
    assert evaluate('Replace([x], , "a{2000}", , "y", , )', {"x": "a" * 4001}) == "yya"
    assert evaluate('Replace([x], , "a{0,999999999}", , "y", , )', {"x": "aa"}) == "yy"
