"""Numbers and lengths of time in words, for every message and page."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["counted", "duration"]


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 user`, `2 users`, `1,234 users`; `plural` where it is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def duration(length: timedelta) -> str:
    """A length of time in its largest unit, rounded down, without its sign: `3 hours`."""
    seconds = int(abs(length).total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return counted(seconds // size, unit)
    return counted(seconds, "second")
