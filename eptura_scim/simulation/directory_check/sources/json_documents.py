"""JSON documents: a list, pages of Graph (`{"value": [...]}`), or objects one after another, indented or not.

Read as a stream, object by object, so that memory does not grow with the file. `az ad user list`, `az rest`, Graph
Explorer and `ConvertTo-Json` write such files.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, TextIO

from eptura_scim.mapping.flow import GraphObject
from eptura_scim.simulation.directory_check.partition import FoundObject, PageEnd, SourceError, Unreadable, offset
from eptura_scim.simulation.directory_check.sources.graph_json import (
    CONTEXT,
    NEXT_LINK,
    context_type,
    graph_objects,
    is_page,
)
from eptura_scim.simulation.directory_check.sources.limits import ReadLimits
from eptura_scim.simulation.directory_check.sources.text_layout import TextLayout
from eptura_scim.types import Kind

__all__ = ["JsonDocumentPartition"]

_BLANK = re.compile(r"[\s,]*")
_SCALAR = r'(?:"[^"\\]*"|null|true|false|-?[0-9][0-9.eE+-]*)'
_MEMBER = rf'"[^"\\]*"\s*:\s*{_SCALAR}'
# The beginning of a page up to its first object, and a member behind its last one.
_PAGE_HEAD = re.compile(rf'\{{\s*(?:{_MEMBER}\s*,\s*)*+"value"\s*:\s*\[')
_PAGE_TAIL = re.compile(rf'"(?:@|odata\.|[Cc]ount")[^"\\]*"?\s*:\s*{_SCALAR}')
_DEEPEST = 100
_HEAD_CHARACTERS = 1 << 14
_HAS_NEXT = re.compile(rf'"{re.escape(NEXT_LINK)}"\s*:\s*"[^"]')
_CONTEXT = re.compile(rf'"{re.escape(CONTEXT)}"\s*:\s*"(?P<text>[^"]*)"')


class _BrokenError(Exception):
    """The document cannot be read any further."""


@dataclass(frozen=True)
class JsonDocumentPartition:
    """A whole file, in one partition: only reading it says where an object begins."""

    path: Path
    file: int
    number: int
    size: int
    layout: TextLayout
    limits: ReadLimits
    kind: Kind | None = None

    def objects(self) -> Iterator[FoundObject]:
        """All of them. Raises SourceError."""
        number = 0
        try:
            with self.path.open("rb") as raw:
                raw.seek(self.layout.start)
                with io.TextIOWrapper(raw, self.layout.encoding, newline="") as text:
                    for found in _Stream(text, self.limits).objects():
                        number += not isinstance(found, PageEnd)
                        yield offset(self.file, number), found
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror or error}") from error

    def reread(self, offsets: Collection[int]) -> Iterator[tuple[int, GraphObject]]:
        """The objects at these offsets."""
        for at, found in self.objects():
            if at in offsets and not isinstance(found, Unreadable | PageEnd):
                yield at, found


@dataclass
class _Stream:
    """The text as far as it is needed, and which brackets are open."""

    text: TextIO
    limits: ReadLimits
    buffer: str = ""
    at: int = 0
    line: int = 1
    ended: bool = False
    open: list[str] = field(default_factory=list)
    has_next: bool = False
    declared: dict[str, Any] = field(default_factory=dict)
    """The type of the objects of a page that says it."""
    decoder: JSONDecoder = field(default_factory=JSONDecoder)

    def objects(self) -> Iterator[GraphObject | Unreadable | PageEnd]:
        """What the text holds, up to its end or to where it cannot be read any further."""
        try:
            while self._next():
                yield from self._step()
        except _BrokenError as broken:
            yield Unreadable(f"line {self.line:,}: {broken}; nothing behind it was read")
        else:
            if self.open:
                yield Unreadable("the file ends within a list: it was cut off")

    def _next(self) -> bool:
        """Go to the next character that is not blank. False at the end."""
        while True:
            self._go(_BLANK.match(self.buffer, self.at).end())  # type: ignore[union-attr]
            if self.at < len(self.buffer):
                return True
            if not self._fill(self.limits.document_characters):
                return False

    def _go(self, end: int) -> None:
        self.line += self.buffer.count("\n", self.at, end)
        self.at = end

    def _fill(self, characters: int) -> bool:
        """Read more. False at the end."""
        if self.ended:
            return False
        try:
            more = self.text.read(characters)
        except UnicodeDecodeError as error:
            raise _BrokenError(f"not {error.encoding.upper()} text") from error
        self.buffer, self.at = self.buffer[self.at :] + more, 0
        self.ended = not more
        return not self.ended

    def _step(self) -> Iterator[GraphObject | Unreadable | PageEnd]:
        match self.buffer[self.at]:
            case "{":
                yield from self._object()
            case "[" if len(self.open) < _DEEPEST:
                self.open.append("[")
                self._go(self.at + 1)
            case "]" if self.open[-1:] == ["["]:
                self.open.pop()
                self._go(self.at + 1)
            case "}" if self.open[-1:] == ["{"]:
                self.open.pop()
                self.declared = {}
                self._go(self.at + 1)
                yield PageEnd(self.has_next)
            case '"' if self.open[-1:] == ["{"]:
                self._tail()
            case other:
                raise _BrokenError(f"not JSON of users or groups: {other!r} is not expected here")

    def _object(self) -> Iterator[GraphObject | Unreadable | PageEnd]:
        while len(self.buffer) - self.at < _HEAD_CHARACTERS and self._fill(self.limits.document_characters):
            pass
        head = _PAGE_HEAD.match(self.buffer, self.at, self.at + _HEAD_CHARACTERS)
        if head is not None:
            self.open += "{["
            self.has_next = _HAS_NEXT.search(head[0]) is not None
            context = _CONTEXT.search(head[0])
            self.declared = context_type(context["text"]) if context else {}
            self._go(head.end())
            return
        value = self._decoded()
        yield from graph_objects(self.declared | value if self.declared and not is_page(value) else value)

    def _decoded(self) -> Any:
        size = self.limits.document_characters
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer, self.at)
            except RecursionError as error:
                raise _BrokenError("too many brackets within each other") from error
            except (JSONDecodeError, ValueError) as error:
                is_long = len(self.buffer) - self.at > self.limits.longest_object
                if is_long or not self._fill(size):
                    reason = getattr(error, "msg", "a number is too long")
                    raise _BrokenError("an object has no end" if is_long else f"not JSON: {reason}") from error
                size *= 2
            else:
                self._go(end)
                return value

    def _tail(self) -> None:
        while len(self.buffer) - self.at < _HEAD_CHARACTERS and self._fill(self.limits.document_characters):
            pass
        member = _PAGE_TAIL.match(self.buffer, self.at, self.at + _HEAD_CHARACTERS)
        if member is None:
            raise _BrokenError("not a page of users or groups")
        self.has_next = self.has_next or _HAS_NEXT.match(member[0]) is not None
        self._go(member.end())
