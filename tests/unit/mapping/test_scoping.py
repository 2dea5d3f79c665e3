"""Scoping filters: the text that people write, and Graph's filter both ways."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.local_entra.synchronization.schema import FILTER_OPERATORS
from eptura_scim.mapping.errors import FilterError
from eptura_scim.mapping.scoping import (
    BINARY_OPERATORS,
    UNARY_OPERATORS,
    Clause,
    ScopingFilter,
    observe_filter,
    parse_filter,
    same_filter,
    scope_with,
)

SALES = 'department EQUALS "sales"'

names = st.from_regex(r"[a-z][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name.upper() not in {"AND", "OR"})
clauses = st.one_of(
    st.builds(Clause, names, st.sampled_from(UNARY_OPERATORS)),
    st.builds(
        Clause,
        names,
        st.sampled_from([name for name in BINARY_OPERATORS if not name.startswith("Greater")]),
        st.lists(st.text(max_size=8), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Clause, names, st.just("Greater_Than"), st.integers(min_value=0).map(lambda number: (str(number),))),
)
filters = st.builds(
    ScopingFilter, st.lists(st.lists(clauses, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)
)


@given(filters)
def test_a_printed_filter_reads_as_the_same(wanted: ScopingFilter) -> None:
    assert parse_filter(str(wanted)) == wanted


@given(filters)
def test_graph_holds_exactly_the_filter_that_was_written(wanted: ScopingFilter) -> None:
    assert observe_filter(scope_with(None, str(wanted))) == str(wanted)


@given(filters, st.randoms(use_true_random=False))
def test_the_order_of_clauses_and_filters_says_nothing(wanted: ScopingFilter, random: Any) -> None:
    groups = [list(group) for group in wanted.groups]
    random.shuffle(groups)
    for group in groups:
        random.shuffle(group)
    assert same_filter(str(wanted), str(ScopingFilter(tuple(map(tuple, groups)))))


def test_and_binds_closer_than_or() -> None:
    found = parse_filter('a EQUALS "1" AND b IS NULL OR c REGEX MATCH ".*@x"')
    assert [[clause.attribute for clause in group] for group in found.groups] == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("department equals sales", SALES),
        ('[department]  EQUALS   "sales"', SALES),
        ("a not  equals b and c is not null", 'a NOT EQUALS "b" AND c IS NOT NULL'),
        ("a Greater_Than_OR_EQUALS 5", 'a Greater_Than_OR_EQUALS "5"'),
        (r'a REGEX MATCH "\d+\\.x"', r'a REGEX MATCH "\\d+\\.x"'),
    ],
)
def test_a_filter_may_be_written_loosely(text: str, printed: str) -> None:
    assert str(parse_filter(text)) == printed


@pytest.mark.parametrize(
    ("text", "character", "problem"),
    [
        ("", 1, "expected an attribute"),
        ("department", 11, "expected one of EQUALS"),
        ("department LIKES x", 12, "expected one of EQUALS"),
        ("department EQUALS", 18, "expected a value of EQUALS"),
        ("department EQUALS big sales", 23, "expected AND, OR or the end"),
        (f"{SALES} AND", 30, "expected an attribute"),
        ("a IS NULL AND userType EQUALS guest", 15, "cannot filter by userType"),
        ("a Greater_Than many", 16, "whole numbers"),
        ("department EQUALS \u201csales\u201d", 19, "straight double quotes"),
        ("department EQUALS 'sales'", 19, "straight double quotes"),
        (f"({SALES})", 1, "a filter has no brackets: AND binds closer than OR"),
    ],
)
def test_an_error_names_the_character(text: str, character: int, problem: str) -> None:
    with pytest.raises(FilterError, match=problem) as caught:
        parse_filter(text)
    assert caught.value.position == character - 1


def test_an_unchanged_filter_keeps_its_title_and_other_filters() -> None:
    live: dict[str, Any] = scope_with(None, f"{SALES} OR city IS NULL") or {}
    live["groups"][0]["name"] = "Only sales"
    live["inputFilterGroups"] = [{"name": "others", "clauses": []}]
    changed = scope_with(live, SALES) or {}
    assert [group["name"] for group in changed["groups"]] == ["Only sales"]
    assert changed["inputFilterGroups"] == live["inputFilterGroups"]
    assert scope_with(changed, None) == {**changed, "groups": []}


def test_an_empty_filter_is_an_empty_scope() -> None:
    assert scope_with(scope_with(None, SALES), None) is None
    assert observe_filter({"groups": [{"name": "empty", "clauses": []}]}) is None


def test_an_undocumented_operator_is_shown_unchanged() -> None:
    clause = {"operatorName": "Present", "sourceOperandName": "mail", "targetOperand": {"values": []}}
    found = observe_filter({"groups": [{"name": "x", "clauses": [clause]}]})
    assert found == "mail Present"
    assert not same_filter(found, SALES)


def test_the_local_entra_offers_the_documented_operators() -> None:
    assert {operator["name"] for operator in FILTER_OPERATORS} == {*UNARY_OPERATORS, *BINARY_OPERATORS}
