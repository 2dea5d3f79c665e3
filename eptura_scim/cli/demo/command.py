"""`eptura-scim demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eptura_scim.cli.demo.story import run

__all__ = ["demo"]


def demo(
    project: Annotated[
        Path, typer.Option(help="The folder of the Pulumi project, or one below it.", file_okay=False, exists=True)
    ] = Path(),
) -> None:
    """Run the demo on a local Entra: deploy, edit by hand, detect the drift, repair it, destroy."""
    run(project)
