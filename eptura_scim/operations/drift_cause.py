"""Why a setting differs: Entra was edited, or the program declares something new.

A preview compares Entra with the program. The state of the last `up` tells which of the two has moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from eptura_scim.engine import ResourceChange
from eptura_scim.engine.user_stack import StackResource
from eptura_scim.plugin_sdk.values import SIGNATURE

__all__ = ["Cause", "LastRun", "value_at"]

Cause = Literal["editedInEntra", "newlyDeclared", "both", "restartOwed", "unknown"]
"""`editedInEntra`: the program declares what the state holds. `newlyDeclared`: Entra is as the state says; also after a
run that read Entra into the state and then failed. `restartOwed`: the value is as declared, and `up` writes it again: a
change of scope or connection takes effect by a restart. `unknown`: the state does not show the value."""


@dataclass(frozen=True)
class LastRun:
    """What the last `up` left in the state."""

    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The declared inputs by URN."""
    by: frozenset[str] = frozenset()
    """Client ids of the identities that ran it."""
    is_known: bool = False

    @classmethod
    def of(cls, resources: Iterable[StackResource]) -> Self:
        """Read from the resources of a state."""
        found = list(resources)
        ran_by = (resource.outputs.get("ranBy") for resource in found)
        return cls(
            {resource.urn: resource.inputs for resource in found},
            frozenset(one for one in ran_by if isinstance(one, str)),
            is_known=True,
        )

    def cause(self, change: ResourceChange, path: Sequence[str] = ()) -> Cause:
        """Why a setting of a resource differs, or the resource as a whole."""
        if not self.is_known:
            return "unknown"
        before = self.inputs.get(change.urn)
        if not path or before is None:
            gone_from_entra = before is not None and change.operation.startswith("create")
            return "editedInEntra" if gone_from_entra else "newlyDeclared"
        state, live, wanted = (value_at(values, path) for values in (before, change.live, change.wanted))
        if any(isinstance(value, Mapping) and SIGNATURE in value for value in (state, live, wanted)):
            return "unknown"
        if live == wanted:
            return "restartOwed"
        if state == wanted:
            return "editedInEntra"
        return "newlyDeclared" if state == live else "both"


def value_at(values: Mapping[str, Any], path: Iterable[str]) -> object:
    """The value at a path; None where the path does not exist."""
    found: object = values
    for segment in path:
        if isinstance(found, Mapping):
            found = found.get(segment)
        elif isinstance(found, list) and segment.isdecimal() and int(segment) < len(found):
            found = found[int(segment)]
        else:
            return None
    return found
