"""What a command is waiting for, while it waits: on standard error of a terminal, and in no pipe and no file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

__all__ = ["working"]


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """Show a moving line as long as the block runs; the function that it gives changes the line's text."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(_line(what)) as status:
        yield lambda text: status.update(_line(text))


def _line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")
