"""One job in memory, for tests of what our resources do to a job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

from eptura_scim import documented
from eptura_scim.expressions.parser import parse
from eptura_scim.expressions.tree import source_tree
from eptura_scim.graph.errors import GraphError, NotFoundError
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.synchronization import Job, JobRef, ResetScope, SynchronizationClient
from eptura_scim.mapping import apply, expressions_to_parse

HERE = "https://eptura.example/scim"

TEMPLATE = json.loads(resources.files("eptura_scim.local_entra").joinpath("data/scim-default-schema.json").read_text())
_WANTED = documented.mappings()
DOCUMENTED = apply(
    TEMPLATE, _WANTED, {text: source_tree(parse(text)) for text in expressions_to_parse(TEMPLATE, _WANTED)}
)


class OneJob(SynchronizationClient):
    """One job as Graph keeps it, and what was done to it. `late` are answers of replicas that are behind."""

    def __init__(self, live: Job, address: str = HERE, schema: dict[str, Any] | None = None) -> None:
        self._live, self._address, self._schema = live, address, schema or DOCUMENTED
        self.done: list[str] = []
        self.late: list[Job] = []
        self.failures: list[GraphError] = []
        self.unknown, self.unknown_secrets = 0, 0
        """Reads of the job and of the secrets that are answered with 404."""
        self.starts_by_restart = False
        self.listed: list[Job] = []

    async def job(self, ref: JobRef) -> Job:
        return self._read()

    async def jobs(self, service_principal: ServicePrincipalId) -> list[Job]:
        return [*self.listed, self._read()]

    async def secrets(self, service_principal: ServicePrincipalId) -> dict[str, str]:
        if self.unknown_secrets:
            self.unknown_secrets -= 1
            raise NotFoundError("404")
        return {"BaseAddress": self._address} if self._address else {}

    async def schema(self, ref: JobRef) -> dict[str, Any]:
        return self._schema

    async def start(self, ref: JobRef) -> None:
        self._do("start", "Active")

    async def pause(self, ref: JobRef) -> None:
        self._do("pause", "Paused")

    async def restart(self, ref: JobRef, scopes: Sequence[ResetScope] = ()) -> None:
        self._do(f"restart {' '.join(scopes)}", "Active" if self.starts_by_restart else self._live.schedule.state)

    @property
    def is_on(self) -> bool:
        return self._live.scheduled

    def _do(self, act: str, state: str) -> None:
        if self.failures:
            raise self.failures.pop()
        self.done.append(act)
        schedule = self._live.schedule.model_copy(update={"state": state})
        self._live = self._live.model_copy(update={"schedule": schedule})

    def _read(self) -> Job:
        if self.unknown:
            self.unknown -= 1
            raise NotFoundError("404")
        return self.late.pop(0) if self.late else self._live
