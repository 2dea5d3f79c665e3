"""Functions over texts."""

from __future__ import annotations

import base64
import binascii

from eptura_scim.errors import shown
from eptura_scim.expressions.evaluation import letter_case as letters
from eptura_scim.expressions.evaluation.builders import (
    Builder,
    CompiledCall,
    Evaluator,
    given,
    integer,
    optional,
    plain,
    text,
    text_or_none,
)
from eptura_scim.expressions.evaluation.diacritics import normalize_diacritics
from eptura_scim.expressions.evaluation.values import Value, ValueProblem, bounded
from eptura_scim.quantities import counted

__all__ = ["TEXT_FUNCTIONS"]

_COMPARE_TYPES = {"vbBinaryCompare", "vbTextCompare"}


def _append(source: str, suffix: str) -> str:
    return bounded(source + suffix)


def _well_formed(source: str) -> str:
    # Half a surrogate pair, which a JSON text may hold, is what .NET writes as U+FFFD.
    return source.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _to_base64(source: str) -> str:
    return bounded(base64.b64encode(_well_formed(source).encode("utf-16-le")).decode("ascii"))


def _to_utf8_hex(source: str) -> str:
    return bounded(_well_formed(source).encode("utf-8").hex().upper())


def _from_base64(source: str, encoding: str | None) -> str:
    codecs = {None: "utf-16-le", "Unicode": "utf-16-le", "ASCII": "ascii", "UTF8": "utf-8"}
    if encoding not in codecs:
        raise ValueProblem(f"the encoding is Unicode, ASCII or UTF8, not {encoding}")
    try:
        return base64.b64decode(source, validate=True).decode(codecs[encoding], "replace")
    except (binascii.Error, ValueError):
        raise ValueProblem(f"{shown(source)} is not base64") from None


def _left(source: str | None, count: int | None) -> str:
    if count is None:
        raise ValueProblem("NumChars has no value")
    if source is None:
        return ""
    return source if count < 0 else source[:count]


def _length(source: str | None) -> int:
    return len(source or "")


def _mid(call: CompiledCall) -> Evaluator:
    strict = call.semantics.mid_out_of_range == "error"

    def mid(source: str, start: int, length: int) -> str:
        if strict and not 1 <= start <= len(source):
            raise ValueProblem(f"start {start} is outside of the {counted(len(source), 'character')}")
        if length < 0:
            raise ValueProblem(f"length is 0 or more, not {length}")
        first = max(start, 1) - 1
        return source[first : first + length]

    return plain(mid, text("source"), integer("start"), integer("length"))(call)


def _in_str(call: CompiledCall) -> Evaluator:
    default = call.semantics.instr_compare

    def in_str(source: str, searched: str, start: int | None, compare: str | None) -> int:
        compare = compare or default
        if compare not in _COMPARE_TYPES:
            raise ValueProblem(f"compareType is {' or '.join(sorted(_COMPARE_TYPES))}, not {compare}")
        start = 1 if start is None else start
        if start < 1:
            raise ValueProblem(f"start is 1 or more, not {start}")
        if compare == "vbTextCompare":
            source, searched = letters.lower(source), letters.lower(searched)
        return source.find(searched, start - 1) + 1

    return plain(
        in_str,
        text("value1"),
        text("value2"),
        optional(integer, "start"),
        optional(text, "compareType"),
        required=2,
    )(call)


def _word(call: CompiledCall) -> Evaluator:
    skips = call.semantics.word_empty == "skipped"

    def word(source: str | None, number: int | None, delimiters: str | None) -> str:
        if number is None or number < 1 or source is None:
            return ""
        words = source.translate({ord(character): "\n" for character in delimiters or ""})
        found = words.split("\n") if delimiters else [source]
        found = [part for part in found if part] if skips else found
        return found[number - 1] if number <= len(found) else ""

    return plain(word, text_or_none("String"), integer("WordNumber"), text_or_none("Delimiters"), required=0)(call)


def _normalize(call: CompiledCall) -> Evaluator:
    unlisted = call.semantics.unlisted_letters
    return plain(lambda source: normalize_diacritics(source, unlisted), text("source"))(call)


def _p_case(call: CompiledCall) -> Evaluator:
    breaks = call.semantics.pcase_apostrophe == "breaks"

    def p_case(source: str, separators: str | None) -> str:
        return letters.title(source, separators, apostrophe_breaks=breaks)

    return plain(p_case, text("source"), optional(text, "wordSeparators"), required=1)(call)


def _same(value: Value) -> Value:
    return value


def _strip_spaces(source: str) -> str:
    return source.replace(" ", "")


TEXT_FUNCTIONS: dict[str, Builder] = {
    "Append": plain(_append, text("source"), text("suffix")),
    "ConvertFromBase64": plain(_from_base64, text("source"), optional(text, "Encoding"), required=1),
    "ConvertToBase64": plain(_to_base64, text("source")),
    "ConvertToUTF8Hex": plain(_to_utf8_hex, text("source")),
    "CStr": plain(str, text("value")),
    "InStr": _in_str,
    "Left": plain(_left, text_or_none("String"), integer("NumChars"), required=0),
    "Len": plain(_length, text_or_none("String"), required=0),
    "Mid": _mid,
    "NormalizeDiacritics": _normalize,
    "PCase": _p_case,
    "Prepend": plain(_append, text("prefix"), text("source")),
    "Redact": plain(_same, given("source")),
    "StripSpaces": plain(_strip_spaces, text("source")),
    "ToLower": plain(letters.lower, text("source"), optional(text, "culture"), required=1),
    "ToUpper": plain(letters.upper, text("source"), optional(text, "culture"), required=1),
    "Word": _word,
}
"""Functions whose arguments and results are texts, numbers apart."""
