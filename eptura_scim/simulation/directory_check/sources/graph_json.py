"""A user or group in JSON, as Microsoft Graph, Azure AD Graph or PowerShell's ConvertTo-Json write it.

Sources: Microsoft Graph and Azure AD Graph, resource types user and group; ConvertTo-Json keeps the PascalCase of
PowerShell's properties, and writes values below its depth as the names of their types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import filterfalse
from typing import Any

from eptura_scim.mapping.flow import GraphObject
from eptura_scim.simulation.directory_check.partition import LOST, PageEnd, Unreadable
from eptura_scim.simulation.directory_check.sources.boolean_words import as_boolean
from eptura_scim.simulation.directory_check.sources.cells import as_list, type_name
from eptura_scim.simulation.directory_check.sources.columns import BOOLEANS, LISTS, property_of

__all__ = ["CONTEXT", "NEXT_LINK", "context_type", "graph_object", "graph_objects", "is_page"]

NEXT_LINK = "@odata.nextLink"
CONTEXT = "@odata.context"
"""Says of a page what its objects are: `…/$metadata#users(id,displayName)`."""

_REMOVED = "@removed"
"""Marks an object of a delta query that is gone ("Get incremental changes for users")."""
_ANY_OF = frozenset({"id", "userPrincipalName", "displayName"})
_GRAPH_TYPES = frozenset({None, "#microsoft.graph.user", "#microsoft.graph.group"})
_COLLECTION = re.compile(r"\$metadata#(?P<name>user|group)s\b")
_MORE = "AdditionalProperties"


def is_page(value: Any) -> bool:
    """Whether a value is a page of a Graph list."""
    is_list = isinstance(value, dict) and "value" in value and isinstance(value["value"], list)
    return is_list and "userPrincipalName" not in value


def graph_objects(value: Any) -> Iterator[GraphObject | Unreadable | PageEnd]:
    """What a JSON value holds: an object, those of a page, or those of a list."""
    if is_page(value):
        declared = context_type(value.get(CONTEXT))
        items = (declared | item if isinstance(item, dict) else item for item in value["value"])
        yield from map(graph_object, filterfalse(_is_removed, items))
        yield PageEnd(bool(value.get(NEXT_LINK)))
    else:
        alone = value if isinstance(value, list) else [value]
        yield from map(graph_object, filterfalse(_is_removed, alone))


def _is_removed(item: Any) -> bool:
    return isinstance(item, dict) and _REMOVED in item


def context_type(context: Any) -> dict[str, Any]:
    """The type that the objects of a page with this context have, as a member of each; empty where it is not said."""
    found = _COLLECTION.search(context) if isinstance(context, str) else None
    return {"@odata.type": f"#microsoft.graph.{found['name']}"} if found else {}


def graph_object(value: Any, *, may_be_lost: bool = True) -> GraphObject | Unreadable:
    """The object as Graph shows it. `may_be_lost` says whether type names may stand in the place of values."""
    if not isinstance(value, dict):
        return Unreadable("not a JSON object")
    if isinstance(answer := value.get("error"), dict) and "code" in answer:
        return Unreadable(f"an error of Microsoft Graph, not a list: {str(answer['code'])[:80]}")
    if isinstance(value.get("responses"), list):
        return Unreadable("the answer of a $batch: keep the body of each response in a file of its own")
    if "id" not in value or "objectId" in value:
        value = _renamed(value)
    if value.keys().isdisjoint(_ANY_OF):
        return Unreadable("neither a user nor a group: id, userPrincipalName or displayName is expected")
    declared = value.get("@odata.type")
    if declared is not None and (not isinstance(declared, str) or declared not in _GRAPH_TYPES):
        return Unreadable(f"neither a user nor a group: @odata.type is {str(declared)[:80]}")
    if may_be_lost:
        value = _without_type_names(value)
    return _converted(value)


def _renamed(value: dict[str, Any]) -> dict[str, Any]:
    """The object with Graph's names for its properties; the first of two names that has a value counts."""
    made: dict[str, Any] = {}
    more = value.get(_MORE)
    for key, item in (*value.items(), *(more.items() if isinstance(more, dict) else ())):
        name = property_of(key) if not key.startswith("@") else key
        if name[:1].isupper():
            name = name[0].lower() + name[1:]
        if made.get(name) in (None, "", []):
            made[name] = _inner_renamed(item) if isinstance(item, dict) else item
    return made


def _inner_renamed(item: dict[str, Any]) -> dict[str, Any]:
    return {f"{name[:1].lower()}{name[1:]}": value for name, value in item.items()}


def _without_type_names(value: dict[str, Any]) -> dict[str, Any]:
    lost = {name: found for name, item in value.items() if (found := _type_within(item))}
    return {**value, **dict.fromkeys(lost), LOST: lost} if lost else value


def _type_within(item: Any) -> str | None:
    if isinstance(item, list):
        return next((found for one in item if (found := type_name(one))), None)
    return type_name(item)


def _converted(value: dict[str, Any]) -> dict[str, Any]:
    """The object with texts in the place of booleans and lists read as these."""
    changes = {
        name: convert(item)
        for name, item in value.items()
        if type(item) in _WRITTEN_AS and (convert := _CONVERTERS.get(name)) is not None
    }
    return {**value, **changes} if changes else value


def _boolean(value: Any) -> Any:
    return as_boolean(value) if isinstance(value, str) else value


_WRITTEN_AS = frozenset({str, dict})
_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(BOOLEANS, _boolean),
    **dict.fromkeys(LISTS, as_list),
    "deletedDateTime": lambda value: value or None,
}
