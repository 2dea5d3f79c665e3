"""Waiting for Graph's eventual consistency, with a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from eptura_scim.graph.errors import ConflictError, ForbiddenError, GraphError, NotFoundError, ReplyError

__all__ = ["Consistency"]

T = TypeVar("T")


class _StaleError(ReplyError):
    """A replica answers, but not yet with what was written."""


def _time() -> float:
    return asyncio.get_running_loop().time()  # what `asyncio.sleep` goes by


@dataclass(frozen=True)
class Consistency:
    """How long to wait for a replica to catch up, in seconds; clock and sleep are replaceable."""

    seconds: float = 300
    """For an object that was created or written a moment ago."""
    refusal_seconds: float = 60
    """Until a refusal (403) of a new object counts: its ownership may not have reached all replicas."""
    gone_seconds: float = 20
    """Until a 403 or 404 counts for an object that has existed for long."""
    cycle_seconds: float = 600
    """For a provisioning cycle to finish."""
    first_pause: float = 1
    longest_pause: float = 15
    clock: Callable[[], float] = _time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def wait_until(self, read: Callable[[], Awaitable[T]], problem: Callable[[T], str]) -> T:
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

    async def retry_new_object(self, act: Callable[[], Awaitable[T]]) -> T:
        """Act on an object that was created a moment ago: replicas may not know it, refuse it, or be busy with it.

        `act` has to be safe to repeat. Raises what it raised last; a refusal counts after `refusal_seconds`.
        """
        return await self._repeated(
            act,
            {NotFoundError: self.seconds, ConflictError: self.seconds, ForbiddenError: self.refusal_seconds},
        )

    async def retry_existing_object(self, act: Callable[[], Awaitable[T]]) -> T:
        """Act on an object that has existed for long: a replica may be behind, or another request changes the object.

        `act` has to be safe to repeat. Raises what it raised last.
        """
        return await self._repeated(
            act,
            {
                NotFoundError: self.gone_seconds,
                ConflictError: self.refusal_seconds,
                ForbiddenError: self.gone_seconds,
            },
        )

    async def read_until_found(self, read: Callable[[], Awaitable[T | None]]) -> T | None:
        """Read until there is something; None where nothing appears within `gone_seconds`."""
        return await self._polled(read, lambda found: found is not None, self.gone_seconds)

    async def confirmed(self, read: Callable[[], Awaitable[T]], expected: Callable[[T], bool]) -> T:
        """What `read` gives where it is as `expected`, else what a second read gives.

        A replica that is behind may answer a single read: the caller would miss a change, or see a false one.
        """
        found = await read()
        if expected(found):
            return found
        await self.sleep(self.first_pause)
        return await read()

    async def cycle_finished(self, read: Callable[[], Awaitable[T]], finished: Callable[[T], bool]) -> bool:
        """Read until a provisioning cycle has finished; False where it still runs after `cycle_seconds`."""
        return finished(await self._polled(read, finished, self.cycle_seconds))

    async def read_or_gone(self, act: Callable[[], Awaitable[T]]) -> T | None:
        """The result of `act`, or None where the object is gone.

        A 404 counts when a second read confirms it: a single one may come from a replica that is behind, and the
        state would lose an object that still exists. `act` has to be safe to repeat.
        """
        try:
            return await act()
        except NotFoundError:
            await self.sleep(self.first_pause)
        try:
            return await act()
        except NotFoundError:
            return None

    async def _polled(self, read: Callable[[], Awaitable[T]], enough: Callable[[T], bool], seconds: float) -> T:
        """What is read when it is enough, or when the time is up."""
        began, pause = self.clock(), self.first_pause
        while not enough(found := await read()) and self.clock() + pause <= began + seconds:
            await self.sleep(pause)
            pause = min(pause * 2, self.longest_pause)
        return found

    async def _repeated(self, act: Callable[[], Awaitable[T]], bounds: Mapping[type[GraphError], float]) -> T:
        """Act until it succeeds, with growing pauses; `bounds` gives the seconds for which each failure is retried."""
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
