"""A sealed secret is readable by the process that it is for, and by no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.sealing import PREFIX, SealingKey, UnsealError, seal

KEY = SealingKey()


@given(st.text(max_size=2000))
def test_what_was_sealed_comes_out_again(secret: str) -> None:
    assert KEY.unseal(seal(KEY.public, secret)) == secret


def test_sealing_the_same_text_twice_gives_two_unreadable_texts() -> None:
    sealed = seal(KEY.public, "a-secret-token")
    assert sealed.startswith(PREFIX)
    assert "a-secret-token" not in sealed
    assert sealed != seal(KEY.public, "a-secret-token")


@pytest.mark.parametrize(
    "text",
    [PREFIX, f"{PREFIX}!!!", f"{PREFIX}AAAA", seal(SealingKey().public, "x")],
    ids=["empty", "no base64", "too short", "another's"],
)
def test_a_damaged_or_foreign_sealed_text_is_refused(text: str) -> None:
    with pytest.raises(UnsealError):
        KEY.unseal(text)
