"""Each value of every switch: undocumented behaviour, with a first up, a preview and a second up."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from acceptance.faults.operations import OPERATIONS
from acceptance.sandbox import EngineRun, EngineSandbox
from eptura_scim.engine import Engine
from eptura_scim.local_entra import Switches

__all__ = ["SETTINGS", "Setting", "SwitchRow", "run_with"]

_RUNS = {"up": "up", "preview": "preview", "rerun": "up"}


@dataclass(frozen=True)
class Setting:
    """One switch in one position."""

    switch: str
    position: str
    value: Any

    @property
    def default(self) -> bool:
        """Whether the local Entra does so unless it is told otherwise."""
        return bool(Switches.model_fields[self.switch].default == self.value)


@dataclass(frozen=True)
class SwitchRow:
    """What came of the three runs; an empty text is the end that it has to come to."""

    switch: str
    position: str
    came: dict[str, str]

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


def _settings() -> Iterator[Setting]:
    for name, field in Switches.model_fields.items():
        values = get_args(field.annotation) if get_origin(field.annotation) is Literal else (False, True)
        for value in values:
            yield Setting(name, str(value).lower(), value)


SETTINGS = list(_settings())
"""Every switch in every position."""


def run_with(setting: Setting, engine: Engine) -> SwitchRow:
    """Run all three in a sandbox of their own."""
    switches = Switches(**{setting.switch: setting.value})
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        EngineSandbox(Path(folder), engine, switches) as sandbox,
    ):
        came = {}
        for name, operation in _RUNS.items():
            run = sandbox.run(OPERATIONS[operation].run)
            came[name] = "; ".join(_problems(name, run))
    return SwitchRow(setting.switch, setting.position, came)


def _problems(name: str, run: EngineRun) -> list[str]:
    writes = [str(call) for call in run.calls if call.is_write] if name != "up" else []
    return [*run.errors, *run.wrong, *(f"writes: {call}" for call in writes)]
