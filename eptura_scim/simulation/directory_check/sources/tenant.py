"""Users and groups of a tenant, page by page into files, so that an interrupted run continues where it ended.

Source: Microsoft Graph v1.0, "List users", "List groups" (pages of 999), "Paging Microsoft Graph data". Throttling is
obeyed by the client; what it gives up on ends the run, and the next run continues.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, Field, ValidationError

from eptura_scim.errors import ReadableError
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import GraphError, NotFoundError, ReplyError, RequestRefusedError
from eptura_scim.graph.urls import PAGE, principals, with_query
from eptura_scim.mapping import Mappings
from eptura_scim.mapping.flow import object_flow
from eptura_scim.quantities import counted
from eptura_scim.types import Kind

__all__ = ["DownloadStoppedError", "TenantDownload"]

_FILES: dict[Kind, str] = {"User": "users.ndjson", "Group": "groups.ndjson"}


class DownloadStoppedError(ReadableError):
    """Graph stopped answering; what was read is kept."""


class _Progress(BaseModel):
    """How far the reading of users, or of groups, has come."""

    next: str
    """The path below v1.0 to continue with; empty where all were read."""
    bytes: int = 0
    count: int = 0


class _Checkpoint(BaseModel):
    of: str
    """The tenant, and what is selected: a download of another one starts from the beginning."""
    kinds: dict[Kind, _Progress] = Field(default_factory=dict)


class TenantDownload:
    """Reads a tenant into a folder. The files hold personal data: only their owner may read them."""

    def __init__(
        self, client: GraphClient, folder: Path, mappings: Mappings, progress: Callable[[Kind, int], None]
    ) -> None:
        self._client = client
        self._folder = folder
        self._progress = progress
        self._first: dict[Kind, str] = {}
        for kind in _FILES:
            flow = object_flow(mappings, kind)
            if flow.enabled:
                query = {"$select": ",".join(flow.properties), "$top": PAGE}
                self._first[kind] = with_query(principals(kind), query)

    async def run(self) -> None:
        """Read what is not there yet. Raises DownloadStoppedError, and GraphError where nothing could be read."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        checkpoint = await self._checkpoint()
        for kind in self._first:
            try:
                await self._read(kind, checkpoint)
            except GraphError as error:
                if not any(one.count for one in checkpoint.kinds.values()):
                    raise
                raise DownloadStoppedError(
                    f"{error}. {_counted(checkpoint)} are kept in {self._folder}: the same command continues from there"
                ) from error
        self._file.unlink(missing_ok=True)

    @property
    def _file(self) -> Path:
        return self._folder / "checkpoint.json"

    async def _checkpoint(self) -> _Checkpoint:
        tenant = (await self._client.claims()).get("tid", "")
        wanted = _Checkpoint(of=f"{self._client.cloud.graph} {tenant} {' '.join(self._first.values())}")
        try:
            found = _Checkpoint.model_validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return wanted
        return found if found.of == wanted.of else wanted

    async def _read(self, kind: Kind, checkpoint: _Checkpoint) -> None:
        at = checkpoint.kinds.setdefault(kind, _Progress(next=self._first[kind]))
        resumed = at.bytes > 0
        asked: set[str] = set()
        with _private(self._folder / _FILES[kind]) as file:
            file.truncate(at.bytes)
            file.seek(at.bytes)
            while at.next:
                try:
                    items, following = await self._client.page(at.next)
                except (RequestRefusedError, NotFoundError) as error:
                    if not resumed or getattr(error, "status", 404) not in {400, 404, 410}:
                        raise
                    at.next, at.bytes, at.count = self._first[kind], 0, 0  # Graph no longer knows the page
                    file.seek(0)
                    file.truncate()
                    resumed = False
                    continue
                resumed = False
                asked.add(at.next)
                if following in asked:  # it would fill the disk; the next run starts from the beginning
                    at.next, at.bytes, at.count = self._first[kind], 0, 0
                    self._save(checkpoint)
                    raise ReplyError(f"the next page of {at.next.partition('?')[0]} repeats an earlier page")
                for item in items:
                    file.write(orjson.dumps(item))
                    file.write(b"\n")
                file.flush()
                at.next, at.bytes, at.count = following, file.tell(), at.count + len(items)
                self._save(checkpoint)
                self._progress(kind, at.count)

    def _save(self, checkpoint: _Checkpoint) -> None:
        written = self._file.with_suffix(".new")
        with _private(written) as file:
            file.truncate()
            file.write(checkpoint.model_dump_json().encode())
        written.replace(self._file)


def _private(path: Path) -> Any:
    """A file that only its owner may read, opened for writing; what is in it stays."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def _counted(checkpoint: _Checkpoint) -> str:
    return " and ".join(counted(one.count, kind.lower()) for kind, one in checkpoint.kinds.items())
