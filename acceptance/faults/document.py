"""docs/faults.md: the table, made of cells, and read again to see that it is complete."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from acceptance.faults.at_eptura import AS_CONFIGURED
from acceptance.faults.cells import Cell
from acceptance.faults.faults import KINDS
from acceptance.faults.operations import OPERATIONS, Operation
from acceptance.faults.steps import FaultStep
from acceptance.faults.switches import SETTINGS, SwitchRow

__all__ = ["NOT_CONVERGED", "Written", "parse_page", "render"]

NOT_CONVERGED = "NOT"
"""What stands in a cell whose rerun did not converge, or that shows what must never be seen."""

_CANNOT = "–"  # noqa: RUF001 - a dash
_CARRIED_ON = "·"
_NOT_RUN = "?"
_SILENT = "!"
_LONGEST = 400
_HEADING = re.compile(r"^### (?P<operation>.+)")
_STEP = "call"
_AT_EPTURA = "at Eptura"

_INTRODUCTION = """\
# Faults

`make faults` makes this page: every fault at every step of every operation, from real runs. Engine, plugin and program
are the real ones; azuread is its stand-in, Entra the local one. A step is one kind of call, found in the log of a run
without faults: who asks, and for what. `…` stands for `/servicePrincipals/{principal}/synchronization`.
`.venv/bin/python -m acceptance.faults --only FAULT --step STEP --operation OPERATION` shows one cell and all that
the engine says.

The plugins' time runs ten times as fast: waits of minutes pass in seconds, and what is waited for is the same.

| in a cell | means |
|---|---|
| · | the run ends as a run without the fault, and shows no message |
| · and a number | the same, with the warning of that number |
| a number | the run stops with that message, below. The same command, run again, ends as if nothing had happened |
| and a letter | before or after that, what the letter says |
| ! | no message, but another result than without the fault; running the same command again corrects it |
| – | cannot happen here |
| ? | not run yet: `make faults` continues |

After each run and rerun this is looked at: one application, one job, all settings and mappings as wanted, nothing in
the state that does not exist; no job started without its mappings and its connection; no process left; neither the
token nor the client secret nor an access token in any output or file of the stack; no traceback. Where every call is
made again after a fault, all steps meet it in one run, each once.

*change while running* begins with users and groups at Eptura. Half of the change alone would do harm: the narrow scope
without its assignments disables users who stay, and without the filter and with the wide scope a user is created whom
neither configuration lets in. Three cycles follow each run and each rerun. The column *at Eptura* tells what is there
before the rerun, where the run stops: *unchanged*, *as configured* by the new configuration, or what else; a name of a
fault says that it is so after this fault alone. Where the run ends as a run without the fault, and after each rerun,
Eptura has what is configured. No user and no group that is right under both configurations is created, disabled,
deleted or renamed in any cycle, and no user comes in who is right under neither.

NOT in a cell is what ends in another way: a single 404 at azuread's `GET /applications/{application}` of *change while
running*. azuread takes the application for deleted, so the run makes another one, and the users and groups that leave
the scope in this run stay at Eptura: Entra's links are those of the first application.
"""  # noqa: RUF001


@dataclass
class _Numbers:
    """Messages and remedies in the order of their first appearance."""

    messages: dict[str, int] = field(default_factory=dict)
    remedies: dict[str, str] = field(default_factory=dict)

    def message(self, says: Sequence[str]) -> int:
        return self.messages.setdefault("<br>".join(_short(text) for text in says), len(self.messages) + 1)

    def letter(self, needed: Sequence[str]) -> str:
        return self.remedies.setdefault("; ".join(needed), chr(ord("a") + len(self.remedies)))


def render(cells: Iterable[Cell], steps: Mapping[str, Sequence[FaultStep]], switches: Iterable[SwitchRow]) -> str:
    """The page. `steps` are those of each operation."""
    known = {cell.key: cell for cell in cells}
    numbers = _Numbers()
    tables = "\n".join(
        "\n".join(_operation(OPERATIONS[name], steps[name], known, numbers)) for name in OPERATIONS if name in steps
    )
    return "\n".join(
        [
            _INTRODUCTION,
            *_faults(),
            "## Operations\n",
            tables,
            *_remedies(numbers),
            *_messages(numbers),
            *_switches(switches),
        ]
    )


def _faults() -> Iterator[str]:
    yield "## Faults\n\n| fault | what happens |\n|---|---|"
    yield from (f"| {kind.name} | {kind.what} |" for kind in KINDS.values())
    yield ""


def _operation(
    operation: Operation, steps: Sequence[FaultStep], known: Mapping[tuple[str, str, str], Cell], numbers: _Numbers
) -> Iterator[str]:
    yield f"### {operation.name}\n\n{operation.what[0].upper()}{operation.what[1:]}.\n"
    watched = any(cell.at_eptura for cell in known.values() if cell.operation == operation.name)
    yield _row([_STEP, *KINDS, *([_AT_EPTURA] if watched else [])])
    yield "|---|" + ":-:|" * len(KINDS) + ("---|" if watched else "")
    for step in steps:
        cells = []
        for kind in KINDS.values():
            possible = kind.can_happen(operation, step)
            cells.append(_cell(known.get((operation.name, kind.name, step.label)), numbers) if possible else _CANNOT)
        if watched:
            ran = [known[key] for name in KINDS if (key := (operation.name, name, step.label)) in known]
            cells.append(_at_eptura(ran) if ran else _NOT_RUN)
        yield _row([f"`{step.label}`", *cells])
    yield ""


def _at_eptura(cells: Iterable[Cell]) -> str:
    """What Eptura has where the runs of a row stop: after most faults, then after which others what else."""
    faults: dict[str, list[str]] = {}
    for cell in cells:
        if not cell.carried_on:
            faults.setdefault(cell.at_eptura, []).append(cell.fault)
    if not faults:
        return AS_CONFIGURED
    most = max(faults, key=lambda found: len(faults[found]))
    others = [f"{found}: {', '.join(names)}" for found, names in faults.items() if found != most]
    return "; ".join([most, *others])


def _cell(cell: Cell | None, numbers: _Numbers) -> str:
    if cell is None:
        return _NOT_RUN
    if cell.wrong or not cell.rerun.converged:
        return f"**{NOT_CONVERGED}**"
    said = str(numbers.message(cell.says)) if cell.says else ""
    if cell.carried_on:
        return f"{_CARRIED_ON}{said}"
    return (said or _SILENT) + (numbers.letter(cell.rerun.needed) if cell.rerun.needed else "")


def _remedies(numbers: _Numbers) -> Iterator[str]:
    if numbers.remedies:
        yield "## What a rerun needs\n"
        yield from (f"- **{letter}** {needed}" for needed, letter in numbers.remedies.items())
        yield ""


def _messages(numbers: _Numbers) -> Iterator[str]:
    yield "## What the user sees\n"
    yield "STEP is the call of the row; ID, PORT and the like stand for what differs each time.\n"
    yield "| | |\n|---:|---|"
    yield from (f"| {number} | {text.replace('|', chr(92) + '|')} |" for text, number in numbers.messages.items())
    yield ""


def _switches(rows: Iterable[SwitchRow]) -> Iterator[str]:
    came = {(row.switch, row.position): row.came for row in rows}
    yield "## Undocumented behaviour\n"
    yield (
        "Where Microsoft and Eptura are silent, the local Entra can behave either way (`local_entra/switches.py`).\n"
        "For each value: a first up, a preview that has to show nothing, and a second up that has to write nothing.\n"
        "The default is bold.\n"
    )
    yield "| switch | position | up | preview | rerun |\n|---|---|:-:|:-:|:-:|"
    for setting in SETTINGS:
        found = came.get((setting.switch, setting.position), {})
        cells = [
            (found[run] and f"**{NOT_CONVERGED}** {_short(found[run])}") or _CARRIED_ON if run in found else _NOT_RUN
            for run in ("up", "preview", "rerun")
        ]
        position = f"**{setting.position}**" if setting.default else setting.position
        yield _row([f"`{setting.switch}`", position, *cells])
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


@dataclass(frozen=True)
class Written:
    """What stands in the page."""

    faults: list[str]
    steps: dict[str, list[str]]
    """Labels by operation."""
    text: str

    @property
    def not_run(self) -> int:
        """How many cells are still to be run."""
        rows = [line for line in self.text.splitlines() if line.startswith("| `")]
        return sum(row.count(f" {_NOT_RUN} |") for row in rows)


def parse_page(text: str) -> Written:
    """Read a page that `render` made."""
    steps: dict[str, list[str]] = {}
    faults: list[str] = []
    operation = ""
    for line in text.splitlines():
        if found := _HEADING.match(line):
            operation = found["operation"]
            steps[operation] = []
        elif line.startswith("## "):
            operation = ""
        elif operation and line.startswith("| `"):
            steps[operation].append(line.split("`")[1])
        elif operation and line.startswith(f"| {_STEP} |"):
            named = [name.strip() for name in line.strip("| ").split("|")[1:]]
            faults = [name for name in named if name != _AT_EPTURA]
    return Written(faults, steps, text)
