"""Patterns of .NET do here what they do there; what .NET refuses is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.expressions.evaluation.regular_expressions import compile_pattern
from eptura_scim.expressions.evaluation.values import ValueProblem


def replaced(pattern: str, text: str, replacement: str) -> str:
    return compile_pattern(pattern, 0.2).replacer(replacement)(text)


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "expected"),
    [
        # Source: "Substitutions in regular expressions"
        ("(a)(b)", "ab", "$2$1", "ba"),
        ("(a)(b)", "ab", "$$1", "$1"),
        ("b", "abc", "[$&]", "a[b]c"),
        ("b", "abc", "$`", "aac"),
        ("b", "abc", "$'", "acc"),
        ("b", "abc", "$_", "aabcc"),
        ("(a)(b)?", "ab", "$+", "b"),
        ("(?<n>a)", "a", "${n}${other}$n", "a${other}$n"),
        ("(a)", "a", "$1$2$10", "a$2$10"),
        ("a", "a", "\\1\\g<0>", "\\1\\g<0>"),
        ("(a)|b", "b", "[$1]", "[]"),
        # Source: "Grouping constructs": unnamed groups are numbered first
        ("(?<n>a)(b)(c)", "abc", "$1$2$3", "bca"),
        ("(?<2>a)(b)", "ab", "$1$2", "ba"),
        ("(?'n'a)", "a", "<${n}>", "<a>"),
        ("(?<n>a)|(?<n>b)", "ab", "<${n}>", "<a><b>"),
        ("(?:a)(b)", "ab", "$1", "b"),
        ("(?>a+)b", "aab", "x", "x"),
        ("(?<=a+)b", "aab", "x", "aax"),
        ("(?<!a)b", "abb", "x", "abx"),
        ("a(?=b)", "abac", "x", "xbac"),
        ("a(?!b)", "abac", "x", "abxc"),
        ("(?#comment)a", "a", "x", "x"),
        # Source: "Backreference constructs", "Alternation constructs"
        (r"(?<n>a)\k<n>", "aa", "x", "x"),
        (r"(?<n>a)\k'n'", "aa", "x", "x"),
        (r"(?<n>a)(b)\1\2", "abba", "x", "x"),
        (r"(a)?(?(1)b|c)", "ab c", "x", "x x"),
        ("(?<n>a)?(?(n)b|c)", "ab c", "x", "x x"),
        # Source: "Character classes"
        ("[a-z-[aeiou]]", "abcde", "", "ae"),
        ("[^a-z-[X]]", "aXY", "", "aX"),
        (r"[\w-[\d_]]", "a1_b", "", "1_"),
        ("[]a]", "]a[", "", "["),
        ("[[a]", "[a]", "", "]"),
        ("[a&&b]", "a&b", "", ""),
        ("[a||b~~]", "a|b~", "", ""),
        (r"[\]\\^-]", r"]\^-a", "", "a"),
        (r"\w", "é1_-\u0301", "", "-"),
        (r"\d", "1\N{ARABIC-INDIC DIGIT THREE}x", "", "x"),
        (r"\s", "a\N{NO-BREAK SPACE}\v\u0085b", "", "ab"),
        (r"\W\S\D", "-a-", "", ""),
        (r"[\W]", "a-b", "", "ab"),
        (r"\p{Lu}\P{Lu}", "Ab", "x", "x"),
        (r"[\p{Lu}\P{L}]", "Ab1", "x", "xbx"),
        (r"\p{IsGreek}", "λa", "", "a"),
        (r"\p{IsBasicLatin}", "λa", "", "λ"),
        (".", "a\nb", "x", "x\nx"),
        # Source: "Character escapes"
        (r"\x41\u0042\103\e\a\f\v\t\cC", "ABC\x1b\a\f\v\t\x03", "x", "x"),
        (r"[\b]", "\b", "x", "x"),
        (r"[\x41\u0042\103\cD\n]", "ABC\x04\n", "x", "xxxxx"),
        (r"[\t-\r]", "\t\v\r a", "", " a"),
        (r"[\777]", "ÿ", "x", "x"),  # only eight bits of an octal code count
        (r"\07\0", "\a\0", "x", "x"),
        (r"\.\-\/\@", ".-/@", "x", "x"),
        # Source: "Anchors"
        ("^a", "a\na", "x", "x\na"),
        ("(?m)^a$", "a\na", "x", "x\nx"),
        ("a$", "a\n", "x", "x\n"),
        (r"a\Z", "a\n", "x", "x\n"),
        (r"a\z", "a\n", "x", "a\n"),
        (r"\ba\b", "a ab", "x", "x ab"),
        # Source: "Quantifiers"
        ("a{2}", "aaa", "x", "xa"),
        ("a{2,}?", "aaa", "x", "xa"),
        ("a{,2}", "a{,2}", "x", "x"),
        ("a{x}", "a{x}", "y", "y"),
        ("a*", "baab", "x", "xbxxbx"),
        # Source: "Regular expression options"
        ("(?i)straße", "STRASSE STRAßE", "x", "STRASSE x"),
        ("a(?i)b", "aB AB", "x", "x AB"),
        ("a(?i:b)c", "aBc aBC", "x", "x aBC"),
        ("(?s).", "\n", "x", "x"),
        ("(?n)(a)(?<x>b)", "ab", "$1", "b"),
        ("(?x) a b # c", "ab", "x", "x"),
        ("(?x)[ ]a\\ b", " a b", "x", "x"),
    ],
)
def test_a_pattern_does_what_dot_net_documents(pattern: str, text: str, replacement: str, expected: str) -> None:
    assert replaced(pattern, text, replacement) == expected


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "not closed"),
        (")", "without an opening one"),
        ("[a", "not closed"),
        ("a**", "repeats nothing"),
        ("a++", "repeats nothing"),
        ("*a", "repeats nothing"),
        ("a{2}{3}", "repeats nothing"),
        ("a{3,2}", "invalid repeat count"),
        ("[b-a]", "reverse order"),
        (r"[\w-z]", "end of a range"),
        ("a\\", "ends the pattern"),
        ("[a\\", "ends the pattern"),
        (r"[\y]", r"\y is an unknown escape in a class"),
        ("[a-[b]c]", "a subtraction has to be the last thing in its class"),
        ("[a-" * 30 + "[b]" + "]" * 30, "classes are nested too deep"),
        ("a(?#b", "a comment is not closed"),
        (r"\y", "is an unknown escape"),
        (r"\Q.\E", "is an unknown escape"),
        (r"\K", "is an unknown escape"),
        (r"(a)\2", "not there"),
        (r"\k<n>", "not there"),
        (r"\p{Greek}", "neither a category nor a block"),
        (r"\p", "no name"),
        ("(?P<n>a)", "no group that .NET has"),
        ("(?R)", "no group that .NET has"),
        ("(?|a|b)", "no group that .NET has"),
        ("(?<1n>a)", "not a name of a group"),
        ("(?<a-b>x)", "balancing groups are not supported"),
        ("(?(x)a|b)", "not supported"),
        ("(" * 200 + ")" * 200, "nested deeper"),
    ],
)
def test_what_dot_net_refuses_or_cannot_be_rewritten_is_refused(pattern: str, problem: str) -> None:
    with pytest.raises(ValueProblem, match="cannot be used") as caught:
        compile_pattern(pattern, 0.2)
    assert problem in str(caught.value)


@pytest.mark.parametrize("pattern", ["(a|aa)+$", "^(?:a|aa)+$", "(?=(?:a|aa)+$)a"])
def test_a_pattern_cannot_run_for_ever(pattern: str) -> None:
    with pytest.raises(ValueProblem, match=r"took longer than 0\.05 s"):
        compile_pattern(pattern, 0.05).replacer("")("a" * 60 + "!")


def test_a_result_cannot_grow_for_ever() -> None:
    with pytest.raises(ValueProblem, match="longer than 1000000 characters"):
        replaced("", "a" * 5_000, "b" * 5_000)


def test_only_the_group_is_replaced_in_each_match() -> None:
    pattern = compile_pattern("(?<year>[0-9]{4})-(?<month>[0-9]{2})", 0.2)
    assert pattern.group_replacer("month", lambda _: "00")("2020-01, 2021-02") == "2020-00, 2021-00"
    assert pattern.group_replacer("1", pattern.expansion("<$1>"))("2020-01") == "<2020>-01"
    with pytest.raises(ValueProblem, match="has no group day"):
        pattern.group_replacer("day", lambda _: "")


@given(st.text("ab[](){}*+?|^$.\\-,0123:<>=!'nkxpuLwdsAZzi#& ", max_size=14), st.text("ab1 \n", max_size=8))
def test_any_pattern_is_used_or_refused_with_a_reason(pattern: str, text: str) -> None:
    try:
        result = replaced(pattern, text, "$1${n}$&")
    except ValueProblem as problem:
        assert "the pattern" in str(problem) or "longer than" in str(problem)
    else:
        assert isinstance(result, str)


@given(st.text(max_size=8), st.text(max_size=20))
def test_a_text_of_plain_characters_finds_itself(text: str, around: str) -> None:
    escaped = "".join(character if character.isalnum() else f"\\u{ord(character):04x}" for character in text)
    if all(ord(character) < 0x10000 for character in text):
        assert compile_pattern(escaped, 0.2).matches(around + text)
