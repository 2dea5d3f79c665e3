"""A clock for tests that say what time it is."""

from datetime import UTC, datetime

__all__ = ["NOW", "FixedClock"]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class FixedClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
