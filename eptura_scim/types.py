"""Types of values that every layer passes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

__all__ = ["KINDS", "Json", "Kind", "Say"]

Json = dict[str, Any]
"""An object of a JSON document."""

Kind = Literal["User", "Group"]
"""What is provisioned, by Microsoft Graph's names of the types."""

KINDS: tuple[Kind, ...] = ("User", "Group")
"""Both kinds, users first."""

Say = Callable[[str], None]
"""Takes a line that a person reads while something is being done."""
