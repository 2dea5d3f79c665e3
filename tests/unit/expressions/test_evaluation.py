"""Functions beyond their documented examples, and what an error says."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from eptura_scim.errors import ReadableError
from eptura_scim.expressions.parser import parse_lenient
from eptura_scim.expressions.tree import TreeError
from eptura_scim.mapping import (
    EvaluationError,
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

CLOUD_SYNC = Semantics(cloud_sync=True)


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        ("[a]", {}, None),
        ('"x"', {}, "x"),
        ("BitAnd([a], 6)", {"a": 12}, 4),
        ('CBool("2")', {}, True),
        ('CBool("0")', {}, False),
        ("CBool([a])", {}, False),
        ("CBool([a] <> [b])", {"a": "x", "b": "y"}, True),
        ("CStr([a])", {"a": True}, "True"),
        ("CStr(Len([a]))", {"a": "abc"}, "3"),
        ("CStr([a])", {"a": 42568.75}, "42568.75"),
        ("CStr([a])", {"a": 3.0}, "3"),
        ('CDate("2021-08-24")', {}, datetime(2021, 8, 24, tzinfo=UTC)),
        ('CDate("1/15/1990 12:00:00 AM")', {}, datetime(1990, 1, 15, tzinfo=UTC)),
        ('CDate("1/15/1990 1:02 PM")', {}, datetime(1990, 1, 15, 13, 2, tzinfo=UTC)),
        ('CDate("2021-08-24T01:02:03.5Z")', {}, datetime(2021, 8, 24, 1, 2, 3, 500_000, tzinfo=UTC)),
        ("CDate([a])", {"a": datetime(2021, 8, 24, 2, tzinfo=timezone(timedelta(hours=2)))},
         datetime(2021, 8, 24, tzinfo=UTC)),
        ("Count([a])", {}, 0),
        ("Count([a])", {"a": "x"}, 1),
        ('DateAdd("h", -1, CDate("2021-01-01"))', {}, datetime(2020, 12, 31, 23, tzinfo=UTC)),
        ('DateAdd("n", 90, CDate("2021-01-01"))', {}, datetime(2021, 1, 1, 1, 30, tzinfo=UTC)),
        ('DateAdd("m", "-13", CDate("2021-03-31"))', {}, datetime(2020, 2, 29, tzinfo=UTC)),
        ('DateDiff("m", CDate("2021-01-31"), CDate("2021-02-01"))', {}, 1),
        ('DateDiff("n", CDate("2021-01-01"), CDate("2020-12-31T23:58:30"))', {}, -1),
        ('FormatDateTime("2021-01-05T04:03:02Z", , "yyyy-MM-ddTHH:mm:ssK", "d.M.yy h:mm tt")', {}, "5.1.21 4:03 AM"),
        ('FormatDateTime("05-Jan-2021", , "dd-MMM-yyyy", "dddd, MMMM d")', {}, "Tuesday, January 5"),
        ('FormatDateTime("2021-01-05 +02:00", , "yyyy-MM-dd zzz", "yyyy-MM-dd HH:mm")', {}, "2021-01-04 22:00"),
        ('FormatDateTime("12/31/2025 12:00:00 AM", , "M/d/yyyy hh:mm:ss tt", "s")', {}, "2025-12-31T00:00:00"),
        ('FormatDateTime("2021-01-05", , "yyyy-MM-dd", "yyyy\'year\'MM%d")', {}, "2021year015"),
        ('FormatDateTime(" 2021 - 01 ", "AllowWhiteSpaces", "yyyy-MM", "MM/yyyy")', {}, "01/2021"),
        ('FormatDateTime("10:30", , "HH:mm", "yyyy-MM-dd HH:mm")', {}, "2026-11-24 10:30"),
        ('FormatDateTime("0.1234567", , "H.fffffff", "ss.fffF")', {}, "00.1231"),
        ('FormatDateTime("2021-01-05 00:30 +2", , "yyyy-MM-dd HH:mm z", "yyyy-MM-ddTHH:mmK")', {}, "2021-01-04T22:30Z"),
        ('FormatDateTime("2021", , "yyyy", "yyyy gg K|z zz zzz")', {}, "2021 A.D. |+0 +00 +00:00"),
        ('FormatDateTime("Tue 22:15 PM 05.01.21", , "ddd HH:mm tt dd.MM.yy", "t")', {}, "10:15 PM"),
        ('InStr("abcabc", "c", 4)', {}, 6),
        ('InStr("ABC", "b", 1, vbTextCompare)', {}, 2),
        ('InStr("abc", "")', {}, 1),
        ("IsString([a])", {"a": ["x"]}, False),
        ("IsNullOrEmpty([a])", {"a": []}, True),
        ('Join(",", [a], "z")', {"a": ["x", "y"]}, "x,y,z"),
        ('Join(",", [a], [b])', {}, ""),
        ('Left("John Doe", 0)', {}, ""),
        ("Len([a])", {}, 0),
        ('NumFromDate(CDate("1601-01-02"))', {}, 864_000_000_000),
        ("NormalizeDiacritics([a])", {"a": "Zoe\N{COMBINING DIAERESIS} Łódź straße Øre"}, "Zoe Lodz strasse OEre"),
        ('PCase([a], "-")', {"a": "JEAN-LUC o'neil x"}, "Jean-Luc o'neil x"),
        ("RemoveDuplicates([a])", {}, None),
        ('Replace("aXa", "a", , , "b", , )', {}, "bXb"),
        ('Replace([a], , [b], , [c], , )', {"a": "x1", "b": "[0-9]", "c": "<$&>"}, "x<1>"),
        ('Replace([a], , "(?<n>[0-9])", [b], "9", , )', {"a": "x1", "b": "n"}, "x9"),
        ('Replace([a], , "(?<n>x)", "n", , [b], )', {"a": "kept", "b": "x"}, "kept"),
        ('Replace([a], , "(?<n>x)", "n", , [b], )', {"a": ""}, None),
        ('Replace([a], , "(?<n>x)|y", "n", "!", , )', {"a": "xyx"}, "!y!"),
        ('SingleAppRoleAssignment([a])', {"a": [{"value": "Admin"}, {"value": "User"}]}, "Admin"),
        ('SingleAppRoleAssignment([a])', {"a": []}, None),
        ('Split("a;b", "")', {}, ["a;b"]),
        ('Switch([a], , "True", "yes")', {"a": True}, "yes"),
        ('Switch([a], , "3", "three")', {"a": 3}, "three"),
        ('Switch([a], , [b], "same")', {"a": "x", "b": "x"}, "same"),
        ('Switch([a], , "k", "first", "k", "second")', {"a": "k"}, "first"),
        ('ToLower("TITLE", "tr-TR")', {}, "t\N{LATIN SMALL LETTER DOTLESS I}tle"),
        ('ToUpper("title", "tr")', {}, "TİTLE"),
        ('ToUpper("straße")', {}, "STRAßE"),
        ('ToLower("ΛΣ")', {}, "λ\N{GREEK SMALL LETTER SIGMA}"),
        ('Word("a,b;c", 3, ",;")', {}, "c"),
        ('Word("abc", 1, [a])', {}, "abc"),
        ('IIF([a] > 9, "more", "less")', {"a": "10"}, "more"),
        ('IIF([a] > "b", "after", "before")', {"a": "c"}, "after"),
        ('IIF([a] > 1, "more", "none")', {}, "none"),
        ('IIF(Now() > CDate("2020-01-01"), "later", "earlier")', {}, "later"),
        ("IIF([a], 1, 2)", {"a": "False"}, "2"),
        ("IIF([a], IgnoreAttributeFlow, 2)", {"a": True}, IgnoreFlow.ATTRIBUTE),
        ('Append(IgnoreFlowIfNullOrEmpty([a]), "x")', {}, IgnoreFlow.ATTRIBUTE),
    ],
)  # fmt: skip
def test_a_function_gives_what_its_description_says(expression: str, attributes: dict[str, Any], expected: Any) -> None:
    result = evaluate(expression, attributes, now="2026-11-24T12:00:00Z")
    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("expression", "attributes", "expected"),
    [
        ("Trim([a])", {"a": [" x ", "y"]}, ["x", "y"]),
        ('Contains([a], "y")', {"a": ["x", "y"]}, 2),
        ('Contains([a], "z")', {"a": ["x", "y"]}, 0),
        ('ConvertFromBase64("YWI=", UTF8)', {}, "ab"),
        ("DNComponent(CRef([dn]), 2)", {"dn": r"cn=Doe\, Joe,ou=Sales"}, "Sales"),
        ("DNComponent(CRef([dn]), 3)", {"dn": "cn=Joe,ou=Sales"}, None),
        ('StringFromSid("S-1-5-21-1")', {}, "S-1-5-21-1"),
        ('"a" & [b] & "c"', {"b": "b"}, "abc"),
    ],
)
def test_functions_of_cloud_sync_are_there_for_who_asks(
    expression: str, attributes: dict[str, Any], expected: Any
) -> None:
    assert evaluate(expression, attributes, semantics=CLOUD_SYNC) == expected
    with pytest.raises(ExpressionError):
        evaluate(expression, attributes)


@pytest.mark.parametrize(
    ("expression", "attributes", "problem", "position"),
    [
        ('Append("x", Left([a], [b]))', {"b": "two"}, "Left: NumChars: a number is needed, not 'two'", 12),
        ("Item([a], 0)", {"a": ["x"]}, "the first one has index 1", 0),
        ("ToLower([a])", {"a": ["x", "y"]}, "ToLower: one value is needed, not ['x', 'y']", 0),
        ("CDate([a])", {"a": "soon"}, "a date such as 2020-03-16", 0),
        ('CDate("2021-02-30")', {}, "not a moment", 0),
        ('CDate("1/15/1990 13:02 PM")', {}, "has no hour from 1 to 12", 0),
        (
            "CDate([a])",
            {"a": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8)))},
            "is outside of the years 1 to 9999",
            0,
        ),
        ('CDate("9999-12-31T23:59:59-08:00")', {}, "not a moment of the years 1 to 9999", 0),
        ('DateAdd("q", 1, Now())', {}, "the interval is one of yyyy, m, d, ww, h, n, s", 0),
        ('DateAdd("yyyy", 9999, Now())', {}, "outside of the years", 0),
        ('DateDiff("q", Now(), Now())', {}, "the interval is one of yyyy, m, d, ww, h, n, s", 0),
        ("DateFromNum([a])", {"a": "9" * 25}, "not a FILETIME of the years 1 to 9999", 0),
        ('NumFromDate("12/31/9999 12:00:00 AM")', {}, "ISO 8601", 0),
        ('FormatDateTime("x", , "yyyy", "MM")', {}, "'x' is not of the format 'yyyy'", 0),
        ('FormatDateTime("2021", "Loose", "yyyy", "MM")', {}, "Loose is not one of the styles", 0),
        ('FormatDateTime("2021", , "yyyy", "q")', {}, "not a date format", 0),
        ('FormatDateTime("2021", , "yyyy", "yyyy \'x")', {}, "not a date format: ' is not complete", 0),
        ('FormatDateTime("2021 2022", , "yyyy yyyy", "MM")', {}, "reads year twice, with different values", 0),
        ('FormatDateTime("2021-02-30", , "yyyy-MM-dd", "MM")', {}, "'2021-02-30' is not a moment", 0),
        ('FormatDateTime("Mon 2021-01-05", , "ddd yyyy-MM-dd", "MM")', {}, "2021-01-05 is a Tuesday, not a Monday", 0),
        ('FormatDateTime("13:00 PM", , "h:mm tt", "HH:mm")', {}, "the hour must be 1-12, not 13", 0),
        ('FormatDateTime("22:00 AM", , "HH:mm tt", "HH:mm")', {}, "hour 22 is not AM", 0),
        ('FormatDateTime("10:00 PM", , "HH:mm tt", "HH:mm")', {}, "hour 10 is not PM", 0),
        ("BitAnd([a], 1)", {"a": "1.5"}, "a whole number is needed, not '1.5'", 0),
        ("CStr([a])", {"a": 10**5_000}, "the number is too long", 0),
        ('InStr("abc", "b", 0)', {}, "start is 1 or more, not 0", 0),
        ('Join(",", [a])', {"a": [["x"]]}, "one value is needed, not ['x']", 0),
        ('Join("", [a], [a])', {"a": "x" * 500_001}, "the result is longer than 1000000 characters", 0),
        ("DefaultDomain()", {}, "default domain is not known", 0),
        ('Replace([a], "x", , , , , )', {"a": "y"}, "give oldValue with", 0),
        ('Replace([a], "", , , "x", , )', {"a": "y"}, "oldValue is empty", 0),
        ('Replace([a], , "(", , "", , )', {"a": "y"}, "a bracket is not closed", 0),
        ('Replace([a], , "a", "n", "", , )', {"a": "y"}, "has no group n", 0),
        ('Replace([a], , "a", "n", , [b], )', {"a": "", "b": "y"}, "has no group n", 0),
        ("RandomString(300, 1, 1, 1, 1)", {}, "Length is 1 to 256", 0),
        ("RandomString(3, 1, 1, 1, 1)", {}, "minimums are more than", 0),
        ('RandomString(3, 1, 0, 0, 0, "0123456789")', {}, "leaves none of", 0),
        ("RandomString(3, 0, 0, 0, 0, [a])", {"a": string.printable}, "leaves no character", 0),
        ('SelectUniqueValue([a], "b")', {"a": ["x", "y"]}, "one value is needed, not ['x', 'y']", 0),
        ('SelectUniqueValue("a", "b")', {}, "the target has all values already", 0),
        ("AppRoleAssignments([a])", {}, "result is not documented", 0),
        ("SingleAppRoleAssignment([a])", {"a": ["Admin"]}, "app role assignments are needed", 0),
        ("IIF([a], 1, 2)", {"a": "perhaps"}, "a condition is needed", 0),
        ("IIF(Now() > [a], 1, 2)", {"a": "2020-01-01"}, "a date is compared with a date", 10),
        ("Switch([a], , 1, 2)", {"a": [1]}, "one value is needed", 0),
        ("Switch([a], , [b], 2)", {"a": "x", "b": ["x"]}, "one value is needed, not ['x']", 0),
        ('Mid([a], 1, "-1")', {"a": "x"}, "length is 0 or more", 0),
    ],
)
def test_an_error_names_the_function_its_place_and_the_need(
    expression: str, attributes: dict[str, Any], problem: str, position: int
) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(expression, attributes, taken={"a", "b"})
    assert problem in str(caught.value)
    assert caught.value.position == position
    assert f"at character {position + 1} of" in str(caught.value)
    assert isinstance(caught.value, ReadableError)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ('ConvertFromBase64("?")', "'?' is not base64"),
        ('ConvertFromBase64("YWI=", vbTextCompare)', "the encoding is Unicode, ASCII or UTF8, not vbTextCompare"),
        ("DNComponent([dn], 0)", "ComponentNumber is 1 or more, not 0"),
        ("StringFromSid([dn])", "a security identifier such as S-1-5-21-1 is needed, not 'cn=Joe'"),
        ('Error("no name")', "Error: no name"),
    ],
)
def test_functions_of_cloud_sync_say_what_they_needed(expression: str, problem: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(expression, {"dn": "cn=Joe"}, semantics=CLOUD_SYNC)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "problem", "position"),
    [
        ('Append("x", Jion(",", [a]))', "unknown function Jion, did you mean Join?", 12),
        ('tolower("x")', "unknown function tolower, did you mean ToLower?", 0),
        ("Frobnicate([a])", "unknown function Frobnicate at", 0),
        ("Trim([a])", "in cloud sync only", 0),
        ('Join("x")', "Join has no argument for source", 0),
        ("Mid([a], 1)", "Mid has no argument for length", 0),
        ("FormatDateTime([a])", "no argument for inputFormat", 0),
        ("SelectUniqueValue([a])", "no argument for uniqueValueRule", 0),
        ('"a" & "b"', "expected the end", 4),
    ],
)
def test_a_syntax_error_names_its_place_and_the_nearest_name(expression: str, problem: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(expression)
    assert problem in str(caught.value)
    assert caught.value.position == position


def test_a_meaningless_expression_is_refused_when_it_is_compiled() -> None:
    with pytest.raises(ExpressionError, match="SelectUniqueValue cannot be inside another function at character 9"):
        compile_expression("ToLower(SelectUniqueValue([a], [b]))")
    with pytest.raises(ExpressionError, match="vbNoCompare is neither a function nor an option"):
        compile_expression('InStr([a], "b", 1, vbNoCompare)')


def test_an_error_in_a_long_text_shows_its_surroundings() -> None:
    text = 'Join("' + "x" * 3000 + '", Nope())'
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert len(str(caught.value)) < 320
    assert "Nope()" in str(caught.value)


def test_a_compiled_expression_names_its_attributes() -> None:
    compiled = compile_expression('Join(" ", [givenName], Switch([a], [surname], "", "?"))')
    assert compiled.attributes == {"givenName", "surname", "a"}
    assert compiled({"givenName": "Ada", "surname": "Byron", "a": "x"}) == "Ada Byron"
    assert compiled({"givenName": "Bob"}) == "Bob ?"


def test_a_branch_that_is_not_taken_is_not_evaluated() -> None:
    assert evaluate('Switch([a], Item([b], 1), "x", "taken")', {"a": "x"}) == "taken"
    assert evaluate("IIF([a], 1, Item([b], 1))", {"a": True}) == "1"
    assert evaluate("Coalesce([a], Item([b], 1))", {"a": "x"}) == "x"


def test_random_texts_fulfil_their_minimums_and_differ() -> None:
    texts = {str(evaluate('RandomString(12, 3, 2, 2, 2, "01lO")', {})) for _ in range(20)}
    assert len(texts) == 20
    for text in texts:
        assert len(text) == 12
        assert sum(character.isdigit() for character in text) >= 3
        assert sum(character.isupper() for character in text) >= 2
        assert sum(character.islower() for character in text) >= 2
        assert not set(text) & set("01lO")


def test_the_surroundings_can_be_given() -> None:
    assert evaluate("Guid()", {}, guid="11111111-1111-1111-1111-111111111111") == "11111111-1111-1111-1111-111111111111"
    assert evaluate("Now()", {}, now=datetime(2021, 7, 2, 15, 33, 38)) == datetime(2021, 7, 2, 15, 33, 38, tzinfo=UTC)
    assert evaluate("DefaultDomain()", {}, tenant={"defaultDomain": "contoso.com"}) == "contoso.com"
    with pytest.raises(EvaluationError, match="`now`: a date such as"):
        evaluate("Now()", {}, now="tomorrow")


@pytest.mark.parametrize(
    ("result", "texts"),
    [
        (None, []),
        (IgnoreFlow.OBJECT, []),
        ("", [""]),
        (True, ["True"]),
        (8, ["8"]),
        (datetime(2021, 7, 2, 15, 3, 8, tzinfo=UTC), ["7/2/2021 3:03:08 PM"]),
        (["a", 1], ["a", "1"]),
        ([{"value": "Admin"}], ['{"value": "Admin"}']),
    ],
)
def test_a_result_is_printed_like_graphs(result: Any, texts: list[str]) -> None:
    assert result_texts(result) == texts


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        ({}, "a source has a name"),
        ({"name": "a", "type": "Other"}, "Attribute, Constant or Function, not 'Other'"),
        ({"name": "Jion", "type": "Function"}, "did you mean Join"),
        ({"name": "Not", "type": "Function", "parameters": []}, "no argument for source"),
        ({"name": "Not", "type": "Function", "parameters": [1]}, "a key and a value"),
        ({"name": "Not", "type": "Function", "parameters": [{"key": "source", "value": {}}]}, "a source has a name"),
    ],
)
def test_an_invalid_tree_is_refused_with_the_reason(tree: dict[str, Any], problem: str) -> None:
    with pytest.raises(TreeError, match=problem):
        expression_of(tree)


def test_a_tree_takes_precedence_over_its_text() -> None:
    tree = {**source_tree("ToLower([mail])"), "expression": "ToUpper([mail])"}
    assert str(expression_of(tree)) == "ToLower([mail])"


@pytest.mark.parametrize(
    ("tree", "expression"),
    [
        ({"name": "mail", "type": "Attribute", "expression": "[mail"}, "[mail]"),
        ({"name": "vbTextCompare", "type": "Constant", "expression": "vbTextCompare"}, "vbTextCompare"),
        ({"name": "vbTextCompare", "type": "Constant", "expression": "other"}, '"vbTextCompare"'),
    ],
)
def test_the_text_beside_a_tree_tells_options_from_constants(tree: dict[str, Any], expression: str) -> None:
    assert str(expression_of(tree)) == expression


def test_an_undocumented_function_can_be_read_and_has_no_tree() -> None:
    with pytest.raises(ExpressionError, match="unknown function Jion, did you mean Join"):
        source_tree(parse_lenient('Jion(",", [mail])'))


def test_a_tree_that_is_nested_too_deep_is_refused() -> None:
    tree: dict[str, Any] = {"name": "a", "type": "Attribute"}
    for _ in range(300):
        tree = {"name": "CStr", "type": "Function", "parameters": [{"key": "value", "value": tree}]}
    with pytest.raises(TreeError, match="nested deeper"):
        expression_of(tree)


def test_results_cannot_grow_for_ever() -> None:
    grown = '"aaaaaaaaaa"'
    for _ in range(12):
        grown = f'Replace({grown}, "a", , , "aaaaaaaaaa", , )'
    with pytest.raises(EvaluationError, match="longer than 1000000 characters"):
        evaluate(grown, {})
    hexadecimal = '"aaaaaaaaaa"'
    for _ in range(30):
        hexadecimal = f"ConvertToUTF8Hex({hexadecimal})"
    with pytest.raises(EvaluationError, match="longer than 1000000 characters"):
        evaluate(hexadecimal, {})
