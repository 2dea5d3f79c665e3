"""Asking before something costly is done."""

from __future__ import annotations

import typer

from eptura_scim.errors import ReadableError

__all__ = ["NotDoneError", "go_on"]


class NotDoneError(ReadableError):
    """Nothing was done, for the reason that the text gives."""


def go_on(yes: bool) -> bool:
    """Whether to go on; `yes` answers beforehand. Where nobody is there to answer, no."""
    if yes:
        return True
    try:
        return typer.confirm("Go on?", err=True)
    except typer.Abort:
        return False
