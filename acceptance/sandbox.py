"""A stack and a local Entra in one folder, which can be put back to what they were; runs of the engine in it."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pulumi.automation import CommandResult

from acceptance.processes import left_running
from acceptance.snapshot import locks, snapshot
from eptura_scim.engine import ConfigValue, Deployment, DeploymentError, Engine, Outcome
from eptura_scim.engine.command import EngineCommand
from eptura_scim.engine.plugins import write_executable
from eptura_scim.local_entra import Fault, LocalEntra, LoggedCall, Switches

__all__ = ["EngineRun", "EngineSandbox"]

_ROOT = Path(__file__).parents[1]
_GENERIC = re.compile(r"(update|preview|refresh|destroy|import) failed|.* resources? errored", re.IGNORECASE)
_DEFECT = re.compile(r"Traceback \(most recent|This is a defect|panic:|goroutine \d+")
_NO_WORD = "(no message: the engine is gone)"
_MOMENT = "2026-01-01T00:00:00.000Z"
_UPDATE = {"kind": "update", "message": "", "environment": {}, "config": {}, "result": "succeeded"}
_REPORTS = {
    "stack output": "{}",
    "stack history": json.dumps([{**_UPDATE, "startTime": _MOMENT, "endTime": _MOMENT}]),
}
_ACCESS_TOKEN = re.compile(r"eyJ[\w-]{10,}\.")


@dataclass(frozen=True)
class EngineRun:
    """One run of the engine and what it left."""

    succeeded: bool
    errors: list[str]
    """What the user is told went wrong, most specific first."""
    warnings: list[str]
    text: str
    calls: list[LoggedCall]
    after: str
    """The snapshot."""
    wrong: list[str]
    """What must never be: secrets shown, tracebacks, processes left, a started job without its mappings."""


class _WithoutReports(EngineCommand):
    """After each run the Automation API asks for outputs and the history of the stack: for nothing, here."""

    def run(self, args: list[str], *further: Any, **options: Any) -> CommandResult:
        """As its base, but for the reports."""
        if report := _REPORTS.get(" ".join(args[:2])):
            return CommandResult(stdout=report, stderr="", code=0)
        return super().run(args, *further, **options)


class EngineSandbox:
    """A stack and a local Entra that can be put back together, as they were kept; a context manager.

    `home` is the stack's folder, `entra` the local Entra.
    """

    def __init__(self, folder: Path, engine: Engine, switches: Switches | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.entra_folder = folder / "entra"
        self.clock_offset = timedelta()
        self.at_step: Callable[[], None] = lambda: None
        """Called when a fault with a delay holds a request up."""
        self.jobs: frozenset[str] = frozenset()
        """Ids of the jobs that an operation begins with."""
        self.restarts = False
        """Whether it restarts them."""
        self._switches = switches
        self.entra = self._open()
        self.deployment = self._deployment(engine)
        self._kept: dict[str, str] = {}
        self._cycled = False

    def __enter__(self) -> EngineSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.entra.close()

    @property
    def certificates(self) -> str:
        """The path that marks the processes of this sandbox."""
        return str(self.entra.environment["SSL_CERT_FILE"])

    def now(self) -> str:
        """The snapshot of this moment."""
        return snapshot(self.entra_folder, self.home, self.jobs, restarted=self.restarts)

    def keep(self, name: str) -> None:
        """Remember everything as it is now."""
        with self.without_entra():
            for source in (self.home, self.entra_folder):
                shutil.copytree(source, self.folder / "kept" / name / source.name, symlinks=True, dirs_exist_ok=True)
        self._kept[name] = self.now()

    def put_back(self, name: str) -> None:
        """Make everything as it was when it was kept; nothing is done where nothing has changed."""
        self.entra.faults.clear()
        if not self._cycled and self.now() == self._kept[name] and not locks(self.home):
            return
        self._cycled = False
        with self.without_entra():
            for target in (self.home, self.entra_folder):
                shutil.rmtree(target)
                shutil.copytree(self.folder / "kept" / name / target.name, target, symlinks=True)

    def put_back_home(self, name: str) -> None:
        """As `put_back`, for the stack alone."""
        shutil.rmtree(self.home)
        shutil.copytree(self.folder / "kept" / name / self.home.name, self.home, symlinks=True)

    @contextmanager
    def without_entra(self) -> Iterator[None]:
        """Nothing listens meanwhile, and nothing holds the state folder."""
        self.entra.close()
        yield
        self.entra = self._open()

    @contextmanager
    def faults(self, faults: Sequence[Fault], at_step: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Faults that are met meanwhile; `at_step` is called when one that has a delay holds a request up."""
        self.at_step = at_step
        self.entra.faults.add(*faults)
        try:
            yield
        finally:
            self.at_step = lambda: None
            self.entra.faults.clear()

    def cycle(self) -> None:
        """The next cycle of every job that is on."""
        self._cycled = True
        asyncio.run(self.entra.provisioning.run_all())

    def run(self, operation: Callable[[EngineSandbox], Outcome]) -> EngineRun:
        """Run an operation to its end, whatever that is."""
        self.entra.calls.clear()
        failure = None
        try:
            outcome = operation(self)
        except DeploymentError as error:
            outcome, failure = error.outcome, error
        left = left_running(self.certificates)
        after = self.now()
        return EngineRun(
            succeeded=failure is None,
            errors=_errors(outcome, failure),
            warnings=sorted({found.message for found in outcome.diagnostics if found.severity == "warning"}),
            text=outcome.text,
            calls=list(self.entra.calls),
            after=after,
            wrong=[*(f"left running: {line}" for line in left), *self._shown(outcome.text), *_unsafe(after)],
        )

    def _shown(self, text: str) -> Iterator[str]:
        if found := _DEFECT.search(text):
            yield f"shown to the user: {found[0]}"
        secrets = [self.entra.scim.token, self.entra.tenant.client_secret]
        files = [path for path in self.home.rglob("*") if path.is_file()]
        for where, content in [("output", text), *((path.name, _read(path)) for path in files)]:
            if any(secret in content for secret in secrets) or _ACCESS_TOKEN.search(content):
                yield f"a secret is in {where}"

    def _open(self) -> LocalEntra:
        return LocalEntra.start(
            state_dir=self.entra_folder, switches=self._switches, clock=self._clock, sleep=self._sleep
        )

    def _clock(self) -> datetime:
        return datetime.now(UTC) + self.clock_offset

    async def _sleep(self, seconds: float) -> None:
        await asyncio.to_thread(self.at_step)
        await asyncio.sleep(seconds)

    def _deployment(self, engine: Engine) -> Deployment:
        plugins = {
            "eptura-scim": write_executable(self.home, "eptura-scim", "acceptance.quick.eptura_scim"),
            "azuread": write_executable(self.home, "azuread", "acceptance.quick.azuread"),
        }
        return Deployment.open(
            _ROOT,
            "dev",
            self.home,
            engine=replace(engine, command=_WithoutReports(engine.path)),
            plugins=plugins,
            environment=self.entra.environment,
            config={"tenantUrl": self.entra.scim.url, "secretToken": ConfigValue(self.entra.scim.token, secret=True)},
        )


def _errors(outcome: Outcome, failure: DeploymentError | None) -> list[str]:
    if failure is None:
        return []
    said = [found.message for found in outcome.diagnostics if found.severity == "error"]
    specific = [message for message in said if not _GENERIC.fullmatch(message)]
    if not specific and "error: " not in outcome.text:
        return [_NO_WORD]
    return list(dict.fromkeys(specific)) or [str(failure)]


def _unsafe(after: str) -> Iterator[str]:
    for application in json.loads(after)["live"]:
        for job in application["jobs"]:
            if job["state"] != "Active":
                continue
            if job["schema"] is None:
                yield "the job is started and has the template's mappings"
            if not application["connection"].get("SecretToken"):
                yield "the job is started and has no connection"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # a pipe's file of an engine that has just ended
        return ""
