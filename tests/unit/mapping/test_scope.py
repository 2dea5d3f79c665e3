"""Who is in the scope of a filter."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.mapping import (
    EvaluationError,
    FilterError,
    Semantics,
    compile_filter,
    in_scope,
    parse_filter,
    unanchored_clauses,
)
from eptura_scim.mapping.scoping import Clause, ScopingFilter


@pytest.mark.parametrize(
    ("text", "attributes", "expected"),
    [
        ('department EQUALS "sales"', {"department": "sales"}, True),
        ('department EQUALS "sales"', {"department": "Sales"}, False),
        ('department EQUALS "sales"', {}, False),
        ('department NOT EQUALS "sales"', {"department": "Sales"}, True),
        ('department NOT EQUALS "sales"', {"department": "sales"}, False),
        ('department NOT EQUALS "sales"', {"department": ""}, False),
        ('department NOT EQUALS "sales"', {}, False),
        (r'userPrincipalName REGEX MATCH ".*\\@domain.com"', {"userPrincipalName": "a@domain.com"}, True),
        (r'userPrincipalName REGEX MATCH ".*\\@domain.com"', {"userPrincipalName": "a@other.com"}, False),
        (r'userPrincipalName NOT REGEX MATCH ".*\\@domain.com"', {"userPrincipalName": "a@other.com"}, True),
        (r'userPrincipalName NOT REGEX MATCH ".*\\@domain.com"', {}, False),
        ('department REGEX MATCH "^SALES$"', {"department": "sales"}, False),
        ('displayName Includes "Smith"', {"displayName": "John Smithson"}, True),
        ('displayName Includes "smith"', {"displayName": "John Smithson"}, False),
        ('mail ENDS_WITH "@contoso.com"', {"mail": "a@contoso.com"}, True),
        ('mail ENDS_WITH "@contoso.com"', {"mail": "a@contoso.com.au"}, False),
        ("employeeId Greater_Than 100", {"employeeId": "101"}, True),
        ("employeeId Greater_Than 100", {"employeeId": "100"}, False),
        ("employeeId Greater_Than_OR_EQUALS 100", {"employeeId": 100}, True),
        ("employeeId Greater_Than_OR_EQUALS 100", {"employeeId": "99"}, False),
        ("employeeId Greater_Than 100", {"employeeId": "A101"}, False),
        ("accountEnabled IS TRUE", {"accountEnabled": True}, True),
        ("accountEnabled IS TRUE", {"accountEnabled": "True"}, True),
        ("accountEnabled IS TRUE", {"accountEnabled": False}, False),
        ("accountEnabled IS TRUE", {}, False),
        ("accountEnabled IS FALSE", {"accountEnabled": False}, True),
        ("accountEnabled IS FALSE", {"accountEnabled": True}, False),
        ("accountEnabled IS FALSE", {}, False),
        ("accountEnabled IS FALSE", {"accountEnabled": "perhaps"}, False),
        ("jobTitle IS NULL", {}, True),
        ("jobTitle IS NULL", {"jobTitle": ""}, True),
        ("jobTitle IS NULL", {"jobTitle": "x"}, False),
        ("jobTitle IS NOT NULL", {"jobTitle": "x"}, True),
        ("jobTitle IS NOT NULL", {"jobTitle": None}, False),
        ('country EQUALS "US", "CA"', {"country": "CA"}, True),
        ('proxyAddresses Includes "contoso"', {"proxyAddresses": ["a@contoso", "b@other"]}, False),
        ('proxyAddresses Includes "contoso"', {"proxyAddresses": ["a@contoso", "b@contoso"]}, True),
    ],
)
def test_an_operator_means_what_is_documented(text: str, attributes: dict[str, Any], expected: bool) -> None:
    assert in_scope(text, attributes) is expected


def test_clauses_are_joined_by_and_groups_by_or() -> None:
    scope = compile_filter(
        'state EQUALS "New York" AND department EQUALS "Engineering" AND jobTitle IS NOT NULL OR country EQUALS "CA"'
    )
    person = {"state": "New York", "department": "Engineering", "jobTitle": "Engineer"}
    assert scope(person)
    assert not scope({**person, "jobTitle": ""})
    assert not scope({**person, "state": "Ohio"})
    assert scope({"country": "CA"})


def test_no_filter_lets_all_in() -> None:
    assert compile_filter(ScopingFilter())({})


@pytest.mark.parametrize(
    ("choice", "value", "text", "attributes", "expected"),
    [
        ("filter_regex", "anywhere", 'workerID REGEX MATCH "([1-9][0-9])"', {"workerID": "100"}, True),
        ("filter_regex", "whole", 'workerID REGEX MATCH "([1-9][0-9])"', {"workerID": "100"}, False),
        ("filter_regex", "anywhere", 'workerID NOT REGEX MATCH "([1-9][0-9])"', {"workerID": "100"}, False),
        ("filter_regex", "whole", 'workerID NOT REGEX MATCH "([1-9][0-9])"', {"workerID": "100"}, True),
        ("filter_regex", "anywhere", 'workerID REGEX MATCH "^[0-9]{2}$"', {"workerID": "42"}, True),
        ("filter_regex", "whole", 'workerID REGEX MATCH "^[0-9]{2}$"', {"workerID": "42"}, True),
        ("filter_ends_with", "exact", 'mail ENDS_WITH "@Contoso.com"', {"mail": "a@contoso.com"}, False),
        ("filter_ends_with", "any case", 'mail ENDS_WITH "@Contoso.com"', {"mail": "a@contoso.com"}, True),
        ("filter_ampersand", "part of value", 'flags & "612"', {"flags": "12"}, True),
        ("filter_ampersand", "part of value", 'flags !& "612"', {"flags": "12"}, False),
        ("filter_ampersand", "part of value", "flags & 2", {"flags": "6"}, False),
        ("filter_ampersand", "bits", "flags & 2", {"flags": "6"}, True),
        ("filter_ampersand", "bits", "flags & 1", {"flags": "6"}, False),
        ("filter_ampersand", "bits", "flags !& 1", {"flags": "6"}, True),
        ("filter_values", "any", 'mail Includes "a", "b"', {"mail": "a"}, True),
        ("filter_values", "all", 'mail Includes "a", "b"', {"mail": "a"}, False),
        ("filter_values", "all", 'mail Includes "a", "b"', {"mail": "ab"}, True),
    ],
)
def test_each_reading_of_an_undocumented_operator_lets_others_in(
    choice: str, value: str, text: str, attributes: dict[str, Any], expected: bool
) -> None:
    assert in_scope(text, attributes, Semantics(**{choice: value})) is expected  # type: ignore[arg-type]


def test_patterns_with_undocumented_meaning_are_named() -> None:
    found = unanchored_clauses(parse_filter('a REGEX MATCH "x" AND b REGEX MATCH "^x$" OR c EQUALS "x"'))
    assert [clause.attribute for clause in found] == ["a"]


def test_an_unusable_pattern_is_named_when_the_scope_is_compiled() -> None:
    with pytest.raises(FilterError, match=r"REGEX MATCH: the pattern '\(' cannot be used"):
        compile_filter('department EQUALS "x" AND mail REGEX MATCH "("')


def test_an_undocumented_operator_of_a_live_filter_is_refused() -> None:
    with pytest.raises(FilterError, match="Valid Cert Match: undocumented operator"):
        compile_filter(ScopingFilter(((Clause("x", "Valid Cert Match", ("y",)),),)))


def test_a_pattern_that_takes_too_long_ends_in_a_readable_error() -> None:
    with pytest.raises(EvaluationError, match="took longer than"):
        in_scope('a REGEX MATCH "^(a|aa)+$"', {"a": "a" * 50 + "b"}, Semantics(regex_seconds=0.02))


values = st.recursive(st.none() | st.text(max_size=4) | st.booleans() | st.integers(), st.lists, max_leaves=3)
operators = st.sampled_from(
    ["EQUALS", "NOT EQUALS", "REGEX MATCH", "NOT REGEX MATCH", "Includes", "ENDS_WITH", "&", "!&", "IS NULL", "IS TRUE"]
)
clauses = st.builds(
    lambda operator, value: Clause("a", operator, () if operator.startswith("IS") else (value,)),
    operators,
    st.text(max_size=3),
)


@given(st.lists(st.lists(clauses, min_size=1, max_size=3).map(tuple), max_size=2).map(tuple), values)
def test_every_filter_decides_or_says_why_not(groups: tuple[tuple[Clause, ...], ...], value: Any) -> None:
    try:
        decided = in_scope(ScopingFilter(groups), {"a": value})
    except (FilterError, EvaluationError) as error:
        assert str(error)
    else:
        assert isinstance(decided, bool)


def test_a_filter_of_thousands_of_clauses_is_printed_once() -> None:
    printed = 0

    class Counted(Clause):
        def __str__(self) -> str:
            nonlocal printed
            printed += 1
            return super().__str__()

    clauses = tuple(Counted("department", "EQUALS", (f"d{number}",)) for number in range(3000))
    assert compile_filter(ScopingFilter(tuple((clause,) for clause in clauses)))({"department": "d2999"})
    assert printed <= 3000


def test_an_error_in_a_filter_shows_the_place_with_a_caret() -> None:
    with pytest.raises(FilterError) as raised:
        parse_filter('department EQUALS "sales" AND')
    assert str(raised.value).splitlines()[1:] == ['  department EQUALS "sales" AND', f"  {' ' * 29}^"]
