"""The event loop of a Pulumi program that runs on the SDK's mocks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def program_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The current event loop inside the block. At the end its tasks are cancelled, and all loops are closed.

    The SDK gives each thread of the loop's executor another loop and never closes it, so the executor has one thread,
    whose loop is known here.
    """
    loop, loop_of_worker = asyncio.new_event_loop(), asyncio.new_event_loop()
    worker = ThreadPoolExecutor(1, initializer=lambda: asyncio.set_event_loop(loop_of_worker))
    loop.set_default_executor(worker)
    loop.set_exception_handler(lambda _loop, _context: None)  # a task that failed is told by the run itself
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        worker.shutdown()
        asyncio.set_event_loop(None)
        loop.close()
        loop_of_worker.close()
