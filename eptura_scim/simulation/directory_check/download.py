"""The tenant's users and groups, in files that are gone after the check unless they are to be kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from eptura_scim.graph.client import connect
from eptura_scim.simulation.directory_check.sources.tenant import TenantDownload

if TYPE_CHECKING:
    from eptura_scim.mapping import Mappings
    from eptura_scim.types import Kind

__all__ = ["downloaded"]

_FOLDER = Path(".eptura-scim") / "check-directory"


async def downloaded(mappings: Mappings, keep: Path | None, progress: Callable[[Kind, int], None]) -> Path:
    """Read the tenant, from where an interrupted run ended. Gives the folder. Raises ReadableError."""
    folder = keep or _FOLDER
    client = await connect()
    try:
        await TenantDownload(client, folder, mappings, progress).run()
    finally:
        await client.close()
    return folder
