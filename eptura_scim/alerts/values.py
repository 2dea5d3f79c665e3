"""What Azure accepts for single arguments of the alerts: numbers and ids."""

from __future__ import annotations

from typing import Any, TypeVar

import pulumi

from eptura_scim.graph.ids import is_object_id

__all__ = ["checked", "problem_of"]

T = TypeVar("T")

_WINDOWS = (6, 24, 48)
"""Hours. Azure Monitor evaluates fixed windows only, two days at most."""
_RANGES = {"retention_days": (30, 730), "failure_minimum": (1, 1_000_000), "failure_percent": (1, 100)}
_IDS = ("service_principal_object_id", "client_id")


def problem_of(name: str, value: Any) -> str | None:
    """What is wrong with the value of an argument, in words; None where it is right, or no rule is known."""
    if name in _IDS:
        fits = isinstance(value, str) and ((name == "client_id" and not value) or is_object_id(value))
        return None if fits else f"must be an object id; it is {value!r}"
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name == "silence_hours":
        return None if whole and value in _WINDOWS else f"must be 6, 24 or 48; it is {value!r}"
    if name not in _RANGES:
        return None
    least, most = _RANGES[name]
    return (
        None if whole and least <= value <= most else f"must be a whole number from {least} to {most}; it is {value!r}"
    )


def checked(name: str, value: pulumi.Input[T]) -> pulumi.Output[T]:
    """A value that is checked as soon as it is known. Raises RunError."""

    def check(known: Any) -> Any:
        # Numbers of other resources arrive as floating-point numbers.
        known = int(known) if isinstance(known, float) and known.is_integer() else known
        if problem := problem_of(name, known):
            raise pulumi.RunError(f"EpturaScimAlerts: {name} {problem}")
        return known

    return pulumi.Output.from_input(value).apply(check)
