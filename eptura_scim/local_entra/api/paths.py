"""The forms that a path of Graph may have, and the one that the routes are written in.

Source: OData 4.01, "URL Conventions" (keys in brackets, functions with `()`, qualified names); Microsoft Graph:
names in paths count in either case, `(appId='…')` is an alternate key of applications and service principals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from eptura_scim.graph.ids import UUID

__all__ = ["VERSIONS", "Paths"]

VERSIONS = ("v1.0", "beta")
"""Versions of Graph; both have the same paths here."""

_ALTERNATE_KEY = re.compile(r"^(applications|servicePrincipals)\(appId='(.*)'\)$", re.IGNORECASE)
_KEY = re.compile(r"^(\w+)\('?([^']*)'?\)$")
_IDENTIFIER = re.compile(rf"(?:[a-z]+\.[0-9a-f]{{32}}\.)?{UUID}", re.IGNORECASE)
_QUALIFIED = re.compile(r"(?:microsoft\.)?graph\.(\w+)$", re.IGNORECASE)
_TYPES = {name.lower(): name for name in ("application", "group", "servicePrincipal", "user")}


class Paths:
    """Brings paths into the form of the routes."""

    def __init__(self, routes: Iterable[str], object_id: Callable[[str, str], str | None]) -> None:
        """`routes` are the paths of all routes; `object_id` finds an object by kind and client id."""
        self._names = {
            segment.lower(): segment
            for route in routes
            for segment in route.split("/")
            if segment and not segment.startswith("{")
        }
        self._object_id = object_id

    def canonical(self, path: str) -> str:
        """A path in the form of the routes, its version included; what is not Graph's stays as it is."""
        segments = path.strip("/").split("/")
        if segments[0].lower() not in VERSIONS:
            return path
        found = [segments[0].lower()]
        if found == ["beta"] and segments[1:] and segments[1].lower() == "administrativeunits":
            found.append("directory")  # beta has them at both places
        for segment in segments[1:]:
            found += self._segment(segment)
        return "/" + "/".join(found)

    def _segment(self, segment: str) -> list[str]:
        if (match := _ALTERNATE_KEY.match(segment)) is not None:
            kind = self._names[match[1].lower()]
            return [kind, self._object_id(kind, match[2]) or match[2] or "''"]
        if segment.endswith("()"):
            segment = segment.removesuffix("()")
        elif (match := _KEY.match(segment)) is not None and match[1].lower() in self._names and match[2]:
            return [self._names[match[1].lower()], *self._segment(match[2])]
        if (match := _QUALIFIED.match(segment)) is not None:
            name = match[1]
            return [self._names.get(name.lower()) or f"graph.{_TYPES.get(name.lower(), name)}"]
        if _IDENTIFIER.fullmatch(segment):
            return [segment.lower()]
        return [self._names.get(segment.lower(), segment)]
