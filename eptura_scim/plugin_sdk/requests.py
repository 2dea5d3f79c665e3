"""The requests that a plugin works on: an engine that is told to stop ends them all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from eptura_scim.plugin_sdk.errors import InterruptedRequestError

__all__ = ["Requests"]

T = TypeVar("T")


class Requests:
    """Runs requests until `interrupt`, which ends those that run and refuses later ones."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._interrupted = False

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a request. Raises InterruptedRequestError, and what the request raises."""
        if self._interrupted:
            work.close()
            raise InterruptedRequestError
        task = asyncio.ensure_future(work)
        self._running.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if self._interrupted:
                raise InterruptedRequestError from None
            raise  # the engine has hung up
        finally:
            self._running.discard(task)

    def interrupt(self) -> None:
        """End the requests that run, at the point where each of them waits."""
        self._interrupted = True
        for task in self._running:
            task.cancel()
