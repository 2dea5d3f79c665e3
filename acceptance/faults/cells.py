"""Cells: one operation, one fault, one step; what the user sees, and what a rerun makes of it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from acceptance.faults.at_eptura import Seen, Watch
from acceptance.faults.faults import FaultKind
from acceptance.faults.operations import Operation
from acceptance.faults.steps import FaultStep, step_of, steps_of, without_ids
from acceptance.sandbox import EngineRun, EngineSandbox
from acceptance.snapshot import applications, copies, cut, differences, locks, pending
from eptura_scim.graph.ids import UUID

__all__ = ["Cell", "Rerun", "Runner"]

_NAMES = (
    (re.compile(r" ?\(request [0-9a-f-]+\)"), ""),
    (re.compile(r"STEP\?[^\s:]+"), "STEP"),
    (re.compile(r"\b\d+ bytes"), "N bytes"),
    (re.compile(r"expected \d+\)"), "expected N)"),
    # A killed process may close its connections in more than one way.
    (re.compile(r"error reading from server: .*"), "error reading from server: EOF"),
    (re.compile(r"localhost:\d+|127\.0\.0\.1:\d+"), "localhost:PORT"),
    (re.compile(r"\('127\.0\.0\.1', \d+\)"), "PORT"),
    (re.compile(r"\bdev-\d+(?=\.)"), "dev-TIME"),
    (re.compile(rf"\b{UUID}\b"), "ID"),
    (re.compile(r"(/[\w.-]+)+/home/"), "HOME/"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?"), "TIME"),
    (re.compile(r"\bscim\.[0-9a-f]{32}\.\S+?(?=[\s:,;]|$)"), "JOB"),
    (re.compile(r"\.[0-9a-f]{16}\.tmp"), ".tmp"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True)
class Rerun:
    """What the same operation came to when it was run again."""

    converged: bool
    needed: list[str] = field(default_factory=list)
    """What the user had to do before."""
    differs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """One cell of the table."""

    operation: str
    fault: str
    step: str
    """The step's label."""
    carried_on: bool
    """Whether the run came to the same end as one without the fault."""
    says: list[str]
    """What the user sees of it, the step's own call written as STEP."""
    rerun: Rerun
    wrong: list[str]
    at_eptura: str = ""
    """What Eptura has after the run and the cycles that follow it, before the rerun; empty where it does not count."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others."""
        return self.operation, self.fault, self.step

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Cell:
        """Read `as_json`."""
        found = json.loads(line)
        return cls(**{**found, "rerun": Rerun(**found["rerun"])})


@dataclass(frozen=True)
class _Faulty:
    """A run with a fault."""

    run: EngineRun
    met: set[FaultStep]
    """The steps that met the fault."""
    seen: Seen | None
    """What Eptura has after it."""


class Runner:
    """One operation in one sandbox: its steps, and its cells as they are asked for.

    `known` is a folder that remembers what reruns came to, by where they began: many faults end at the same place.
    """

    def __init__(self, sandbox: EngineSandbox, operation: Operation, known: Path) -> None:
        self._sandbox = sandbox
        self._operation = operation
        self._known = known
        sandbox.put_back("fresh")
        expected = operation.prepare(sandbox)
        sandbox.jobs = frozenset(job["id"] for found in applications(sandbox.entra_folder) for job in found["jobs"])
        sandbox.keep(operation.name)
        self._watch = Watch(sandbox, expected) if expected else None
        start = self._place(locked=False)
        self.clean = sandbox.run(operation.run)
        if not self.clean.succeeded or self.clean.wrong:
            raise RuntimeError(f"{operation.name} fails without any fault: {self.clean.errors} {self.clean.wrong}")
        sandbox.restarts = any(call.path.endswith("/restart") for call in self.clean.calls)
        self.steps = steps_of(self.clean.calls)
        self._repair = operation.repair or operation.run
        repaired = sandbox.run(operation.repair) if operation.repair else self.clean
        if not repaired.succeeded or repaired.wrong:
            raise RuntimeError(f"{operation.name} is not repaired: {repaired.errors} {repaired.wrong}")
        self._repaired = repaired.after
        if self._watch and (missing := self._watch.run_cycles().missing):
            raise RuntimeError(f"{operation.name} does not end as configured without any fault: {missing}")
        self._remember(start, Rerun(converged=True))

    def applies(self, kind: FaultKind, step: FaultStep) -> bool:
        """Whether a fault can happen at a step of this operation."""
        return kind.can_happen(self._operation, step)

    def row(self, kind: FaultKind, steps: Sequence[FaultStep]) -> Iterator[Cell]:
        """The cells of one fault at these steps, in any order.

        What one run can meet together it does: a run in which each step meets the fault and that ends as one without it
        makes all cells. One that stops at a step which its message names makes that step's cell, and the others go on
        without it.
        """
        left = [step for step in steps if self.applies(kind, step)]
        while kind.together and len(left) > 1:
            faulty = self._run(kind, left)
            if self._as_without(faulty.run) and (not kind.seen or set(left) <= faulty.met):
                yield from (self._cell(kind, step, faulty, Rerun(converged=True)) for step in left)
                return
            named = [step for step in left if step in faulty.met and _names(faulty.run, step)]
            if faulty.run.succeeded or not named:
                break
            if len(named) == 1:
                yield self._cell(kind, named[0], faulty, self._rerun())
            else:  # two plugins make the same call
                yield from (self.cell(kind, step) for step in named)
            left = [step for step in left if step not in named]
        yield from (self.cell(kind, step) for step in left)

    def cell(self, kind: FaultKind, step: FaultStep) -> Cell:
        """One cell, met alone."""
        return self.cell_and_run(kind, step)[0]

    def cell_and_run(self, kind: FaultKind, step: FaultStep) -> tuple[Cell, EngineRun]:
        """One cell, and the run with the fault."""
        faulty = self._run(kind, [step])
        if kind.seen and step not in faulty.met:
            raise RuntimeError(f"{self._operation.name}: nothing met {kind.name} at {step.label}")
        rerun = Rerun(converged=True) if self._as_without(faulty.run) else self._rerun()
        return self._cell(kind, step, faulty, rerun), faulty.run

    def _run(self, kind: FaultKind, steps: Sequence[FaultStep]) -> _Faulty:
        """Run with the fault, and look at Eptura."""
        self._sandbox.put_back(self._operation.name)
        with kind.meeting(self._sandbox, steps):
            run = self._sandbox.run(self._operation.run)
            waiting = {(fault.method, fault.path, fault.user_agent) for fault in self._sandbox.entra.faults.pending()}
        # A call that hangs is in the log later, a fault that stays is never used up.
        met = {step for step in steps if tuple(step.where.values()) not in waiting}
        met |= {step_of(call) for call in run.calls if call.fault}
        if self._watch is None:
            return _Faulty(run, met, None)
        seen = self._watch.run_cycles()
        missing = seen.missing if run.succeeded and run.after == self.clean.after else []
        return _Faulty(replace(run, wrong=[*run.wrong, *seen.harm, *missing]), met, seen)

    def _as_without(self, run: EngineRun) -> bool:
        return run.succeeded and run.after == self.clean.after and not run.wrong and not self._new_warnings(run)

    def _new_warnings(self, run: EngineRun) -> list[str]:
        return [warning for warning in run.warnings if warning not in self.clean.warnings]

    def _cell(self, kind: FaultKind, step: FaultStep, faulty: _Faulty, rerun: Rerun) -> Cell:
        run = faulty.run
        says = [*run.errors, *(f"warning: {warning}" for warning in self._new_warnings(run))]
        told = list(dict.fromkeys(_normalised(message, step) for message in says))
        return Cell(
            operation=self._operation.name,
            fault=kind.name,
            step=step.label,
            carried_on=run.succeeded and run.after == self.clean.after,
            # The engine and its SDK say some twice, the second time with a few words before.
            says=[message for message in told if not any(message != other and other in message for other in told)],
            rerun=rerun,
            wrong=run.wrong,
            at_eptura=faulty.seen.found if faulty.seen else "",
        )

    def _rerun(self) -> Rerun:
        locked = bool(locks(self._sandbox.home))
        place = self._place(locked=locked)
        if place.exists():
            return Rerun(**json.loads(place.read_text(encoding="utf-8")))
        needed = []
        if state := cut(self._sandbox.home):
            copy = copies(state)[0]
            shutil.copy(copy, state)
            where = "of `.pulumi/history`" if copy.suffix == ".json" else "`.json.bak`"
            needed.append(f"copy the state's last {where} over its `.json`, which the engine left cut")
        if locked:
            self._sandbox.deployment.cancel()
            needed.append("`pulumi cancel`")
        again, wanted = self._sandbox.run(self._operation.run), self.clean.after
        if not again.succeeded and (assigned := self._unknown_assignments()):
            needed.append("remove the assignment that no stack knows (Users and groups in the portal)")
            self._sandbox.entra.portal.people.unassign(*assigned)
            again = self._sandbox.run(self._operation.run)
        after = self._tidied(again, wanted, needed)
        for often in ("" if self._operation.repair else " once more", " once more"):
            if again.succeeded and after != wanted:
                needed.append(f"`pulumi {self._operation.repair_command}`{often}")
                again, wanted = self._sandbox.run(self._repair), self._repaired
                after = self._tidied(again, wanted, needed)
        differs = [*again.errors, *again.wrong, *differences(wanted, after)]
        if self._watch:
            seen = self._watch.run_cycles()
            differs += [*seen.harm, *seen.missing]
        rerun = Rerun(converged=not differs, needed=list(dict.fromkeys(needed)), differs=differs[:20])
        if rerun.converged:
            self._remember(place, rerun)
        return rerun

    def _tidied(self, run: EngineRun, wanted: str, needed: list[str]) -> str:
        """The end of a run, after what it left over was taken away; adds that to what is needed."""
        after = run.after
        if run.succeeded and after != wanted and (unknown := self._unknown_applications()):
            needed.append("delete the application that no stack knows")
            for application in unknown:
                self._sandbox.entra.portal.of(application).delete_application()
            after = self._sandbox.now()
        if run.succeeded and pending(self._sandbox.home):
            needed.append("`pulumi refresh --clear-pending-creates` ends a warning about an interrupted run")
            self._sandbox.deployment.refresh(clear_pending_creates=True)
            after = self._sandbox.now()
        return after

    def _unknown_applications(self) -> list[str]:
        stack = json.dumps(self._sandbox.deployment.export_stack())
        live = [str(found["application"]["id"]) for found in applications(self._sandbox.entra_folder)]
        return [application for application in live if application not in stack]

    def _unknown_assignments(self) -> list[str]:
        stack = json.dumps(self._sandbox.deployment.export_stack())
        assigned = self._sandbox.entra.portal.people.assigned()
        return [made["principalId"] for made in assigned if made["id"] not in stack]

    def _place(self, *, locked: bool) -> Path:
        """Where it is remembered what comes of a rerun that begins here."""
        people = self._watch.contents() if self._watch else ""
        told = f"{self._operation.name} {locked} {self._sandbox.now()} {people}"
        return self._known / f"{hashlib.sha256(told.encode()).hexdigest()}.json"

    def _remember(self, place: Path, rerun: Rerun) -> None:
        place.write_text(json.dumps(asdict(rerun)), encoding="utf-8")


def _names(run: EngineRun, step: FaultStep) -> bool:
    """Whether an error of the run is about a step's call."""
    return any(re.search(r"\bSTEP\b", _normalised(error, step)) for error in run.errors)


def _normalised(message: str, step: FaultStep) -> str:
    message = without_ids(message)
    for path in (step.path, step.path.removeprefix("/v1.0")):
        message = re.sub(rf"(?:{step.method} |(?<=answers )){re.escape(path)}(?=[?:\s,]|$)", "STEP", message)
    for pattern, name in _NAMES:
        message = pattern.sub(name, message)
    return message.strip()
