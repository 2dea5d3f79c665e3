"""A partition of a directory that one process checks: where its objects come from, and how to read them again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple, Protocol

from eptura_scim.errors import ReadableError
from eptura_scim.mapping.flow import GraphObject
from eptura_scim.types import Kind

__all__ = [
    "LOST",
    "FoundObject",
    "NotAnExportError",
    "PageEnd",
    "Partition",
    "SourceError",
    "Unreadable",
    "kind_of",
    "location",
    "offset",
]

_LINE_BITS = 40
_TYPES: dict[object, Kind] = {"#microsoft.graph.user": "User", "#microsoft.graph.group": "Group"}
# Microsoft Graph, resource types user and group: groups have none of these.
_USER_ONLY = frozenset(
    {"accountEnabled", "businessPhones", "employeeId", "givenName", "jobTitle", "mobilePhone", "surname", "userType"}
)

LOST = "@eptura-scim.lost"
"""Key of an object's properties whose values the export lost: {property: the type name that stands in its place}."""


class SourceError(ReadableError):
    """A directory cannot be read; the text names the file and says what is expected."""


class NotAnExportError(SourceError):
    """A file is not an export of users or groups that can be understood."""


class Unreadable(NamedTuple):
    """A line or row that holds no object."""

    reason: str


class PageEnd(NamedTuple):
    """The end of a page of a Graph list."""

    has_next: bool
    """Whether the page names a next page."""


FoundObject = tuple[int, GraphObject | Unreadable | PageEnd]
"""What stands at an offset."""


class Partition(Protocol):
    """A partition travels to other processes, so it holds no open file."""

    @property
    def number(self) -> int:
        """Its number among all partitions."""

    @property
    def size(self) -> int:
        """Its size, for a progress bar; in which unit is the source's choice."""

    @property
    def kind(self) -> Kind | None:
        """What its objects are, where that is the same for all and they do not say it."""

    def objects(self) -> Iterator[FoundObject]:
        """All of them, in the order of the source. Raises SourceError."""

    def reread(self, offsets: Collection[int]) -> Iterator[tuple[int, GraphObject]]:
        """The objects at these offsets."""


def offset(file: int, line: int) -> int:
    """Where something stands, as a number that grows from object to object."""
    return file << _LINE_BITS | line


def location(at: int) -> tuple[int, int]:
    """Number of the file, and of the line, row or object; 0 is the file itself."""
    return at >> _LINE_BITS, at & ((1 << _LINE_BITS) - 1)


def kind_of(found: GraphObject) -> Kind:
    """Whether an object of Graph is a user or a group."""
    if (declared := _TYPES.get(found.get("@odata.type"))) is not None:
        return declared
    return "User" if "userPrincipalName" in found or not _USER_ONLY.isdisjoint(found) else "Group"
