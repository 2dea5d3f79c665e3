"""What was measured: a figure is a value for each run, and what is promised about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

__all__ = ["Bound", "Figure", "Unit", "at_most", "exactly", "ratios", "take_turns"]

Unit = Literal["s", "/s", "times", "calls", "MiB"]


@dataclass(frozen=True)
class Bound:
    """What is promised."""

    word: Literal["at most", "exactly"]
    value: float

    def admits(self, value: float) -> bool:
        """Whether a value keeps the promise."""
        return value <= self.value if self.word == "at most" else value == self.value

    def __str__(self) -> str:
        return f"{self.word} {self.value:g}"


def at_most(value: float) -> Bound:
    """A promise of no more than this."""
    return Bound("at most", value)


def exactly(value: float) -> Bound:
    """A promise of just this."""
    return Bound("exactly", value)


@dataclass(frozen=True)
class Figure:
    """One measured quantity."""

    name: str
    unit: Unit
    values: tuple[float, ...]
    """One for each run."""
    bound: Bound | None = None

    @property
    def median(self) -> float:
        """The value that is reported."""
        return median(self.values)

    @property
    def holds(self) -> bool | None:
        """Whether the promise is kept; None where nothing is promised.

        Durations are judged by their median, since other work on the machine disturbs single runs. Calls are counted
        exactly, so each run has to keep to the bound.
        """
        if self.bound is None:
            return None
        judged = self.values if self.unit == "calls" else (self.median,)
        return all(self.bound.admits(value) for value in judged)

    def as_json(self) -> dict[str, Any]:
        """The figure for a file."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "low": min(self.values),
            "high": max(self.values),
            "values": list(self.values),
            "promised": str(self.bound) if self.bound else None,
            "holds": self.holds,
        }


def ratios(measured: Sequence[float], compared: Sequence[float]) -> tuple[float, ...]:
    """Each run over the run of the other side that was made next to it."""
    return tuple(one / other for one, other in zip(measured, compared, strict=True))


def take_turns(runs: int, *measures: Callable[[], float]) -> tuple[tuple[float, ...], ...]:
    """Run the measures one after the other, `runs` times after a first round that warms caches and is not counted.

    Every other round goes backwards, so that none always profits from coming after another.
    """
    taken: list[list[float]] = [[] for _ in measures]
    for number in range(runs + 1):
        order = range(len(measures)) if number % 2 else reversed(range(len(measures)))
        for index in order:
            seconds = measures[index]()
            if number:
                taken[index].append(seconds)
    return tuple(tuple(values) for values in taken)
