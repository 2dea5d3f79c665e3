"""A clock that can be put forward, so that a day of cycles takes seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from eptura_scim.local_entra.storage.app_records import Clock

__all__ = ["AdvancingClock"]


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
