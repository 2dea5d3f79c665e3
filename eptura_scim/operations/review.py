"""Reviews a stack: one preview, and the audit log where the preview shows drift."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from eptura_scim.engine import Outcome, ProjectStack
from eptura_scim.graph.client import connect
from eptura_scim.graph.errors import GraphError
from eptura_scim.operations.drift import DriftReport, drift_report, object_ids
from eptura_scim.operations.who_changed import AuditAccess, Changes, read_changes

__all__ = ["review"]


async def review(stack: ProjectStack, environment: Mapping[str, str], now: datetime) -> DriftReport:
    """What differs between Entra and a stack. Raises EngineError where the preview fails."""
    outcome = await asyncio.to_thread(stack.preview)
    changes, access, problem = await _changes(outcome, environment)
    return drift_report(outcome, changes, (access, problem), project=stack.project_name, stack=stack.name, now=now)


async def _changes(outcome: Outcome, environment: Mapping[str, str]) -> tuple[Changes, AuditAccess, str]:
    ids = object_ids(outcome)
    if not ids:
        return Changes(), "notAsked", ""
    try:
        client = await connect(environment)
    except GraphError as error:  # who made the changes is a bonus: the drift is known without it
        return Changes(), "notAvailable", str(error)
    try:
        return await read_changes(client, ids)
    finally:
        await client.close()
