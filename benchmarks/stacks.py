"""Our program and an empty one as stacks on the real engine, with the azuread stand-in and a local Entra."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import NotMeasuredError
from eptura_scim.engine import ConfigValue, Deployment, Outcome, azuread_plugin, find_engine, plugin_folders
from eptura_scim.local_entra import LocalEntra, LoggedCall

__all__ = ["Stacks", "stacks"]

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Stacks:
    """Both stacks. The empty one is up, so that its preview finds nothing to do either; ours is not yet."""

    ours: Deployment
    empty: Deployment
    entra: LocalEntra
    engine: str
    """The engine's version."""

    def unchanged(self, operation: Callable[[], Outcome]) -> tuple[float, list[LoggedCall]]:
        """Run what must find nothing to do; gives its seconds and its calls."""
        self.entra.calls.clear()
        outcome = operation()
        if outcome.changed:
            raise NotMeasuredError(f"a run without changes wants to {dict(outcome.changed)}: {dict(outcome.drift)}")
        return outcome.seconds, list(self.entra.calls)


@contextmanager
def stacks(say: Callable[[str], None]) -> Iterator[Stacks]:
    """Open both stacks in a folder that vanishes afterwards."""
    engine = find_engine(say)
    # Always the stand-in: the real plugin sleeps by design, and its Go process would hide what is ours.
    azuread = azuread_plugin(engine, lambda _: None, {"EPTURA_SCIM_AZUREAD": "stand-in"})
    with tempfile.TemporaryDirectory(prefix="eptura-scim-bench-") as folder, LocalEntra.start() as entra:
        ours, empty = Path(folder) / "ours", Path(folder) / "empty"
        opened = Stacks(
            ours=Deployment.open(
                _ROOT,
                "dev",
                ours,
                engine=engine,
                plugins=plugin_folders(ours, azuread),
                environment=entra.environment,
                config={"tenantUrl": entra.scim.url, "secretToken": ConfigValue(entra.scim.token, secret=True)},
            ),
            empty=Deployment.open(
                Path(__file__).parent / "empty_program",
                "dev",
                empty,
                engine=engine,
                plugins=plugin_folders(empty, azuread),
                environment=entra.environment,
            ),
            entra=entra,
            engine=engine.version,
        )
        opened.empty.up()
        yield opened
