"""The properties of a type of Graph, by example: what may be selected, filtered by, ordered by, and written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from eptura_scim.local_entra.errors import ODataError

__all__ = ["TEXT", "Shape", "checked", "fits"]

TEXT: Any = None
"""The example of a property that is a text and may be null."""


@dataclass(frozen=True)
class Shape:
    """A type of Graph.

    An example is a value that the property has when nothing was set: True or False for a boolean, a number for a
    number, "" for a text that is never null, `TEXT` for one that may be, a list for a collection, a mapping for a
    complex type. A mapping or list that is empty leaves open what is inside.
    """

    name: str
    """Without its namespace: `servicePrincipal`."""
    properties: Mapping[str, Any]
    default: tuple[str, ...] = ()
    """What is shown without `$select`, where that is not every property."""
    unfilterable: frozenset[str] = frozenset()
    """Properties that Graph's reference names no `$filter` for."""
    ordered_by: frozenset[str] = frozenset()
    """Properties that `$orderby` takes."""
    is_directory_object: bool = False
    """Whether `ne`, `not`, `endswith` and counts need the header `ConsistencyLevel: eventual` and `$count=true`.

    Source: Microsoft Graph, "Advanced query capabilities on Microsoft Entra ID objects"."""
    extension: re.Pattern[str] | None = None
    """Names of properties that are not listed."""
    read_only: frozenset[str] = frozenset()
    emptied: frozenset[str] = frozenset()
    """Complex properties that a body without any part of them empties.

    The azuread provider relies on it and its acceptance tests hold it; Graph's pages leave it open."""
    never_kept: frozenset[str] = frozenset()
    """Properties that are accepted and never shown."""
    not_modelled: frozenset[str] = frozenset()
    """Properties of Graph's type that the local Entra does not have: they are refused with 501."""
    default_of_type: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a type that others derive from, by `@odata.type`: what is shown without `$select`."""

    def has(self, name: str) -> bool:
        """Whether it has a property of that name. Raises ODataError 501 for one that is not modelled."""
        if name in self.not_modelled:
            raise ODataError.not_modelled(f"the property {name} of {self.name}")
        return name in self.properties or (self.extension is not None and self.extension.fullmatch(name) is not None)

    def empty(self, name: str) -> Any:
        """What the property shows when an object has no value for it."""
        return [] if isinstance(self.properties.get(name), list) else None

    @cached_property
    def blank(self) -> dict[str, Any]:
        """An object that nothing was set of: the examples, null for a complex type that is left open."""
        return {name: None if example == {} else example for name, example in self.properties.items()}


def checked(shape: Shape, values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a body writes to an object; annotations are left out, and parts of a complex type completed.

    Raises ODataError 400 for a property that does not exist or is read-only, and for a value of another type.
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name.endswith("@odata.bind"):
            raise ODataError.not_modelled(f"{name} of {shape.name}")
        if "@odata." in name or name in shape.never_kept:
            continue
        if not shape.has(name):
            raise _refused(f"Invalid property '{name}'.")
        if name in shape.read_only:
            if value != before.get(name):
                raise _refused(f"Property '{name}' is read-only and cannot be set.")
            continue
        example = shape.properties.get(name)
        if not fits(example, value):
            kind = f"{shape.name[0].upper()}{shape.name[1:]}"
            raise _refused(f"Invalid value specified for property '{name}' of resource '{kind}'.")
        is_empty = isinstance(value, dict) and all("@odata." in part for part in value)
        found[name] = None if is_empty and name in shape.emptied else _completed(example, before.get(name), value)
    return found


def fits(example: Any, value: Any) -> bool:
    """Whether a value has the type of an example; `TEXT` stands for a text or a choice that may be missing."""
    match example:
        case bool() | str():
            return isinstance(value, type(example))
        case int():
            return value is None or (isinstance(value, int) and not isinstance(value, bool))
        case list():
            inside = type(example[0]) if example else str
            return isinstance(value, list) and all(isinstance(item, inside) for item in value)
        case dict():
            return (value is None and not example) or (isinstance(value, dict) and _fits_complex(example, value))
    return value is None or isinstance(value, str | bool)


def _fits_complex(example: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    """Whether the parts of a complex value fit; an empty example leaves them open."""
    return not example or all(
        "@odata." in name or (name in example and fits(example[name], item)) for name, item in value.items()
    )


def _completed(example: Any, before: Any, value: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(example, dict):
        return value
    known = before if isinstance(before, dict) else {}
    return {**example, **known, **{name: item for name, item in value.items() if "@odata." not in name}}


def _refused(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_BadRequest")
