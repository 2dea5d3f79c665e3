"""Pulumi's property values to plain Python and back.

The middle of a provider speaks dicts, lists, strings, numbers, booleans, None and UNKNOWN; only this module knows
`PropertyValue`. Whether a value is secret is the engine's to keep: the provider declares that it does not handle
secrets, so the engine marks what comes back under the name of a secret input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc

from eptura_scim.plugin_sdk.errors import PluginError

__all__ = ["UNKNOWN", "contains_unknown", "decode", "encode"]


class _Unknown(Enum):
    """A value that the engine will know only after another resource was created: one, however often it is copied."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return self.name


UNKNOWN: Final = _Unknown.UNKNOWN

# The engine sends unknowns as texts, not as `Computed`: one for each kind of value (pulumi sdk/go,
# resource/plugin/rpc.go), the Python SDK names only the first.
_SENTINELS = frozenset(
    {
        rpc.UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


def decode(values: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """The properties of a request as plain Python values. Raises PluginError for assets and the like."""
    return {name: _plain(value) for name, value in values.items()}


def encode(values: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """Plain Python values as the properties of a response; None is left out."""
    return {name: _property(value) for name, value in values.items() if value is not None}


def contains_unknown(value: Any) -> bool:
    """Whether a plain value is UNKNOWN or holds it at any depth."""
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def _plain(value: PropertyValue) -> Any:
    match value.value:
        case str() as text:
            return UNKNOWN if text in _SENTINELS else text
        case bool() | None:
            return value.value
        case float() as number:
            return int(number) if number.is_integer() else number
        case Mapping() as items:
            return {key: _plain(item) for key, item in items.items()}
        case Sequence() as items:
            return [_plain(item) for item in items]
        case other:
            raise PluginError(f"{type(other).__name__} is not a value that these resources take")


def _property(value: Any) -> PropertyValue:
    match value:
        case _Unknown():
            return PropertyValue(rpc.UNKNOWN)
        case bool() | str() | None:
            return PropertyValue(value)
        case int() | float():
            return PropertyValue(float(value))  # the SDK refuses int
        case Mapping():
            return PropertyValue(encode(value))
        case list() | tuple():
            return PropertyValue([_property(item) for item in value])
        case _:
            raise TypeError(f"{type(value).__name__} cannot be sent to the engine")
