"""The detailed difference of two trees of plain values, path by path, as the engine prints it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from eptura_scim.plugin_sdk.values import UNKNOWN

__all__ = ["DifferenceKind", "Path", "differences", "is_ignored", "render", "segments"]

Path = tuple[str | int, ...]
DifferenceKind = Literal["add", "delete", "update"]
SameMeaning = Callable[[Path, Any, Any], bool]

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")
_SEGMENT = re.compile(
    r"""\.?(?:\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\[(?P<index>\d+|\*)\]|(?P<name>[^.\[\]"]+))""", re.DOTALL
)


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


def is_ignored(path: Path, ignored: Iterable[str]) -> bool:
    """Whether a path is at or below one of a resource's `ignoreChanges`, in which `*` stands for any segment.

    Source: Pulumi, "Resource option: ignoreChanges" and "Property paths".
    """
    return any(_covers(segments(text), path) for text in ignored)


def _covers(outer: list[str], path: Path) -> bool:
    pairs = zip(outer, path, strict=False)
    return 0 < len(outer) <= len(path) and all(wanted in ("*", str(segment)) for wanted, segment in pairs)


def segments(text: str) -> list[str]:
    """The parts of a path in the engine's notation; none where the text is not such a path."""
    found = list(_SEGMENT.finditer(text))
    if "".join(match[0] for match in found) != text:
        return []  # not a property path
    return [
        re.sub(r"\\(.)", r"\1", match["quoted"], flags=re.DOTALL)
        if match["quoted"] is not None
        else match["index"] or match["name"]
        for match in found
    ]


def differences(
    old: Any, new: Any, same: SameMeaning = lambda _path, old, new: bool(old == new), path: Path = ()
) -> Iterator[tuple[Path, DifferenceKind]]:
    """Each place where two values differ, at its deepest path. None counts as a missing key.

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
