"""What each way of sending a telephone number makes of what directories hold."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.expressions.functions import FUNCTIONS
from eptura_scim.expressions.nodes import Expression, FunctionCall
from eptura_scim.expressions.parser import parse
from eptura_scim.mapping import IgnoreFlow, Semantics, compile_expression
from eptura_scim.phones import Phone, phone_source

NOTHING = IgnoreFlow.ATTRIBUTE

# RFC 3966, section 3: global-number without visual separators, and the parameter ext.
RFC_3966 = re.compile(r"tel:\+[0-9]+(;ext=[0-9]+)?")
E_164 = re.compile(r"\+[1-9][0-9]{0,14}")

CASES: list[tuple[str | None, Any, Any]] = [
    # in the directory, e164, rfc3966
    (None, NOTHING, NOTHING),
    ("", NOTHING, NOTHING),
    ("+1 (425) 555-0100", "+14255550100", "tel:+14255550100"),
    ("+14255550100", "+14255550100", "tel:+14255550100"),
    ("+1.425.555.0100", "+14255550100", "tel:+14255550100"),
    (" +1 425 555 0100 ", "+14255550100", "tel:+14255550100"),
    ("+1\N{NO-BREAK SPACE}425\N{NON-BREAKING HYPHEN}555\N{EN DASH}0100", "+14255550100", "tel:+14255550100"),
    ("\N{LEFT-TO-RIGHT EMBEDDING}+14255550100\N{POP DIRECTIONAL FORMATTING}", "+14255550100", "tel:+14255550100"),
    ("tel:+1-201-555-0123", "+12015550123", "tel:+12015550123"),
    ("TEL:+12015550123", "+12015550123", "tel:+12015550123"),
    # An E.164 number has no extension; the number without it is another one.
    ("+1 425 555 0100 x12", NOTHING, "tel:+14255550100;ext=12"),
    ("+1 425 555 0100;ext=12", NOTHING, "tel:+14255550100;ext=12"),
    ("tel:+14255550100;ext=12", NOTHING, "tel:+14255550100;ext=12"),
    ("+1 425 555 0100 ext. 12", NOTHING, "tel:+14255550100;ext=12"),
    ("+1 425 555 0100 Extension 12", NOTHING, "tel:+14255550100;ext=12"),
    ("+1 425 555 0100 #12", NOTHING, "tel:+14255550100;ext=12"),
    # The 0 that callers at home dial, and the one that belongs to the number.
    ("+44 (0)20 7946 0958", "+442079460958", "tel:+442079460958"),
    ("+49 (0 30) 123456", "+4930123456", "tel:+4930123456"),
    ("+49(030)123456", "+4930123456", "tel:+4930123456"),
    ("+39 (0)6 69812345", "+390669812345", "tel:+390669812345"),
    ("+225 (07) 12 34 56 78", "+2250712345678", "tel:+2250712345678"),
    # Whose country is unknown, and what is none or more than one.
    ("425 555 0100", NOTHING, NOTHING),
    ("(425) 555-0100", NOTHING, NOTHING),
    ("0049 30 123456", NOTHING, NOTHING),
    ("+0 425 555 0100", NOTHING, NOTHING),
    ("+1 425", NOTHING, NOTHING),
    ("+1 425 555 0100 123456789", NOTHING, NOTHING),
    ("+1 425 555 0100 / +1 425 555 0101", NOTHING, NOTHING),
    ("+1 425 555 0100, 12", NOTHING, NOTHING),
    ("+1 800 FLOWERS", NOTHING, NOTHING),
    ("++14255550100", NOTHING, NOTHING),
    ("tel:4255550100;phone-context=+1", NOTHING, NOTHING),
    ("n/a", NOTHING, NOTHING),
    ("+", NOTHING, NOTHING),
]


def sent(mode: Phone, number: str | None, semantics: Semantics | None = None) -> Any:
    return compile_expression(phone_source(mode, "[telephoneNumber]"), semantics)({"telephoneNumber": number})


@pytest.mark.parametrize(("number", "e164", "rfc3966"), CASES)
def test_a_number_is_sent_in_the_form_asked_for_or_not_at_all(number: str | None, e164: Any, rfc3966: Any) -> None:
    assert sent("direct", number) == number
    assert sent("e164", number) == e164
    assert sent("rfc3966", number) == rfc3966


@pytest.mark.parametrize("reading", ["absent", "empty"])
def test_a_missing_number_is_not_sent_in_any_reading(reading: Any) -> None:
    for mode in ("e164", "rfc3966"):
        assert sent(mode, None, Semantics(absent_argument=reading)) is NOTHING


numbers = st.text("0123456789+()- .x#;=telEXT/,\N{NO-BREAK SPACE}", max_size=24)


@given(numbers)
def test_each_number_that_is_sent_is_well_formed(number: str) -> None:
    as_uri, as_number = sent("rfc3966", number), sent("e164", number)
    assert as_uri is NOTHING or RFC_3966.fullmatch(as_uri)
    assert as_number is NOTHING or E_164.fullmatch(as_number)


@given(numbers)
def test_what_was_sent_once_is_sent_the_same_again(number: str) -> None:
    for mode in ("e164", "rfc3966"):
        once = sent(mode, number)
        assert once is NOTHING or sent(mode, once) == once


@given(numbers)
def test_digits_stay_except_the_zero_in_brackets(number: str) -> None:
    uri = sent("rfc3966", number)
    if uri is not NOTHING:
        without_zero = re.sub(r"\([\s\N{NO-BREAK SPACE}]*0", "", number, count=1)
        assert digits(uri) in (digits(number), digits(without_zero))


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def functions(expression: Expression | None) -> set[str]:
    if not isinstance(expression, FunctionCall):
        return set()
    return {expression.name}.union(*map(functions, expression.arguments))


def test_only_documented_functions_are_used() -> None:
    for mode in ("e164", "rfc3966"):
        used = functions(parse(phone_source(mode, "[mobile]")))
        assert used == {"IgnoreFlowIfNullOrEmpty", "Replace"}
        assert used <= FUNCTIONS.keys()
