"""What holds for every expression and every object."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.expressions.functions import CLOUD_SYNC_FUNCTIONS, FUNCTIONS, Function
from eptura_scim.expressions.nodes import Attribute, Comparison, Constant, Expression, FunctionCall, Word
from eptura_scim.mapping import (
    ExpressionError,
    IgnoreFlow,
    Semantics,
    compile_expression,
    evaluate,
    expression_of,
    parse,
    result_texts,
    source_tree,
)
from tests.examples import examples

NAMES = ["mail", "displayName", "mobile", "proxyAddresses", "appRoleAssignments", "accountEnabled"]
CONSTANTS = [
    "", " ", "0", "1", "2", "-3", "42568.75", "99999999999999999999", "True", "abc", "ÄÖß ę", "a,b;c", "d", "m", "yyyy",
    "ww", "2020-03-16-07:00", "9999-12-31T23:59:59-08:00", "1/15/1990 12:00:00 AM", "yyyy-MM-dd", "M/d/yyyy h:mm:ss tt",
    "(.*?)(?<id>.{0,8})$", "[()\\s.-]+", "(", "(a|aa)+$", "id", "${id}$1$&", "vbTextCompare", "tr-TR", "\\",
]  # fmt: skip

leaves: st.SearchStrategy[Expression] = st.one_of(
    st.sampled_from(NAMES).map(Attribute),
    st.sampled_from(CONSTANTS).map(Constant),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6).map(Constant),
    st.sampled_from(["vbBinaryCompare", "vbTextCompare", "IgnoreAttributeFlow", "&HF7"]).map(Word),
)


def known_calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    def arguments(function: Function) -> st.SearchStrategy[Expression]:
        return st.integers(0, 2).flatmap(
            lambda extra: st.tuples(
                *(
                    inner if parameter.required else st.none() | inner
                    for _, parameter in function.keys(len(function.parameters) + 2 * extra)
                )
            ).map(lambda found: FunctionCall(function.name, found))
        )

    operand = inner.filter(is_operand)
    comparison = st.builds(Comparison, st.sampled_from(["=", "<>", ">", ">=", "<", "<="]), operand, operand)
    iif = st.builds(lambda condition, yes, no: FunctionCall("IIF", (condition, yes, no)), comparison, inner, inner)
    return st.sampled_from(list(FUNCTIONS.values())).flatmap(arguments) | iif


def is_operand(expression: Expression) -> bool:
    return not isinstance(expression, Comparison)


expressions = st.recursive(leaves, known_calls, max_leaves=10)

plain_values: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.sampled_from(CONSTANTS),
    st.text(max_size=10),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
)
values = st.one_of(
    plain_values,
    st.lists(plain_values, max_size=3),
    st.dictionaries(st.sampled_from(["value", "displayName", "id"]), plain_values, max_size=3),
    st.lists(st.fixed_dictionaries({"value": st.text(max_size=3), "displayName": st.text(max_size=3)}), max_size=2),
)
objects = st.dictionaries(st.sampled_from(NAMES), values)
semantics = st.builds(
    Semantics,
    absent_argument=st.sampled_from(["absent", "empty", "error"]),
    iif_empty=st.sampled_from(["works", "false", "absent", "error"]),
    equality=st.sampled_from(["text", "numbers"]),
    switch_no_match=st.sampled_from(["absent", "empty", "error"]),
    mid_out_of_range=st.sampled_from(["cut", "error"]),
    date_diff_weeks=st.sampled_from(["calendar", "rounded"]),
    month_overflow=st.sampled_from(["last day", "next month"]),
    unlisted_letters=st.sampled_from(["kept", "folded"]),
    group_replacement=st.sampled_from(["literal", "template"]),
    regex_seconds=st.just(0.05),
)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@given(expressions)
def test_a_printed_call_of_a_known_function_parses_to_itself(expression: Expression) -> None:
    assert parse(str(expression)) == expression


@given(expressions)
def test_graphs_tree_holds_the_whole_expression(expression: Expression) -> None:
    assert expression_of(source_tree(expression)) == expression


def without_texts(tree: dict[str, Any]) -> dict[str, Any]:
    bare = {**tree, "parameters": [{**p, "value": without_texts(p["value"])} for p in tree["parameters"]]}
    if tree["type"] == "Function":
        del bare["expression"]
    return bare


@given(expressions)
def test_a_tree_without_texts_means_the_same(expression: Expression) -> None:
    tree = source_tree(expression)
    assert without_texts(source_tree(expression_of(without_texts(tree)))) == without_texts(tree)


@examples(80)
@given(expressions, objects, semantics)
def test_an_evaluation_ends_with_a_result_or_a_readable_error(
    expression: Expression, attributes: dict[str, Any], reading: Semantics
) -> None:
    try:
        result = evaluate(expression, attributes, now=NOW, tenant={"defaultDomain": "x.com"}, semantics=reading)
        assert all(isinstance(text, str) for text in result_texts(result))
    except ExpressionError as error:
        assert 0 <= error.position <= len(error.text)
        assert error.problem


@given(expressions, objects)
def test_an_expression_reads_only_the_attributes_it_names(expression: Expression, attributes: dict[str, Any]) -> None:
    class Watched(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            looked_at.add(key)
            return super().get(key, default)

    looked_at: set[str] = set()
    try:
        compiled = compile_expression(expression)
    except ExpressionError:
        return
    with contextlib.suppress(ExpressionError):
        compiled(Watched(attributes))
    assert looked_at <= compiled.attributes


def outcome(source: Any, attributes: dict[str, Any], **keywords: Any) -> Any:
    try:
        return evaluate(source, attributes, **keywords)
    except ExpressionError as error:
        return error.problem


RANDOM = {"Guid", "Now", "RandomString"}


@given(expressions.filter(lambda found: not any(name in str(found) for name in RANDOM)), objects)
def test_text_expression_and_tree_give_the_same(expression: Expression, attributes: dict[str, Any]) -> None:
    from_text = outcome(str(expression), attributes)
    assert repr(outcome(expression, attributes)) == repr(from_text)
    assert repr(outcome(source_tree(expression), attributes)) == repr(from_text)


@pytest.mark.parametrize("name", sorted(FUNCTIONS | CLOUD_SYNC_FUNCTIONS))
def test_every_function_of_the_table_is_evaluated(name: str) -> None:
    function = (FUNCTIONS | CLOUD_SYNC_FUNCTIONS)[name]
    arguments = ", ".join('"1"' for _ in function.keys(0))
    result = outcome(f"{name}({arguments})", {}, semantics=Semantics(cloud_sync=True))
    assert isinstance(result, str | int | list | datetime | IgnoreFlow | None)
