"""What Microsoft leaves open: each choice of Semantics changes what it says, and nothing is open that is not listed."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from eptura_scim.mapping import ExpressionError, Semantics, evaluate

ERROR = "an error"

# choice -> value -> what the expression gives with it
CASES: list[tuple[str, str, dict[str, Any], dict[Any, Any]]] = [
    ("function_names", 'switch([a], "d", "k", "v")', {"a": "k"}, {"exact": ERROR, "any case": "v"}),
    ("unknown_escapes", r'Append([a], "\+")', {"a": "x"}, {"kept": "x\\+", "dropped": "x+", "refused": ERROR}),
    ("single_quotes", "Append([a], 'b')", {"a": "a"}, {"refused": ERROR, "text": "ab"}),
    ("cloud_sync", "Trim([a])", {"a": " x "}, {False: ERROR, True: "x"}),
    ("cloud_sync", '"t-" & [a] & "!"', {"a": "x"}, {False: ERROR, True: "t-x!"}),
    (
        "short_format_date_time",
        'FormatDateTime([a], "yyyyMMdd", "yyyy-MM-dd")',
        {"a": "20150123"},
        {"accepted": "2015-01-23", "refused": ERROR},
    ),
    ("absent_argument", 'Append([a], "x")', {}, {"absent": None, "empty": "x", "error": ERROR}),
    ("absent_argument", 'Join([a], "x", "y")', {}, {"absent": None, "empty": "xy", "error": ERROR}),
    ("absent_argument", 'Replace([a], , "b", , "c", , )', {}, {"absent": None, "empty": "", "error": ERROR}),
    ("absent_argument", 'DateAdd("d", 1, CDate([a]))', {}, {"absent": None, "empty": ERROR, "error": ERROR}),
    (
        "iif_empty",
        'IIF(IsPresent([a]), [a], "other")',
        {},
        {"works": "other", "false": "other", "absent": None, "error": ERROR},
    ),
    (
        "iif_empty",
        'IIF([a] = "", "none", "some")',
        {"a": ""},
        {"works": "none", "false": "some", "absent": None, "error": ERROR},
    ),
    (
        "iif_empty",
        'IIF([a] = "x", "yes", "no")',
        {"a": "x"},
        {"works": "yes", "false": "yes", "absent": "yes", "error": "yes"},
    ),
    ("equality", 'IIF([a] = "1", "same", "other")', {"a": "01"}, {"text": "other", "numbers": "same"}),
    ("equality", 'IIF(Len([a]) = "2.0", "same", "other")', {"a": "01"}, {"text": "same", "numbers": "same"}),
    ("coalesce_empty", 'Coalesce([a], "b")', {"a": ""}, {"value": "", "absent": "b"}),
    ("switch_no_match", 'Switch([a], , "k", "v")', {"a": "x"}, {"absent": None, "empty": "", "error": ERROR}),
    ("switch_boolean", 'Switch(IsPresent([a]), "d", "True", "yes")', {"a": "x"}, {"text": "yes", "never": "d"}),
    ("is_nothing", "IsNothing([a])", {"a": ""}, {"null": False, "null or empty": True}),
    ("is_nothing", "IsNothing([a])", {}, {"null": True, "null or empty": True}),
    ("mid_out_of_range", "Mid([a], 4, 2)", {"a": "abc"}, {"cut": "", "error": ERROR}),
    ("mid_out_of_range", "Mid([a], 0, 2)", {"a": "abc"}, {"cut": "ab", "error": ERROR}),
    ("mid_out_of_range", "Mid([a], 3, 9)", {"a": "abc"}, {"cut": "c", "error": "c"}),
    ("split_blanks", 'Split([a], ",")', {"a": "x, y"}, {"kept": ["x", " y"], "trimmed": ["x", "y"]}),
    ("split_delimiter", 'Split([a], ",;")', {"a": "x,y;z"}, {"whole": ["x,y;z"], "each character": ["x", "y", "z"]}),
    ("word_empty", 'Word([a], 2, ",;")', {"a": "x,;y"}, {"kept": "", "skipped": "y"}),
    (
        "date_diff_days",
        'DateDiff("d", Now(), CDate([a]))',
        {"a": "2026-11-26"},
        {"elapsed": 1, "calendar": 2},
    ),
    (
        "date_diff_weeks",
        'DateDiff("ww", CDate("2026-11-21"), CDate("2026-11-22"))',
        {},
        {"calendar": 1, "rounded": 0},
    ),
    (
        "month_overflow",
        'FormatDateTime(DateAdd("m", 1, CDate("2026-01-31")), , "G", "yyyy-MM-dd")',
        {},
        {"last day": "2026-02-28", "next month": "2026-03-03"},
    ),
    ("two_digit_years", 'FormatDateTime("301122", , "yyMMdd", "yyyy")', {}, {2049: "2030", 2029: "1930"}),
    ("pcase_apostrophe", "PCase([a])", {"a": "O'CONNOR"}, {"joins": "O'connor", "breaks": "O'Connor"}),
    ("unlisted_letters", "NormalizeDiacritics([a])", {"a": "Ķœđé"}, {"kept": "Ķœđe", "folded": "Koede"}),
    (
        "group_absent",
        'Replace([a], , "(?<n>[0-9]+)", "n", , [b], )',
        {"a": "", "b": "none"},
        {"absent": None, "attribute": "none"},
    ),
    (
        "group_replacement",
        'Replace([a], , "(?<n>[0-9]+)", "n", "<${n}>", , )',
        {"a": "x1"},
        {"literal": "x<${n}>", "template": "x<1>"},
    ),
    ("instr_compare", 'InStr([a], "B")', {"a": "abc"}, {"vbBinaryCompare": 0, "vbTextCompare": 2}),
    ("duplicates", "RemoveDuplicates([a])", {"a": ["x", "X", "x"]}, {"exact": ["x", "X"], "any case": ["x"]}),
    (
        "regex_seconds",
        'Replace([a], , "(a|aa)+$", , "", , )',
        {"a": "a" * 40 + "b"},
        {0.02: ERROR},
    ),
]
NOW = "2026-11-24T12:00:00Z"


def rows() -> list[tuple[str, Any, str, dict[str, Any], Any]]:
    return [
        (choice, value, expression, attributes, expected)
        for choice, expression, attributes, results in CASES
        for value, expected in results.items()
    ]


def result(expression: str, attributes: dict[str, Any], semantics: Semantics) -> Any:
    try:
        return evaluate(expression, attributes, now=NOW, semantics=semantics)
    except ExpressionError:
        return ERROR


@pytest.mark.parametrize(
    ("choice", "value", "expression", "attributes", "expected"),
    rows(),
    ids=[f"{choice}-{value}-{number}" for number, (choice, value, *_) in enumerate(rows())],
)
def test_each_reading_of_an_open_point_gives_its_own_result(
    choice: str, value: Any, expression: str, attributes: dict[str, Any], expected: Any
) -> None:
    assert result(expression, attributes, Semantics(**{choice: value})) == expected


def test_every_choice_is_tried_with_every_value() -> None:
    hints = get_type_hints(Semantics)
    for choice in fields(Semantics):
        if choice.name.startswith("filter_"):
            continue  # of scoping filters: test_scope
        tried = {value for name, _, _, results in CASES if name == choice.name for value in results}
        assert set(get_args(hints[choice.name])) <= tried, choice.name
        assert tried, choice.name


def test_every_choice_is_in_the_documentation_with_its_default() -> None:
    text = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text(encoding="utf-8")
    for choice in fields(Semantics):
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{choice.name}` |")]
        default = choice.default if isinstance(choice.default, str) else str(choice.default)
        assert row.split(" | ")[1].startswith(f"**{default}**"), row
