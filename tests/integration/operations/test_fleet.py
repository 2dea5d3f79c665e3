"""No more stacks of a fleet are reviewed at once than asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi.automation import CommandResult
from semver import VersionInfo

from eptura_scim.engine import Engine, ProjectStack
from eptura_scim.engine.command import EngineCommand
from eptura_scim.operations.fleet import review_fleet
from tests.unit.operations.preview_samples import document


class MeetingCommand(EngineCommand):
    """A CLI whose previews wait until so many run at once; it counts how many ever did."""

    def __init__(self, at_once: int) -> None:
        self.version = VersionInfo(3, 259, 0)
        self.command = "pulumi"
        self.most = 0
        self._running = 0
        self._lock = threading.Lock()
        self._meeting = threading.Barrier(at_once)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
        standard_input: str = "",
    ) -> CommandResult:
        if args[0] != "preview":
            return CommandResult(stdout="{}", stderr="", code=0)
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
        self._meeting.wait(timeout=60)
        with self._lock:
            self._running -= 1
        if on_output:
            on_output(document())
        return CommandResult(stdout="", stderr="", code=0)


async def test_so_many_stacks_are_reviewed_at_once_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    command = MeetingCommand(at_once=2)
    engine = Engine(command, "PATH")
    names = ["a", "b", "c", "d"]
    environment = {"PATH": "", "EPTURA_SCIM_CACHE": str(tmp_path)}
    stacks = [ProjectStack.open(engine, tmp_path, name, environment) for name in names]
    report = await review_fleet(stacks, engine, environment, datetime(2026, 11, 27, tzinfo=UTC), at_once=2)
    assert [one.stack for one in report.stacks] == names
    assert command.most == 2
    assert {one.drift.drift for one in report.stacks if one.drift} == {False}
    assert report.pulumi == "3.259.0"
