"""Property values as an engine could send them, and as none should: protobuf messages for hypothesis."""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2
from hypothesis import strategies as st
from pulumi.runtime import rpc

__all__ = ["NAMES", "STRUCTS", "changed", "struct"]

SENTINELS = (
    rpc.UNKNOWN,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
)
NAMES = (
    "servicePrincipalId", "jobId", "tenantUrl", "secretToken", "secretTokenFingerprint", "scope", "notificationEmail",
    "accidentalDeletionThreshold", "skipOutOfScopeDeletions", "testSavedToken", "users", "groups", "provisionUsers",
    "provisionGroups", "source", "defaultValue", "matchingPrecedence", "apply", "flowBehavior", "provisioningStatus",
    "publicKey", "__provider", "version",
)  # fmt: skip
_SIGNATURES = (
    rpc._special_secret_sig, rpc._special_asset_sig, rpc._special_archive_sig, rpc._special_resource_sig,
    rpc._special_output_value_sig, "no such signature", "",
)  # fmt: skip
_INNER = ("value", "path", "text", "uri", "assets", "urn", "resource_id", "package_version", "dependencies", "secret")

_TEXTS = (
    st.text(max_size=12)
    | st.sampled_from(SENTINELS)
    | st.sampled_from(
        (
            "",
            "/",
            "..",
            "../..",
            "sealed.v1.",
            "sealed.v1.AAAA",
            "sealed.v1.é",
            "imported",
            "imported+v1.AAAA.é",
            "v1.AAAA.BBBB",
            "v1.A.é",
            "https://",
            "https://[",
            "https://localhost:1/scim/v1/",
            "[objectId]",
            "[",
            '"',
            "Switch([a], , ",
            "(" * 200,
            "x" * 20_000,
            "On",
            "Off",
            "all",
            "assigned",
            "\x00",
            "\u2028",
            "{}",
            "%s%n",
        )
    )
    | st.uuids().map(str)
)
_NUMBERS = st.floats() | st.sampled_from((0.0, 1.0, -1.0, 2.0**31, 2.0**63, 1e308, float("nan"), float("inf")))
_LEAVES = (
    st.none().map(lambda _: struct_pb2.Value(null_value=struct_pb2.NULL_VALUE))
    | st.booleans().map(lambda value: struct_pb2.Value(bool_value=value))
    | _NUMBERS.map(lambda value: struct_pb2.Value(number_value=value))
    | _TEXTS.map(lambda value: struct_pb2.Value(string_value=value))
    | st.just(struct_pb2.Value())  # no kind at all
)


def struct(fields: dict[str, struct_pb2.Value]) -> struct_pb2.Struct:
    return struct_pb2.Struct(fields=fields)


def _nested(inner: st.SearchStrategy[struct_pb2.Value]) -> st.SearchStrategy[struct_pb2.Value]:
    names = st.sampled_from(NAMES) | st.text(max_size=8)
    maps = st.dictionaries(names, inner, max_size=4)
    signed = st.tuples(st.sampled_from(_SIGNATURES), st.dictionaries(st.sampled_from(_INNER), inner, max_size=4)).map(
        lambda made: {rpc._special_sig_key: struct_pb2.Value(string_value=made[0]), **made[1]}
    )
    return (
        st.lists(inner, max_size=4).map(lambda items: struct_pb2.Value(list_value=struct_pb2.ListValue(values=items)))
        | (maps | signed).map(lambda fields: struct_pb2.Value(struct_value=struct(fields)))
        | st.integers(10, 25).map(_deep)
    )


def _deep(levels: int) -> struct_pb2.Value:
    value = struct_pb2.Value(string_value="deep")
    for _ in range(levels):
        value = struct_pb2.Value(struct_value=struct({"users": value}))
    return value


VALUES = st.recursive(_LEAVES, _nested, max_leaves=8)
STRUCTS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), VALUES, max_size=6).map(struct)


def changed(valid: dict[str, Any]) -> st.SearchStrategy[struct_pb2.Struct]:
    """Valid properties of which up to two are replaced, at any depth of maps, and up to one is left out."""
    whole = struct_pb2.Struct()
    whole.update(valid)
    places = list(_places(valid))

    def made(change: tuple[list[tuple[tuple[str, ...], struct_pb2.Value]], tuple[str, ...] | None]) -> Any:
        found = struct_pb2.Struct()
        found.CopyFrom(whole)
        replaced, gone = change
        for path, value in replaced:
            parent = _parent(found, path)
            if parent is not None:
                parent.fields[path[-1]].CopyFrom(value)
        if gone is not None and (parent := _parent(found, gone)) is not None:
            parent.fields.pop(gone[-1], None)
        return found

    replaced = st.lists(st.tuples(st.sampled_from(places), VALUES), max_size=2)
    return st.tuples(replaced, st.none() | st.sampled_from(places)).map(made)


def _places(tree: dict[str, Any], path: tuple[str, ...] = ()) -> Any:
    for name, value in tree.items():
        yield (*path, name)
        if isinstance(value, dict):
            yield from _places(value, (*path, name))


def _parent(tree: struct_pb2.Struct, path: tuple[str, ...]) -> struct_pb2.Struct | None:
    for name in path[:-1]:
        if name not in tree.fields or tree.fields[name].WhichOneof("kind") != "struct_value":
            return None
        tree = tree.fields[name].struct_value
    return tree
