"""Reviews a stack: one preview, and the audit log where the preview shows drift."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from eptura_scim.engine import DeploymentError, EngineError, Outcome, ProjectStack
from eptura_scim.graph.client import connect
from eptura_scim.graph.errors import GraphError
from eptura_scim.operations.azuread_errors import readable
from eptura_scim.operations.drift import DriftReport, drift_report, object_ids
from eptura_scim.operations.drift_cause import LastRun
from eptura_scim.operations.who_changed import ForeignChanges, LogAccess, read_changes

__all__ = ["review"]


async def review(stack: ProjectStack, environment: Mapping[str, str], now: datetime) -> DriftReport:
    """What differs between Entra and a stack. Raises EngineError where the preview fails."""
    outcome = await asyncio.to_thread(_preview, stack)
    last_run = await asyncio.to_thread(_last_run, stack, outcome)
    changes, access, problem = await _changes(outcome, last_run, environment)
    return drift_report(
        outcome,
        changes,
        (access, problem),
        project=stack.project_name,
        stack=stack.name,
        now=now,
        last_run=last_run,
    )


def _preview(stack: ProjectStack) -> Outcome:
    try:
        return stack.preview()
    except DeploymentError as error:
        if told := readable(str(error)):
            raise DeploymentError(told, error.outcome) from None
        raise


def _last_run(stack: ProjectStack, outcome: Outcome) -> LastRun:
    """What the last `up` left; not known where nothing differs, or the state cannot be read."""
    if not any(change.is_drift for change in outcome.changes):
        return LastRun()
    try:
        return LastRun.of(stack.resources())
    except EngineError:  # the drift is known without it
        return LastRun()


async def _changes(
    outcome: Outcome, last_run: LastRun, environment: Mapping[str, str]
) -> tuple[ForeignChanges, LogAccess, str]:
    ids = object_ids(outcome)
    if not ids:
        return ForeignChanges(), "notAsked", ""
    try:
        client = await connect(environment)
    except GraphError as error:  # the drift is known without the audit log, which says who made the changes
        return ForeignChanges(), "notAvailable", str(error)
    try:
        return await read_changes(client, ids, last_run.by)
    finally:
        await client.close()
