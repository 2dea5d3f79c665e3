"""Asking before something costly is done."""

from __future__ import annotations

import typer

__all__ = ["confirm"]


def confirm(yes: bool, question: str = "Continue?") -> bool:
    """Whether to continue; `yes` answers beforehand. Without a person at the terminal: no."""
    if yes:
        return True
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        typer.echo(err=True)  # the answer that did not come leaves the cursor behind the question
        return False
