"""Waiting for Graph's eventual consistency, with a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from eptura_scim.graph.errors import ConflictError, ForbiddenError, GraphError, NotFoundError, ReplyError

__all__ = ["Patience"]

T = TypeVar("T")


class _StaleError(ReplyError):
    """A replica answers, but not yet with what was written."""


def _time() -> float:
    return asyncio.get_running_loop().time()  # what `asyncio.sleep` goes by


@dataclass(frozen=True)
class Patience:
    """How long to wait for a replica to catch up, in seconds; clock and sleep are replaceable."""

    seconds: float = 300
    refusal_seconds: float = 20
    first_pause: float = 1
    longest_pause: float = 15
    clock: Callable[[], float] = _time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def until(self, read: Callable[[], Awaitable[T]], problem: Callable[[T], str]) -> T:
        """Read until `problem` has nothing to say; an object that is not found is waited for as well.

        Raises NotFoundError when it never appeared, ReplyError with the problem when that stayed.
        """

        async def attempt() -> T:
            value = await read()
            if said := problem(value):
                raise _StaleError(
                    f"{said}, {self.seconds:.0f} seconds after it was written; run again when Entra has caught up"
                )
            return value

        return await self._repeated(attempt, {NotFoundError: self.seconds, _StaleError: self.seconds})

    async def settled(self, act: Callable[[], Awaitable[T]]) -> T:
        """Act on an object that was created a moment ago: replicas may not know it, refuse it, or be busy with it.

        `act` has to be safe to repeat. Raises what it raised last; a refusal is believed after `refusal_seconds`.
        """
        return await self._repeated(
            act,
            {NotFoundError: self.seconds, ConflictError: self.seconds, ForbiddenError: self.refusal_seconds},
        )

    async def unless_gone(self, act: Callable[[], Awaitable[T]]) -> T | None:
        """What acting on an object gives, None where the object is gone.

        That is believed when it is said twice: once, it may come from a replica that is behind, and what is taken for
        gone is lost from the state. `act` has to be safe to repeat.
        """
        try:
            return await act()
        except NotFoundError:
            await self.sleep(self.first_pause)
        try:
            return await act()
        except NotFoundError:
            return None

    async def _repeated(self, act: Callable[[], Awaitable[T]], bounds: Mapping[type[GraphError], float]) -> T:
        """Act until it succeeds, with growing pauses; each kind of failure is borne for its own time."""
        began = self.clock()
        pause = self.first_pause
        while True:
            try:
                return await act()
            except tuple(bounds) as error:
                bound = next(seconds for kind, seconds in bounds.items() if isinstance(error, kind))
                if self.clock() + pause > began + bound:
                    raise
            await self.sleep(pause)
            pause = min(pause * 2, self.longest_pause)
