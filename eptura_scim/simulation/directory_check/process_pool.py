"""Tasks in several processes. None outlives this one, and Ctrl-C is for this one alone to answer."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

__all__ = ["Processes", "cores"]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def cores() -> int:
    """How many processes can run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes:
    """Carries tasks out in `number` processes; results come as they are ready. Use it with `with`."""

    def __init__(self, number: int) -> None:
        self._number = number
        # A spawned process holds nothing of this one's memory.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(number, mp_context=context, initializer=_prepare)

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __call__(self, function: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Iterator[_Result]:
        """The results of the function for each task; raises what the function raises."""
        left = iter(tasks)
        waiting: set[Future[_Result]] = set()
        while True:
            # Few at a time: what is done is taken before more is begun, so that results do not pile up.
            while len(waiting) < 2 * self._number and (task := next(left, None)) is not None:
                waiting.add(self._pool.submit(function, task))
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
