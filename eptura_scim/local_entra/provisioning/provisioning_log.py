"""The provisioning logs: what cycles and provision on demand did to each object, the last 10,000.

Source: Microsoft Graph v1.0, resource type provisioningObjectSummary, "List provisioningObjectSummary"; Microsoft,
"How to analyze the Microsoft Entra provisioning logs".
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime

from eptura_scim.local_entra.clock import Clock, timestamp
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.provisioning.compiled_rules import CompiledRules
from eptura_scim.local_entra.provisioning.object_sync import ObjectOutcome
from eptura_scim.local_entra.provisioning.outcome_details import explained, modified, steps
from eptura_scim.local_entra.storage.event_log import RecentEntries
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.types import Json

__all__ = ["ProvisioningLog"]

_ACTIONS = {"StagedDelete": "stagedDelete"}


class ProvisioningLog:
    """Keeps what became of objects."""

    def __init__(self, directory: ApplicationRegistry, store: Store, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._entries = RecentEntries(store.file("provisioning-log.jsonl"))

    def entries(self) -> list[Json]:
        """The entries, newest first, as Graph shows them."""
        return self._entries.newest_first()

    def add(
        self, job: tuple[str, str], cycle: str, outcome: ObjectOutcome, rules: CompiledRules, began: datetime
    ) -> None:
        """Note what became of an object; `job` is its service principal and id, `cycle` an id of the run."""
        entry = self._summary(job, cycle, outcome, rules, began)
        self._entries.add(entry)

    def _summary(
        self, job: tuple[str, str], cycle: str, outcome: ObjectOutcome, rules: CompiledRules, began: datetime
    ) -> Json:
        now = self._clock()
        kind = rules.of(outcome.kind)
        return {
            "id": str(uuid.uuid4()),
            "activityDateTime": timestamp(now),
            "changeId": str(uuid.uuid4()),
            "cycleId": cycle,
            "durationInMilliseconds": int((now - began).total_seconds() * 1000),
            "initiatedBy": {"id": "", "displayName": "Microsoft Entra Provisioning Service", "initiatorType": "system"},
            "jobId": job[1],
            "modifiedProperties": modified(outcome),
            "provisioningAction": _ACTIONS.get(outcome.action, outcome.action.lower()),
            "provisioningStatusInfo": _status(outcome),
            "provisioningSteps": [_step(step) for step in steps(outcome, rules)],
            "servicePrincipal": {"id": job[0], "displayName": self._directory.name_of(job[0])},
            "sourceIdentity": _identity(outcome.source, outcome.kind, outcome.label),
            "sourceSystem": _system(rules.source_directory),
            "targetIdentity": _identity(outcome.target or "", kind.target_object, outcome.label),
            "targetSystem": _system(rules.target_directory),
            "tenantId": self._directory.tenant.id,
        }


def _status(outcome: ObjectOutcome) -> Json:
    error = None
    if outcome.status != "Success":
        error = {
            "errorCode": outcome.code,
            "reason": explained(outcome),
            "additionalDetails": None,
            "errorCategory": "failure" if outcome.status == "Failure" else "nonServiceFailure",
            "recommendedAction": None,
        }
    return {"status": outcome.status.lower(), "errorInformation": error}


def _step(step: Json) -> Json:
    details = {name: value if isinstance(value, str) else json.dumps(value) for name, value in step["details"].items()}
    return {
        "name": step["name"],
        "description": step["description"],
        "details": details,
        "provisioningStepType": step["type"].lower(),
        "status": step["status"].lower(),
    }


def _identity(identifier: str, kind: str, label: str) -> Json:
    return {"id": identifier, "displayName": label, "identityType": kind, "details": {}}


def _system(name: str) -> Json:
    return {"id": "", "displayName": name, "details": {}}
