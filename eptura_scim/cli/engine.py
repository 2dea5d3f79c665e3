"""`eptura-scim engine`."""

from __future__ import annotations

import typer

from eptura_scim.engine import find_engine
from eptura_scim.report import tell

__all__ = ["engine"]


def engine() -> None:
    """Find or install the Pulumi CLI, and print its path and version."""
    found = find_engine(tell)
    typer.echo(f"{found.path} {found.version}")
