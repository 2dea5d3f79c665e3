"""`eptura-scim doctor`: one line for each thing that a run needs. Nothing is written anywhere."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eptura_scim.cli.options import ProjectOption, StackOption
from eptura_scim.doctor import tools
from eptura_scim.doctor.endpoint import endpoint
from eptura_scim.doctor.entra import entra
from eptura_scim.doctor.finding import Finding
from eptura_scim.doctor.stack import StackView, view
from eptura_scim.doctor.token import token_finding
from eptura_scim.engine import EngineError, ProjectError, ProjectStack, installed_engine
from eptura_scim.engine.project import project_folder
from eptura_scim.graph.client import ssl_context
from eptura_scim.graph.errors import GraphError
from eptura_scim.provider import NAME
from eptura_scim.token_expiry import WARNED_DAYS

__all__ = ["doctor"]

_LABEL = 26
"""Columns of status and check."""
_WIDE = 70
"""Columns of a terminal from which on findings stand beside their checks."""

AddFindings = Callable[[Iterable["Finding"]], None]


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    stack: StackOption = None,
    project: ProjectOption = Path(),
) -> None:
    """Check tools, settings, login, permissions and Eptura's endpoint. The exit code is 1 where something is red."""
    findings: list[Finding] = []
    console = Console(highlight=False, markup=False)

    def found(more: Iterable[Finding]) -> None:
        for finding in more:
            findings.append(finding)
            if not as_json:
                _show(console, finding)

    view = _local(project, stack, found)
    asyncio.run(_remote(view, found))
    ok = all(finding.status != "red" for finding in findings)
    if as_json:
        typer.echo(json.dumps({"ok": ok, "findings": [finding._asdict() for finding in findings]}, indent=2))
    raise typer.Exit(0 if ok else 1)


def _local(project: Path, stack: str | None, found: AddFindings) -> StackView | None:
    """Tools, then the stack; None where none can be read."""
    remarks: list[str] = []
    engine = installed_engine(remarks.append)
    found([tools.engine(engine, remarks), tools.language_host(engine, os.environ), tools.azuread(os.environ)])
    try:
        project_folder(project)
    except ProjectError as error:
        why = "the project is not found"
        found([Finding("project", "red", str(error))])
        found([Finding(f"{NAME} plugin", "yellow", f"not started: {why}")])
        found([Finding("settings", "yellow", f"not read: {why}")])
        return None
    found([asyncio.run(tools.own_plugin(project, os.environ))])
    if engine is None:
        found([Finding("settings", "yellow", "not read: no Pulumi CLI found to read a stack with")])
        return None
    try:
        seen = view(ProjectStack.open(engine, project, stack))
    except EngineError as error:
        found([Finding("settings", "yellow", f"not read: {error}")])
        return None
    found(seen.findings)
    return seen


async def _remote(view: StackView | None, found: AddFindings) -> None:
    """Login and what it may do, applications, then Eptura's endpoint."""
    async for finding in entra(view, os.environ, datetime.now(UTC)):
        found([finding])
    if view is None or not view.tenant_url:
        why = "the settings were not read" if view is None else "no usable tenantUrl is set"
        found([Finding("SCIM endpoint", "yellow", f"not asked: {why}")])
        return
    if view.token:
        days = view.settings.token_warning_days if view.settings else WARNED_DAYS
        found(token_finding(view.token, datetime.now(UTC), days))
    try:
        found([await endpoint(view.tenant_url, view.token, ssl_context(os.environ), undecryptable=view.undecryptable)])
    except GraphError as error:
        found([Finding("SCIM endpoint", "red", f"not asked: {error}")])


def _show(console: Console, finding: Finding) -> None:
    """A finding beside its check, or below it where the terminal is narrow; in a file or a pipe nothing is folded."""
    label = Text.assemble((f"{finding.status:<7}", finding.status), f"{finding.check:<{_LABEL - 7}}")
    texts = [text for text in (finding.said, finding.todo) if text]
    if not console.is_terminal:
        for start, text in zip((label, " " * _LABEL), texts, strict=False):
            console.print(start, text, sep="", soft_wrap=True)
        return
    narrow = console.width < _WIDE
    if narrow:
        console.print(label)
    grid = Table.grid()
    grid.add_column(width=2 if narrow else _LABEL)
    grid.add_column(overflow="fold")
    for number, text in enumerate(texts):
        grid.add_row("" if narrow or number else label, Text(text))
    console.print(grid)
