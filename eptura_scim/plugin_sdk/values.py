"""Pulumi's property values to plain Python and back.

The middle of a provider speaks dicts, lists, strings, numbers, booleans, None and UNKNOWN; only this module knows the
values of the protocol. Whether a value is secret is the engine's to keep: the provider declares that it does not handle
secrets, so the engine marks what comes back under the name of a secret input.

Source: Pulumi, sdk/go, resource/plugin/rpc.go and resource/properties.go (signatures, unknown values).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from google.protobuf import struct_pb2

from eptura_scim.plugin_sdk.errors import PluginError

__all__ = ["SIGNATURE", "UNKNOWN", "contains_unknown", "decode", "encode"]


class _Unknown(Enum):
    """A value that the engine will know only after another resource was created. A copy of it is the same object."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return self.name


UNKNOWN: Final = _Unknown.UNKNOWN

_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS = frozenset(
    {
        _UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""The engine sends an unknown value as a text, one for each kind of value."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks a special object, such as a secret, in property values and in a state."""
_WRAPPERS = frozenset(
    {
        "1b47061264138c4ac30d75fd1eb44270",  # secret
        "d0e6a833031e9bbcd3f4e8bde6ca49a4",  # output, with the resources that it depends on
    }
)
_NOT_TAKEN = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
    "5cf8f73096256a8f31e491e813e4eb8e": "a reference to a resource",
}


def decode(values: struct_pb2.Struct) -> dict[str, Any]:
    """The properties of a request as plain Python values. Raises PluginError for assets, archives and references."""
    return {name: _plain(value) for name, value in values.fields.items()}


def encode(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain Python values as the properties of a response; None is left out."""
    return struct_pb2.Struct(fields={name: _property(value) for name, value in values.items() if value is not None})


def contains_unknown(value: Any) -> bool:
    """Whether a plain value is UNKNOWN or holds it at any depth."""
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def _plain(value: struct_pb2.Value) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWN_TEXTS else value.string_value
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "null_value":
            return None
        case "list_value":
            return [_plain(item) for item in value.list_value.values]
        case "struct_value":
            return _plain_object(value.struct_value)
        case _:
            raise _unreadable()


def _plain_object(value: struct_pb2.Struct) -> Any:
    if SIGNATURE not in value.fields:
        return decode(value)
    signature = value.fields[SIGNATURE].string_value
    if signature in _NOT_TAKEN:
        raise PluginError(f"{_NOT_TAKEN[signature]} is not a value that these resources take")
    if signature not in _WRAPPERS or "value" not in value.fields:
        raise _unreadable()
    return _plain(value.fields["value"])


def _unreadable() -> PluginError:
    return PluginError("a property of the request cannot be read; is the engine newer than this provider?")


def _property(value: Any) -> struct_pb2.Value:  # noqa: PLR0911 one a kind
    match value:
        case _Unknown():
            return struct_pb2.Value(string_value=_UNKNOWN_TEXT)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case str():
            return struct_pb2.Value(string_value=value)
        case int() | float():
            return struct_pb2.Value(number_value=value)
        case Mapping():
            return struct_pb2.Value(struct_value=encode(value))
        case list() | tuple():
            return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_property(item) for item in value]))
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case _:
            raise TypeError(f"{type(value).__name__} cannot be sent to the engine")
