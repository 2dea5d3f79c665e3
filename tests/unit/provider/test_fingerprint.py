"""Fingerprints show that a token changed, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.provider.fingerprint import (
    IMPORTED,
    fingerprint,
    fingerprint_for,
    is_fingerprint,
    same_fingerprint,
)
from tests.examples import examples

tokens = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@examples(5)
@given(tokens)
def test_the_fingerprint_stays_while_the_token_does(token: str) -> None:
    known = fingerprint(token, "urn")
    assert fingerprint_for(token, known, "urn") == known
    assert token not in known or len(token) < 4


@examples(5)
@given(tokens, tokens)
def test_another_token_has_another_fingerprint(token: str, other: str) -> None:
    known = fingerprint(token, "urn")
    assert (fingerprint_for(other, known, "urn") == known) == (token == other)


def test_the_same_token_has_another_fingerprint_in_another_stack() -> None:
    assert fingerprint("token", "urn:a") != fingerprint("token", "urn:b")


def test_a_fingerprint_stays_at_the_update_and_under_a_new_name() -> None:
    assert fingerprint_for("token", None, "urn:a") == fingerprint_for("token", None, "urn:a")
    known = fingerprint("token", "urn:a")
    assert fingerprint_for("token", known, "urn:b") == known


def test_the_first_token_after_an_import_is_not_a_rotation() -> None:
    first = fingerprint_for("token", IMPORTED, "urn")
    assert same_fingerprint(IMPORTED, first)
    assert fingerprint_for("token", first, "urn") == first
    rotated = fingerprint_for("another", first, "urn")
    assert not same_fingerprint(IMPORTED, rotated)
    assert not same_fingerprint(first, rotated)


def test_a_problem_of_a_token_is_never_a_fingerprint() -> None:
    for text in ("", "no token is saved", "v2.a.b", "v1.%%%.b", "v1.a.b", "imported!"):
        assert fingerprint_for("token", text, "urn") != text
    assert not is_fingerprint("the saved token is refused")
    assert is_fingerprint(fingerprint("token", "urn"))
    assert is_fingerprint(IMPORTED)
