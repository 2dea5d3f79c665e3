"""Who is in the scope of provisioning.

Source: Microsoft, "How application provisioning works", Scoping; "On-demand provisioning", step 3 (what is evaluated,
and how the result names it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from eptura_scim.local_entra.directory.principal_models import PrincipalEntry
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.provisioning.target import TargetError
from eptura_scim.mapping import EvaluationError, FilterError, compile_filter
from eptura_scim.mapping.errors import SchemaError
from eptura_scim.mapping.scoping import observe_filter
from eptura_scim.types import Json, Kind

__all__ = ["CycleScope", "ScopeDecision", "filter_of"]


@dataclass(frozen=True, slots=True)
class ScopeDecision:
    """Whether an object is provisioned, and why not."""

    is_active: bool
    """It is neither in the recycle bin nor blocked from signing in."""
    is_entitled: bool
    """All users and groups are synchronized, or it is assigned, or it is a direct member of an assigned group."""
    passes_filter: bool
    sync_all: bool

    @property
    def in_scope(self) -> bool:
        """Whether it is provisioned."""
        return self.is_active and self.is_entitled and self.passes_filter

    @property
    def stays_managed(self) -> bool:
        """Whether what becomes of it is still sent, though it is not in scope.

        "When a user or group is unassigned from an app and no longer managed …, a disable request is sent. At that
        point, the service doesn't manage the user" (known limitations). For one that a filter leaves out, inferred.
        """
        return not self.is_active or (self.is_entitled and self.passes_filter)


class CycleScope:
    """The scope of one job at one moment."""

    def __init__(
        self,
        people: People,
        service_principal: str,
        *,
        sync_all: bool,
        filters: Mapping[Kind, Callable[[Mapping[str, Any]], bool]],
    ) -> None:
        self._people = people
        self._filters = filters
        self.sync_all = sync_all
        self._assigned = {made["principalId"] for made in people.assignments(service_principal)}

    def with_filter(self, kind: Kind, scope: Json | None) -> CycleScope:
        """The same with another filter of one kind of object. Raises TargetError for one that cannot be used."""
        made = copy(self)
        made._filters = {**self._filters, kind: filter_of(scope)}
        return made

    def of(self, kind: Kind, entry: PrincipalEntry, attributes: Mapping[str, Any]) -> ScopeDecision:
        """The decision about a user or group; `attributes` are its source attributes, for the filter."""
        deleted = entry.get("deletedDateTime") is not None
        return ScopeDecision(
            is_active=not deleted and entry.get("accountEnabled") is not False,
            is_entitled=self.sync_all or (not deleted and self._is_assigned(kind, entry["id"])),
            passes_filter=self._filters[kind](attributes),
            sync_all=self.sync_all,
        )

    def gives_access(self, group: str) -> bool:
        """Whether a group is assigned, so that its members may be in scope by it."""
        return group in self._assigned

    def _is_assigned(self, kind: Kind, identifier: str) -> bool:
        if identifier in self._assigned:
            return True
        # Direct members only, of groups that are security enabled.
        return kind == "User" and any(
            group["id"] in self._assigned and group["securityEnabled"] for group in self._people.groups_of(identifier)
        )


def filter_of(scope: Json | None) -> Callable[[Mapping[str, Any]], bool]:
    """An object mapping's scoping filter as a function over an object's attributes.

    Raises TargetError for a filter that cannot be used; the function does where a value cannot be judged.
    """
    try:
        text = observe_filter(scope)
        if text is None:
            return lambda _attributes: True
        in_scope = compile_filter(text)
    except (FilterError, SchemaError) as error:
        problem = error.line if isinstance(error, FilterError) else error
        raise TargetError("SchemaInvalid", f"The scoping filter cannot be used: {problem}.") from None

    def passes(attributes: Mapping[str, Any]) -> bool:
        try:
            return in_scope(attributes)
        except EvaluationError as error:
            raise TargetError("InvalidExpression", str(error)) from None

    return passes
