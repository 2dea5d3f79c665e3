"""What a check found."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["CheckStatus", "Finding"]

CheckStatus = Literal["green", "yellow", "red"]
"""As it should be; worth knowing, or not checked; in the way of a run."""


class Finding(NamedTuple):
    """The result of one check, in one line."""

    check: str
    status: CheckStatus
    said: str
    todo: str = ""
    """What to do about it."""
