"""The paths of Microsoft Graph below its version, with every id and value quoted.

Source: OData 4.01, URL Conventions.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from eptura_scim.types import Kind

__all__ = ["PAGE", "entity", "equals", "principal", "principals", "with_query"]

PAGE = "999"
"""The largest `$top` of a collection of directory objects."""


def entity(collection: str, identifier: str, *below: str) -> str:
    """`/applications/{id}`, and what stands below it."""
    return "/".join(("", collection, quote(identifier, safe=""), *(quote(part, safe="") for part in below)))


def principal(kind: Kind, object_id: str, *below: str) -> str:
    """A user or a group, and what stands below it."""
    return entity(f"{kind.lower()}s", object_id, *below)


def principals(kind: Kind) -> str:
    """All users or all groups."""
    return f"/{kind.lower()}s"


def with_query(path: str, query: Mapping[str, str]) -> str:
    """The path with OData options, such as `$select`."""
    return f"{path}?{urlencode(query, safe='$,', quote_via=quote)}"


def equals(attribute: str, value: str) -> str:
    """The `$filter` for one value of a text attribute; a quote within a text is doubled (5.1.1.14.1)."""
    doubled = value.replace("'", "''")
    return f"{attribute} eq '{doubled}'"
