"""Tests of rules: no network, no process, no server. Those are in tests/integration."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

_REFUSED = {"socket.connect", "socket.bind", "subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system"}


class _Guard:
    """Refuses what a test of this folder may not do while one runs."""

    def __init__(self) -> None:
        self.running = False
        self.refused: list[str] = []

    def __call__(self, event: str, _arguments: tuple[object, ...]) -> None:
        if self.running and event in _REFUSED:
            self.refused.append(event)
            raise AssertionError(f"{event} in tests/unit: a test that needs it belongs in tests/integration")


_GUARD = _Guard()
# An audit hook sees each socket and each process, whichever library makes it. Python has no way to remove a hook.
sys.addaudithook(_GUARD)


@pytest.fixture(autouse=True)
def _no_sockets_and_no_processes() -> Iterator[None]:
    """Fails a test that uses one, also where the code under test goes on after the refusal."""
    _GUARD.refused.clear()
    _GUARD.running = True
    yield
    _GUARD.running = False
    assert _GUARD.refused == [], "a test in tests/unit uses sockets or processes: move it to tests/integration"
