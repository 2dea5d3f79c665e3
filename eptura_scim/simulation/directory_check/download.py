"""The tenant's users and groups, in files that are gone after the check unless they are to be kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from eptura_scim.graph.client import connect
from eptura_scim.simulation.directory_check.sources.tenant import TenantDownload

if TYPE_CHECKING:
    from eptura_scim.mapping import Mappings
    from eptura_scim.types import Kind

__all__ = ["downloaded"]

_FOLDER = Path(".eptura-scim") / "check-directory"


async def downloaded(mappings: Mappings, keep: Path | None) -> Path:
    """Read the tenant, from where a run before this one ended. Gives the folder. Raises ReadableError."""
    folder = keep or _FOLDER
    console = Console(stderr=True)
    client = await connect()
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("reading users", total=None)

            def said(kind: Kind, count: int) -> None:
                progress.update(task, description=f"reading {kind.lower()}s: {count:,}")

            await TenantDownload(client, folder, mappings, said).run()
    finally:
        await client.close()
    return folder
