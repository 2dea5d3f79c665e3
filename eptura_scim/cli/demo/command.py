"""`eptura-scim demo`."""

from __future__ import annotations

from pathlib import Path

from eptura_scim.cli.demo.story import run
from eptura_scim.cli.options import ProjectOption

__all__ = ["demo"]


def demo(project: ProjectOption = Path()) -> None:
    """Run the demo on a local Entra: deploy, edit by hand, detect the drift, repair it, destroy."""
    run(project)
