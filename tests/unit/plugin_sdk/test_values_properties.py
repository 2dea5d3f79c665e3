"""Secrets, outputs with dependencies and unknowns, nested in any way, become the plain values that they stand for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc

from eptura_scim.plugin_sdk.values import UNKNOWN, contains_unknown, decode, encode

UNKNOWNS = (rpc.UNKNOWN, "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff")
TEXTS = st.text(max_size=8)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS | st.just(UNKNOWN)
PLAIN = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@st.composite
def wrapped(draw: st.DrawFn, plain: Any) -> PropertyValue:
    """A plain value as an engine may send it: each part may be a secret, and may have dependencies."""
    value: Any
    match plain:
        case dict():
            value = {key: draw(wrapped(item)) for key, item in plain.items()}
        case list():
            value = [draw(wrapped(item)) for item in plain]
        case bool() | str() | None:
            value = plain
        case int():
            value = float(plain)
        case _:
            value = draw(st.sampled_from(UNKNOWNS))
    dependencies = draw(st.lists(st.sampled_from(["urn:a", "urn:b"]), max_size=2))
    return PropertyValue(value, is_secret=draw(st.booleans()), dependencies=dependencies)


@given(st.data(), st.dictionaries(TEXTS, PLAIN, max_size=4))
def test_what_is_wrapped_is_unwrapped_over_the_wire(data: st.DataObject, plain: dict[str, Any]) -> None:
    sent = {name: data.draw(wrapped(value)) for name, value in plain.items()}
    received = PropertyValue.marshal_map(sent)
    assert decode(received) == plain
    assert any(map(contains_unknown, plain.values())) == contains_unknown(decode(received))


@given(st.dictionaries(TEXTS, PLAIN, max_size=4))
def test_encoded_values_are_neither_secret_nor_dependent(plain: dict[str, Any]) -> None:
    for value in PropertyValue.unmarshal_map(encode(plain)).values():
        assert not value.contains_secret()
        assert value.all_dependencies() == set()
