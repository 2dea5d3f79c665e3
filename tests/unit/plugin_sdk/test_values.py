"""Property values become plain values and come back unchanged."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pulumi
import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue, ResourceReference
from pulumi.runtime import rpc

from eptura_scim.plugin_sdk.errors import PluginError
from eptura_scim.plugin_sdk.values import UNKNOWN, contains_unknown, decode, encode

TEXTS = st.text(max_size=8)
LEAVES = (
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.just(UNKNOWN)
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=20
)
PROPERTIES = st.dictionaries(TEXTS, VALUES, max_size=4)


def _special(signature: str, **fields: struct_pb2.Value) -> struct_pb2.Value:
    named = {rpc._special_sig_key: struct_pb2.Value(string_value=signature), **fields}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=named))


def over_the_wire(values: dict[str, Any]) -> dict[str, Any]:
    return decode(struct_pb2.Struct.FromString(encode(values).SerializeToString()))


@given(PROPERTIES)
def test_values_come_back_as_they_went(values: dict[str, Any]) -> None:
    assert decode(encode(values)) == values


@given(PROPERTIES)
def test_values_come_back_over_the_wire(values: dict[str, Any]) -> None:
    assert over_the_wire(values) == values


@given(st.dictionaries(TEXTS, st.none() | VALUES, max_size=4))
def test_null_values_are_left_out(values: dict[str, Any]) -> None:
    assert decode(encode(values)) == {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize("value", [True, False, 1, 0, 1.5, "", "1", [], {}])
def test_a_value_keeps_its_type(value: object) -> None:
    back = decode(encode({"x": value}))["x"]
    assert type(back) is type(value)
    assert back == value


def test_every_kind_of_unknown_that_the_engine_sends_is_known() -> None:
    sentinels = [rpc.UNKNOWN, "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff"]
    decoded = decode(encode({"x": sentinels}))
    assert all(value is UNKNOWN for value in decoded["x"])


def test_an_unknown_value_is_sent_as_pulumis_marker() -> None:
    assert encode({"x": UNKNOWN})["x"] == rpc.UNKNOWN


@pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN], {"a": [{"b": UNKNOWN}]}])
def test_an_unknown_is_found_at_any_depth(value: object) -> None:
    assert contains_unknown(value)


@pytest.mark.parametrize("value", [None, "", [], {"a": ["b", 1]}])
def test_known_values_hold_no_unknown(value: object) -> None:
    assert not contains_unknown(value)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (pulumi.StringAsset("x"), "an asset"),
        (pulumi.FileArchive("x"), "an archive"),
        (ResourceReference("urn"), "a reference to a resource"),
    ],
)
def test_what_these_resources_do_not_take_is_named(value: Any, named: str) -> None:
    sent = PropertyValue.marshal_map({"x": PropertyValue(value)})
    with pytest.raises(PluginError, match=f"^{named} is not a value that these resources take$"):
        decode(sent)


@pytest.mark.parametrize(
    "value",
    [
        struct_pb2.Value(),
        _special("a signature of a later engine", value=struct_pb2.Value(string_value="x")),
        _special(rpc._special_secret_sig),
    ],
)
def test_an_unreadable_value_is_refused_without_its_content(value: struct_pb2.Value) -> None:
    with pytest.raises(PluginError, match=r"^a property of the request cannot be read; is the engine newer"):
        decode(struct_pb2.Struct(fields={"x": value}))


def test_a_copy_of_an_unknown_is_unknown() -> None:
    assert deepcopy({"x": [UNKNOWN]})["x"][0] is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


def test_what_the_engine_does_not_take_is_refused() -> None:
    with pytest.raises(TypeError, match="set cannot be sent"):
        encode({"x": {1}})
