"""Following a job: a screen that is redrawn, or one line for each change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from eptura_scim.cli.status_text import block, line
from eptura_scim.graph.errors import GraphError, RequestRefusedError, UnreachableError
from eptura_scim.jobs.status import StatusReport

__all__ = ["Lines", "Screen", "View", "watch"]

Read = Callable[[], Awaitable[StatusReport]]
Sleep = Callable[[float], Awaitable[object]]


class View(Protocol):
    """Where reports go."""

    def show(self, report: StatusReport) -> None:
        """Show what was read."""

    def trouble(self, error: GraphError) -> None:
        """Show why the job could not be read; it is read again."""


class Screen:
    """A terminal: the last report, redrawn in its place."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._last: StatusReport | None = None

    def show(self, report: StatusReport) -> None:
        """Draw the report."""
        self._last = report
        self._live.update(block(report), refresh=True)

    def trouble(self, error: GraphError) -> None:
        """Draw the last report with what went wrong since."""
        note = Text(f"Not up to date: {error}", "yellow")
        self._live.update(Group(block(self._last), note) if self._last else note, refresh=True)


class Lines:
    """A file or a pipe: a line when something has changed."""

    def __init__(self, out: Console, err: Console, text: Callable[[StatusReport], str] = line) -> None:
        self._out = out
        self._err = err
        self._text = text
        self._last: StatusReport | None = None
        self._trouble = ""

    def show(self, report: StatusReport) -> None:
        """Write the report, unless it says the same as the last one."""
        self._trouble = ""
        if not report.same_as(self._last):
            self._out.out(self._text(report), highlight=False)
        self._last = report

    def trouble(self, error: GraphError) -> None:
        """Write what went wrong, once."""
        if str(error) != self._trouble:
            self._err.out(f"not up to date: {error}", highlight=False)
        self._trouble = str(error)


async def watch(read: Read, view: View, every: float, sleep: Sleep = asyncio.sleep) -> None:
    """Read the job every `every` seconds until cancelled, also while Graph is busy or out of reach.

    Raises GraphError for what waiting does not help: login, permission, no such job.
    """
    while True:
        try:
            view.show(await read())
        except (UnreachableError, RequestRefusedError) as error:
            if isinstance(error, RequestRefusedError) and error.status < 500 and error.status != 429:
                raise
            view.trouble(error)
        await sleep(every)
