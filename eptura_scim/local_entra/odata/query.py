"""The query options of a request: what of a list, or of an object, is shown.

Source: Microsoft Graph, "Use query parameters to customize responses", "Paging Microsoft Graph data in your app".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.filter import Filter, parse_filter
from eptura_scim.local_entra.odata.shapes import Shape

__all__ = ["OPTIONS", "Page", "Query", "refuse_options", "with_dollar"]

OPTIONS = ("$filter", "$select", "$expand", "$orderby", "$search", "$count", "$top", "$skip")
"""The query options that every endpoint carries out or refuses by name."""

_OTHER_OPTIONS = ("$format", "$apply", "$compute", "$deltatoken")
_SKIP_TOKEN = "$skiptoken"  # noqa: S105 - the name of an option; part of the next link of `$top`
_PAGE = 100  # Graph's default page of directory objects
_LARGEST_PAGE = 999
_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Page:
    """A part of a list."""

    values: list[dict[str, Any]]
    total: int
    """How many objects the filter leaves, on all pages."""
    following: int | None
    """Where the next page begins; None on the last one."""


def with_dollar(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Query parameters of the beta version, where the `$` of an option is optional."""
    known = {option[1:] for option in (*OPTIONS, _SKIP_TOKEN)}
    return [(f"${name}" if name.lower() in known else name, value) for name, value in pairs]


def refuse_options(parameters: Mapping[str, str], carried_out: frozenset[str]) -> None:
    """Raise ODataError for a query option that an endpoint does not carry out: 501 with its name, 400 if unknown."""
    for name in parameters:
        if not name.startswith("$") or name.lower() in carried_out:
            continue
        if name.lower() == _SKIP_TOKEN and "$top" in carried_out:
            continue
        if name.lower() not in (*OPTIONS, *_OTHER_OPTIONS, _SKIP_TOKEN):
            raise ODataError.bad_request(f"The query parameter '{name}' is not supported.")
        raise ODataError.not_modelled(f"the query option {name} here")


class Query:
    """The options of one request for objects of a type. Raises ODataError for options that make no sense."""

    def __init__(self, parameters: Mapping[str, str], shape: Shape, *, eventual: bool, is_count: bool = False) -> None:
        """`eventual` is the header `ConsistencyLevel`; `is_count` says that the path is `…/$count`."""
        self._shape = shape
        options = {name.lower(): value for name, value in parameters.items() if name.startswith("$")}
        self.counts = _flag(options.get("$count", "false")) and (eventual or not shape.is_directory_object)
        """Whether the number of all objects is asked for, and may be told."""
        self._filter: Filter | None = None
        if "$filter" in options:
            self._filter = parse_filter(options["$filter"], shape, advanced=self.counts or is_count)
        self._selected = _selection(options["$select"], shape) if "$select" in options else ()
        self._order = _order(options["$orderby"], shape) if "$orderby" in options else []
        self._size, self._start = _page(options)

    @property
    def filters_by(self) -> frozenset[str]:
        """The properties that `$filter` names."""
        return frozenset() if self._filter is None else self._filter.properties

    def matching(self, items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The objects that `$filter` leaves, in the order of `$orderby`."""
        found = [item for item in items if self._filter is None or self._filter.matches(item)]
        for name, descending in reversed(self._order):
            found.sort(key=lambda item: str(item.get(name) or "").casefold(), reverse=descending)
        return found

    def page(self, items: Sequence[Mapping[str, Any]]) -> Page:
        """The page of a list that the request asks for."""
        found = self.matching(items)
        end = self._start + self._size
        values = [self.shown(item) for item in found[self._start : end]]
        return Page(values, len(found), end if end < len(found) else None)

    def shown(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The properties that `$select` names, or those that are shown without it; null for an absent value."""
        by_type = self._shape.default_of_type
        names = self._selected or by_type.get(str(item.get("@odata.type"))) or self._shape.default
        if not names:
            return dict(item)
        annotations = {name: value for name, value in item.items() if name.startswith("@odata.")}
        # Of several types in one list, each has its own properties alone.
        there = [name for name in names if not by_type or name in item]
        return {**annotations, **{name: item.get(name, self._shape.empty(name)) for name in there}}


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ODataError.bad_request("Invalid value for $count: true or false is expected.")
    return text.lower() == "true"


def _selection(text: str, shape: Shape) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if "*" in names:
        raise ODataError.not_modelled("$select=*")
    for name in names:
        if not shape.has(name):
            raise ODataError.bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
                f"'microsoft.graph.{shape.name}'."
            )
    return names


def _order(text: str, shape: Shape) -> list[tuple[str, bool]]:
    found = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(" ")
        if not shape.has(name):
            raise ODataError.bad_request(
                f"Could not find a property named '{name}' on type 'microsoft.graph.{shape.name}'."
            )
        if name not in shape.ordered_by or direction.strip().lower() not in {"", "asc", "desc"}:
            raise ODataError.bad_request(f"Unsupported sort property '{part.strip()}'.", "Request_UnsupportedQuery")
        found.append((name, direction.strip().lower() == "desc"))
    return found


def _page(options: Mapping[str, str]) -> tuple[int, int]:
    top, skip = options.get("$top", ""), options.get(_SKIP_TOKEN, "")
    if not all(_COUNT.fullmatch(number) for number in (top, skip) if number):
        raise ODataError.bad_request("Invalid page size or skip token.")
    size = int(top or _PAGE)
    if not 1 <= size <= _LARGEST_PAGE:
        raise ODataError.bad_request(
            f"Invalid page size specified: '{size}'. Must be between 1 and {_LARGEST_PAGE} inclusive.",
            "Request_UnsupportedQuery",
        )
    return size, int(skip or 0)
