"""Waiting for Graph's eventual consistency, with a bound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from eptura_scim.graph.errors import ConflictError, ForbiddenError, GraphError, NotFoundError, ReplyError

__all__ = ["Patience"]

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long to wait for a replica to catch up, in seconds; clock and sleep are replaceable."""

    seconds: float = 300
    refusal_seconds: float = 20
    first_pause: float = 1
    longest_pause: float = 15
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def until(self, read: Callable[[], Awaitable[T]], problem: Callable[[T], str]) -> T:
        """Read until `problem` has nothing to say; an object that is not found is waited for as well.

        Raises NotFoundError when it never appeared, ReplyError with the problem when that stayed.
        """
        deadline = self.clock() + self.seconds
        pause = self.first_pause
        while True:
            try:
                value = await read()
                said = problem(value)
                if not said:
                    return value
                error: GraphError = ReplyError(
                    f"{said}, {self.seconds:.0f} seconds after it was written; run again when Entra has caught up"
                )
            except NotFoundError as missing:
                error = missing
            if self.clock() + pause > deadline:
                raise error
            await self.sleep(pause)
            pause = min(pause * 2, self.longest_pause)

    async def settled(self, act: Callable[[], Awaitable[T]]) -> T:
        """Act on an object that was created a moment ago: replicas may not know it, refuse it, or be busy with it.

        `act` has to be safe to repeat. Raises what it raised last; a refusal is believed after `refusal_seconds`.
        """
        began = self.clock()
        pause = self.first_pause
        while True:
            try:
                return await act()
            except (NotFoundError, ConflictError, ForbiddenError) as error:
                patience = self.refusal_seconds if isinstance(error, ForbiddenError) else self.seconds
                if self.clock() + pause > began + patience:
                    raise
            await self.sleep(pause)
            pause = min(pause * 2, self.longest_pause)

    async def found(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read until the object is found. Raises NotFoundError when the time is up."""
        return await self.until(read, lambda _: "")
