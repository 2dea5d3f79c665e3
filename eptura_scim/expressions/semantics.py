"""What Microsoft leaves open about expressions and scoping filters, as choices.

Each field names what is undocumented, its values, and why the default is the default. docs/expressions.md lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["DOCUMENTED", "Semantics"]


@dataclass(frozen=True, slots=True)
class Semantics:
    """One reading of the reference; the fields are its open points."""

    function_names: Literal["exact", "any case"] = "exact"
    """Whether `switch(` is read as Switch. The syntax is called case-sensitive; the same page once writes it so."""

    unknown_escapes: Literal["kept", "dropped", "refused"] = "kept"
    r"""What `\+` in a constant is: both characters, the second alone, or an error. Only `\\` and `\"` are documented;
    a pattern on a Microsoft page needs both."""

    single_quotes: Literal["refused", "text"] = "refused"
    """Whether `'text'` is a constant. Documented are double quotes; one page prints single ones."""

    cloud_sync: bool = False
    """Whether the functions of cloud sync's reference (Trim, Error, ...) and its `&` may be used. Not documented for
    app provisioning."""

    short_format_date_time: Literal["accepted", "refused"] = "accepted"
    """FormatDateTime(source, inputFormat, outputFormat): Graph's own list of functions and other pages have it, the
    reference has a fourth parameter."""

    absent_argument: Literal["absent", "empty", "error"] = "absent"
    """What a function makes of a required argument without a value, where its description does not say: no value, the
    same as for an empty text, or an error."""

    iif_empty: Literal["works", "false", "absent", "error"] = "works"
    """IIF when an attribute of its condition is absent or empty. The reference calls it unsupported, "the condition
    check fails", other pages use it as if it worked: then an absent attribute compares as an empty one."""

    equality: Literal["text", "numbers"] = "text"
    """Whether `=` of two texts that look like numbers compares numbers ("01" = 1). A number that a function returned
    is compared as a number either way."""

    coalesce_empty: Literal["value", "absent"] = "value"
    """Whether Coalesce takes an empty text. Its description speaks of null alone, an example on another page skips
    it."""

    switch_no_match: Literal["absent", "empty", "error"] = "absent"
    """Switch without a matching key and without a default."""

    switch_boolean: Literal["text", "never"] = "text"
    """Whether a Switch over IsPresent, IsNull, IsNullOrEmpty or IsString matches "True" and "False". One page
    recommends it, the reference warns of it."""

    is_nothing: Literal["null", "null or empty"] = "null"
    """Whether IsNothing, which Graph lists without a description, counts an empty text. Visual Basic's does not."""

    mid_out_of_range: Literal["cut", "error"] = "cut"
    """Mid with a start below 1 (counts as 1) or past the end (gives an empty text)."""

    split_blanks: Literal["kept", "trimmed"] = "kept"
    """Whether Split cuts blanks around each value; a printed example has lost one."""

    split_delimiter: Literal["whole", "each character"] = "whole"
    """How Split takes a delimiter of several characters; the reference calls it a character."""

    word_empty: Literal["kept", "skipped"] = "kept"
    """Whether Word counts the empty words between adjacent delimiters."""

    date_diff_days: Literal["elapsed", "calendar"] = "elapsed"
    """DateDiff "d": whole days that passed, as Visual Basic counts, or midnights between."""

    date_diff_weeks: Literal["calendar", "rounded"] = "calendar"
    """DateDiff "ww": Sundays between, as Visual Basic counts, or the quotient rounded. Both give the printed -493."""

    month_overflow: Literal["last day", "next month"] = "last day"
    """DateAdd "m" and "yyyy" from a day that the month does not have: its last day, as Visual Basic does, or on."""

    two_digit_years: int = 2049
    """The last year that `yy` can mean in FormatDateTime's input."""

    pcase_apostrophe: Literal["joins", "breaks"] = "joins"
    """Whether PCase starts a word after an apostrophe when no separators are given: .NET does not (O'connor), a page on
    Workday implies that it does (O'Connor)."""

    unlisted_letters: Literal["kept", "folded"] = "kept"
    """What NormalizeDiacritics does to letters that its table does not list: leaves them, or takes off their marks."""

    group_absent: Literal["absent", "attribute"] = "absent"
    """Replace with replacementAttributeName when the pattern does not match there: no value, or that attribute's."""

    group_replacement: Literal["literal", "template"] = "literal"
    """Whether `${name}` has a meaning in the replacementValue of a named group."""

    instr_compare: Literal["vbBinaryCompare", "vbTextCompare"] = "vbBinaryCompare"
    """InStr without compareType: case counts, as in Visual Basic, or it does not."""

    duplicates: Literal["exact", "any case"] = "exact"
    """What RemoveDuplicates takes for the same value; the first one stays."""

    regex_seconds: float = 1.0
    """How long one regular expression may work on one value. No limit is documented."""

    filter_regex: Literal["anywhere", "whole"] = "anywhere"
    """Whether REGEX MATCH has to match the whole value. Two printed patterns mean what is said of them only so; .NET
    looks anywhere. A pattern in `^...$` means the same either way."""

    filter_ends_with: Literal["exact", "any case"] = "exact"
    """Whether case counts for ENDS_WITH; of the other operators it is said."""

    filter_ampersand: Literal["part of value", "bits"] = "part of value"
    """What `&` asks: "attribute exists in the input string value" is all that is said of it."""

    filter_values: Literal["any", "all"] = "any"
    """Whether one of several values of an operator has to fulfil it, or each. The portal gives one."""


DOCUMENTED = Semantics()
"""The reading that fits what is printed best."""
