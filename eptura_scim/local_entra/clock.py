"""The time, how Graph writes it, and a clock that can be put forward so that a day of cycles takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["NEVER", "AdvancingClock", "Clock", "timestamp", "utc_now"]

Clock = Callable[[], datetime]

NEVER = "0001-01-01T00:00:00Z"
"""How Graph writes a time that was never reached (published output of jobs)."""


def utc_now() -> datetime:
    """The clock, unless another is given."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """A time as Graph writes it: UTC with seven digits after the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


class AdvancingClock:
    """Another clock's time, and what it was put forward by. That is not kept beyond the process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """The time."""
        return self._clock() + self._ahead

    def reach(self, moment: datetime) -> None:
        """Put it forward to a moment; one that has passed leaves it alone."""
        self._ahead += max(moment - self(), timedelta())
