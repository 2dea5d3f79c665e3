"""One kind of edit, run: preview, up, preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acceptance.drift.kinds import EditKind
from eptura_scim.engine import Outcome

if TYPE_CHECKING:  # the page of drift is written and checked without an engine and a local Entra
    from acceptance.sandbox import EngineSandbox
    from eptura_scim.local_entra import LocalEntra

__all__ = ["DriftRow", "WrongError", "prepare", "run"]

_UP = "up"


class WrongError(Exception):
    """A kind did not come out as it has to; the text says how."""


@dataclass(frozen=True)
class DriftRow:
    """What a kind came to."""

    kind: EditKind
    named: list[str]
    """The preview's lines, one for each difference."""
    warnings: list[str]
    """What the preview says that the repair costs."""


def prepare(sandbox: EngineSandbox, stack: Callable[[LocalEntra], Mapping[str, str]]) -> None:
    """Bring a kind's stack up and remember it. Raises WrongError."""
    for name, value in stack(sandbox.entra).items():
        sandbox.deployment.set_config(name, value)
    sandbox.deployment.up()
    _clean(sandbox.deployment.preview(), "a preview right after the up")
    sandbox.keep(_UP)


def run(sandbox: EngineSandbox, kind: EditKind) -> DriftRow:
    """Edit, preview, up, preview, in a sandbox that was prepared. Raises WrongError."""
    sandbox.put_back(_UP)
    kind.make(sandbox.entra)
    edited = sandbox.now()
    preview = sandbox.deployment.preview()
    drift = {resource: sorted(paths) for resource, paths in preview.drift.items()}
    if drift != kind.drift:
        raise WrongError(f"{kind.sentence}: the preview has to name {dict(kind.drift)}, and named {drift}")
    kind.remedy(sandbox.entra)
    sandbox.deployment.up()
    if not kind.drift and sandbox.now() != edited:
        raise WrongError(f"{kind.sentence}: it is not drift, and an up has changed it")
    _clean(sandbox.deployment.preview(), f"{kind.sentence}, and up repaired it: the next preview")
    return DriftRow(kind, _lines(preview, drift), _warnings(preview))


def _clean(preview: Outcome, what: str) -> None:
    if preview.drift:
        raise WrongError(f"{what} names {dict(preview.drift)}")


def _lines(preview: Outcome, drift: Mapping[str, list[str]]) -> list[str]:
    """What our plugin says of each attribute; of azuread's resources, the engine's paths."""
    said = [found for found in preview.diagnostics if found.message[:2] in ("~ ", "+ ", "- ")]
    ours = {found.urn.split("::")[2].rsplit(":", 1)[-1] for found in said}
    told = [found.message for found in said]
    for resource, paths in drift.items():
        if resource not in ours:
            told += [f"+ {resource}" if path == "(create)" else f"~ {resource} {path}" for path in paths]
    return told


def _warnings(preview: Outcome) -> list[str]:
    found = [item.message.removeprefix("warning: ") for item in preview.diagnostics if item.severity == "warning"]
    return list(dict.fromkeys(found))
