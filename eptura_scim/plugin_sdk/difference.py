"""The detailed difference of two trees of plain values, path by path, as the engine prints it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from eptura_scim.plugin_sdk.values import UNKNOWN

__all__ = ["Kind", "Path", "differences", "render"]

Path = tuple[str | int, ...]
Kind = Literal["add", "delete", "update"]
SameMeaning = Callable[[Path, Any, Any], bool]

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")


def render(path: Path) -> str:
    """A path in the engine's notation: `users["name.givenName"].source`."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif _IDENTIFIER.match(segment):
            text += f".{segment}" if text else segment
        else:
            escaped = segment.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def differences(
    old: Any, new: Any, same: SameMeaning = lambda _path, old, new: bool(old == new), path: Path = ()
) -> Iterator[tuple[Path, Kind]]:
    """Each place where two values differ, deepest first place only: None and a missing key are one.

    `same` may call two leaves equal that are written differently.
    """
    if old is None and new is None:
        return
    if old is None or new is None:
        yield path, "add" if old is None else "delete"
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from differences(old.get(key), new.get(key), same, (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            left, right = (items[index] if index < len(items) else None for items in (old, new))
            yield from differences(left, right, same, (*path, index))
    elif new is UNKNOWN or not same(path, old, new):
        yield path, "update"
