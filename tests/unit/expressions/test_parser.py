"""The expression language: what is read, how it is printed, when two expressions mean the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.expressions.nodes import Attribute, Comparison, Constant, Expression, FunctionCall, Word
from eptura_scim.expressions.parser import ExpressionError, canonical, parse, parse_lenient

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True, alphabet="abcXYZ019_")
leaves: st.SearchStrategy[Expression] = st.one_of(
    st.builds(Attribute, names),
    st.builds(Constant, st.text(st.characters(exclude_categories=["Cs"]), max_size=12)),
    st.builds(Word, names),
)


def calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    arguments = st.lists(st.none() | inner, max_size=4).filter(lambda found: found != [None]).map(tuple)
    operators = st.sampled_from(["=", "<>", ">", ">=", "<", "<="])
    comparison = st.builds(Comparison, operators, leaves, leaves)
    return st.builds(FunctionCall, names, arguments) | st.builds(lambda c: FunctionCall("IIF", (c,)), comparison)


expressions = st.recursive(leaves, calls, max_leaves=12)


@given(expressions)
def test_what_is_printed_reads_back_as_the_same(expression: Expression) -> None:
    assert parse_lenient(str(expression)) == expression


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_with_a_position_inside(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        assert 0 <= error.position <= len(text)
        assert error.problem


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("[mail]", " [mail] "),
        ('Join(" ", [givenName], [surname])', 'Join(" ",[givenName],\n\t[surname])'),
        ('Replace([mobile], , "x", , "", , )', 'Replace([mobile], , "x", , "")'),
        ("Mid([userPrincipalName], 1, 8)", 'Mid([userPrincipalName], "1", "8")'),
        ('Append ("x", [a])', 'Append("x", [a])'),
        ("IIF([a]=ToLower([b], ), 1, 2)", 'IIF([a] = ToLower([b]), "1", "2")'),
    ],
)
def test_spelling_does_not_change_the_meaning(text: str, same: str) -> None:
    assert canonical(text) == canonical(same)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("[mail]", "[Mail]"),
        ('"a"', '"A"'),
        ("[mail]", '"mail"'),
        ('Switch([x], , "a", "b")', 'Switch([x], "", "a", "b")'),
        ("ToLower([mail])", "ToUpper([mail])"),
        ("Left([a], 1)", "Left([a], 2)"),
    ],
)
def test_another_attribute_constant_or_argument_means_otherwise(text: str, other: str) -> None:
    assert canonical(text) != canonical(other)


def test_a_backslash_and_a_quote_are_escaped_in_constants() -> None:
    assert parse(r'"say \"\\d\""') == Constant('say "\\d"')
    assert str(Constant('say "\\d"')) == r'"say \"\\d\""'


def test_another_escape_keeps_its_backslash() -> None:
    assert parse(r'"\+"') == Constant(r"\+")


def test_a_text_that_cannot_be_read_means_only_itself() -> None:
    assert canonical("Join(") == "Join("
    assert canonical("Join(") != canonical("Join((")


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("", 0, "expected an [attribute]"),
        ("Join([a]", 8, "expected a comma or a closing bracket"),
        ('Join("a', 5, "no closing quote"),
        ("[a", 0, "[name]"),
        ("[a] [b]", 4, "expected the end of the expression"),
        ("Join([a]) + 1", 10, "unexpected character '+'"),
        ("IIF([a]=, 1, 2)", 8, "expected an [attribute]"),
        ("Join('-', [a])", 5, 'a text stands in straight double quotes, such as "sales", not in \''),
        ("Append([a], \u201cx\u201d)", 12, 'straight double quotes, such as "sales", not in \u201c'),
    ],
)
def test_an_error_names_the_position_and_what_was_expected(text: str, position: int, problem: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.position == position
    assert problem in str(caught.value)


def test_an_expression_longer_than_entra_accepts_is_refused() -> None:
    with pytest.raises(ExpressionError, match="10000 characters"):
        parse('"' + "x" * 10_000 + '"')


def test_deep_nesting_is_refused_and_never_exhausts_the_stack() -> None:
    with pytest.raises(ExpressionError, match="nested deeper"):
        parse("A(" * 3000 + ")" * 3000)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Join([a]) + 1", "unexpected character '+' at character 11:\n  Join([a]) + 1\n            ^"),
        ('Append("日本", [b]', 'a closing bracket, found the end at character 17:\n  Append("日本", [b]\n'),
        ("Append([a],\n\t[b", "written [name] at character 14:\n   [b\n   ^"),
    ],
)
def test_a_syntax_error_shows_the_place_with_a_caret(text: str, shown: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert shown in str(raised.value)


def test_the_caret_stands_below_a_place_after_wide_letters() -> None:
    with pytest.raises(ExpressionError) as raised:
        parse('Append("日本", +)')
    assert str(raised.value).splitlines()[1:] == ['  Append("日本", +)', f"  {' ' * 15}^"]


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(f'Append("{"x" * 500}", +)')
    line, caret = str(raised.value).splitlines()[1:]
    assert len(line) < 80
    assert line[caret.index("^")] == "+"
