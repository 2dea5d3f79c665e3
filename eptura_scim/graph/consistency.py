"""Waiting for Graph's eventual consistency, with a bound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from eptura_scim.graph.errors import NotFoundError, ReplyError

__all__ = ["Patience"]

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long to wait for a replica to catch up, in seconds; clock and sleep are replaceable."""

    seconds: float = 300
    first_pause: float = 1
    longest_pause: float = 15
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def until(self, read: Callable[[], Awaitable[T]], done: Callable[[T], bool], what: str) -> T:
        """Read until `done`; an object that is not found is waited for as well.

        Raises NotFoundError when it never appeared, ReplyError when it appeared but never as expected (`what`).
        """
        deadline = self.clock() + self.seconds
        pause = self.first_pause
        while True:
            missing: NotFoundError | None = None
            try:
                value = await read()
                if done(value):
                    return value
            except NotFoundError as error:
                missing = error
            if self.clock() + pause > deadline:
                raise missing or ReplyError(
                    f"{what} after {self.seconds:.0f} seconds; run again when Entra has caught up"
                )
            await self.sleep(pause)
            pause = min(pause * 2, self.longest_pause)

    async def found(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read until the object is found. Raises NotFoundError when the time is up."""
        return await self.until(read, lambda _: True, "not found")
