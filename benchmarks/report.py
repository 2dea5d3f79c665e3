"""The figures as tables to read and as a file."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.calls import PLUGINS, Traffic, by_resource, plugin_of, traffic
from benchmarks.figures import Figure, Unit
from eptura_scim.local_entra import LoggedCall

__all__ = ["BenchmarkReport"]

_FORMATS: dict[Unit, str] = {
    "s": "{:.2f} s",
    "/s": "{:,.0f}/s",
    "times": "{:.2f}x",
    "calls": "{:.0f}",
    "MiB": "{:.0f} MiB",
}


@dataclass
class BenchmarkReport:
    """What one run of the benchmarks found."""

    runs: int
    engine: str = "none"
    figures: dict[str, list[Figure]] = field(default_factory=dict)
    """By section."""
    calls: Mapping[str, Sequence[LoggedCall]] = field(default_factory=dict)
    """By operation."""
    changes: Mapping[str, Sequence[LoggedCall]] = field(default_factory=dict)
    """By kind of change of a running stack."""
    creates: Mapping[str, Traffic] = field(default_factory=dict)
    """Calls of the creation of each of our resources."""
    not_measured: dict[str, str] = field(default_factory=dict)
    """Reason by section."""

    def show(self, console: Console) -> None:
        """Print tables, then one line with the verdict."""
        if self.figures:
            console.print(self._figures_table())
        if self.creates:
            console.print(self._creates_table())
        if self.calls:
            console.print(_calls_table("Calls to Graph of each run", self.calls))
        if self.changes:
            console.print(_changes_table(self.changes))
        for section, reason in self.not_measured.items():
            console.print(Text(f"not measured: {section}: {reason}", style="bold red"))
        promised = {
            f"{section}: {figure.name}": figure.holds
            for section, figures in self.figures.items()
            for figure in figures
            if figure.bound
        }
        broken = [name for name, holds in promised.items() if not holds]
        console.print(Text(f"Promises kept: {len(promised) - len(broken)} of {len(promised)} measured", style="bold"))
        for name in broken:
            console.print(Text(f"BROKEN: {name}", style="bold red"))

    def write(self, path: Path) -> None:
        """Write all values as JSON."""
        found = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "runs": self.runs,
            "versions": self.versions,
            "figures": {section: [figure.as_json() for figure in figures] for section, figures in self.figures.items()},
            "creates": {name: asdict(count) for name, count in self.creates.items()},
            "calls": _counted(self.calls),
            "changes": _counted(self.changes),
            "not_measured": self.not_measured,
        }
        path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")

    @property
    def versions(self) -> dict[str, str]:
        """What was measured with."""
        return {"engine": self.engine, "pulumi": version("pulumi"), "python": platform.python_version()}

    def _figures_table(self) -> Table:
        table = _table("", f"Median of {self.runs} runs, and the lowest and the highest")
        table.add_column("measured", justify="right", no_wrap=True)
        table.add_column("spread", justify="right", no_wrap=True)
        table.add_column("promised", no_wrap=True)
        table.add_column("", no_wrap=True)
        for section, figures in self.figures.items():
            table.add_section()
            table.add_row(Text(section, style="bold"))
            for figure in figures:
                table.add_row(f"  {figure.name}", *_cells(figure))
        return table

    def _creates_table(self) -> Table:
        table = _table("created one after the other", "Calls to Graph of each of our resources")
        table.add_column("calls")
        for name, count in self.creates.items():
            table.add_row(name, str(count))
        return table


def _counted(calls: Mapping[str, Sequence[LoggedCall]]) -> dict[str, Any]:
    return {
        operation: {f"{plugin} {resource}": asdict(count) for (plugin, resource), count in by_resource(made).items()}
        for operation, made in calls.items()
    }


def _calls_table(title: str, calls: Mapping[str, Sequence[LoggedCall]]) -> Table:
    counts = {operation: by_resource(made) for operation, made in calls.items()}
    table = _table("asked by, about", title)
    for operation in counts:
        table.add_column(operation)
    for plugin in PLUGINS:
        table.add_section()
        table.add_row(Text(plugin, style="bold"))
        for resource in sorted({about for count in counts.values() for by, about in count if by == plugin}):
            cells = [str(count.get((plugin, resource), Traffic())) or "-" for count in counts.values()]
            table.add_row(f"  {resource}", *cells)
    return table


def _changes_table(calls: Mapping[str, Sequence[LoggedCall]]) -> Table:
    table = _table("change", "Calls to Graph of each kind of change")
    for plugin in PLUGINS:
        table.add_column(plugin)
    table.add_column("writes of eptura-scim")
    for change, made in calls.items():
        ours = [f"{call.method} {call.action}" for call in made if call.is_write and plugin_of(call) == "eptura-scim"]
        by_plugin = [traffic(call for call in made if plugin_of(call) == plugin) for plugin in PLUGINS]
        table.add_row(change, *map(str, by_plugin), ", ".join(ours))
    return table


def _table(first: str, title: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column(first, no_wrap=True)
    return table


def _cells(figure: Figure) -> tuple[str, str, str, Text]:
    shown = _FORMATS[figure.unit].format
    low, high = (shown(value).rstrip(" sx") for value in (min(figure.values), max(figure.values)))
    spread = f"{low}-{high}" if len(figure.values) > 1 else ""
    mark = {
        None: Text(""),
        True: Text("kept", style="green"),
        False: Text("BROKEN", style="bold red"),
    }[figure.holds]
    return shown(figure.median), spread, str(figure.bound or ""), mark
