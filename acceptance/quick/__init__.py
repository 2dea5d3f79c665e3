"""Provider plugins for which time runs faster: their pauses, retries and time-outs are what they are, only sooner over.

A request that hangs costs a real plugin 100 s; here it costs 10 s, because the event loop's clock runs faster.
"""

from __future__ import annotations

import asyncio
import selectors

__all__ = ["SPEED", "speed_up_time"]

SPEED = 10
"""How many of the plugin's seconds pass in one."""


class _Selector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / SPEED)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__(_Selector())

    def time(self) -> float:
        return super().time() * SPEED


class _Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return _Loop()


def speed_up_time() -> None:
    """Speed up every event loop that this process makes from here on."""
    asyncio.set_event_loop_policy(_Policy())
