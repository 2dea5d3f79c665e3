"""`status --watch`: what is shown when, what is waited for, and what ends it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console
from rich.live import Live

from eptura_scim.cli.status_text import line
from eptura_scim.cli.status_watch import Lines, Screen, View, watch
from eptura_scim.graph.errors import ForbiddenError, GraphError, NotFoundError, RequestRefusedError, UnreachableError
from eptura_scim.jobs.status import StatusReport, status_report
from tests.unit.job_samples import NEVER_RAN, NOW, REF, job

FIRST = status_report(REF, job("NotRun", **NEVER_RAN), NOW)
THEN = status_report(REF, job(), NOW)
BUSY = RequestRefusedError("429 busy", status=429)
AWAY = UnreachableError("graph did not answer")


class EndError(Exception):
    """The script of a test is over."""


async def play(view: View, *script: StatusReport | GraphError) -> list[float]:
    """Watch what the script holds; returns how long was slept each time."""
    looks, slept = iter(script), list[float]()

    async def read() -> StatusReport:
        found = next(looks, None)
        if found is None:
            raise EndError
        if isinstance(found, GraphError):
            raise found
        return found

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with pytest.raises(EndError):
        await watch(read, view, 30, sleep)
    return slept


def lines(text: Callable[[StatusReport], str] = line) -> tuple[Lines, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Lines(Console(file=out), Console(file=err), text), out, err


async def test_in_a_pipe_each_change_is_a_line() -> None:
    view, out, err = lines()
    assert await play(view, FIRST, FIRST, THEN, THEN, FIRST) == [30] * 5
    assert out.getvalue().splitlines() == [line(FIRST), line(THEN), line(FIRST)]
    assert err.getvalue() == ""


async def test_json_lines_are_whole() -> None:
    view, out, _ = lines(lambda report: report.model_dump_json())
    await play(view, FIRST, THEN)
    assert [StatusReport.model_validate_json(text) for text in out.getvalue().splitlines()] == [FIRST, THEN]


async def test_a_busy_or_unreachable_graph_is_said_once_and_waited_for() -> None:
    view, out, err = lines()
    await play(view, FIRST, AWAY, AWAY, BUSY, FIRST, AWAY)
    assert out.getvalue().splitlines() == [line(FIRST)]
    assert err.getvalue().splitlines() == [
        "not up to date: graph did not answer",
        "not up to date: 429 busy",
        "not up to date: graph did not answer",
    ]


@pytest.mark.parametrize(
    "error", [NotFoundError("gone"), ForbiddenError("no"), RequestRefusedError("bad", status=400)], ids=repr
)
async def test_an_error_that_waiting_does_not_mend_ends_the_watch(error: GraphError) -> None:
    async def read() -> StatusReport:
        raise error

    view, _, _ = lines()
    with pytest.raises(type(error)):
        await watch(read, view, 30)


async def test_a_terminal_shows_an_old_report_as_old() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    with Live(console=console, auto_refresh=False) as live:
        await play(Screen(live), AWAY, FIRST, THEN, AWAY)
        with console.capture() as drawn:
            console.print(live.get_renderable())
    assert "Provisioning is on and healthy." in drawn.get()
    assert "Not up to date: graph did not answer" in drawn.get()
