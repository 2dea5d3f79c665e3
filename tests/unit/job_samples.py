"""Jobs as Graph answers them, for tests of what is said about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.synchronization import Job, JobRef

REF = JobRef(ServicePrincipalId("11111111-1111-1111-1111-111111111111"), JobId("scim.x.y"))
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STEADY = "2026-11-20T08:00:00Z"


def run(state: str = "Succeeded", **changes: Any) -> dict[str, Any]:
    """A run that ended half an hour ago."""
    return {
        "state": state,
        "timeBegan": "2026-11-24T11:29:19Z",
        "timeEnded": "2026-11-24T11:30:00Z",
        "countImported": 5,
        "countEntitledForProvisioning": 4,
        "countExports": 3,
        "countExported": 3 if state == "Succeeded" else 2,
        "countEscrowed": 0 if state == "Succeeded" else 1,
        "error": None,
        **changes,
    }


def quarantine(reason: str, **changes: Any) -> dict[str, Any]:
    return {
        "reason": reason,
        "seriesBegan": "2026-11-23T12:00:00Z",
        "currentBegan": "2026-11-24T11:30:00Z",
        "nextAttempt": "2026-11-24T18:00:00Z",
        "seriesCount": 3,
        "error": {"code": "SomeCode", "message": "Some message.", "tenantActionable": True},
        **changes,
    }


def job(code: str = "Active", schedule: str = "Active", **status: Any) -> Job:
    """A job; without more it is one that has run well."""
    document = {
        "id": REF.job,
        "schedule": {"state": schedule, "interval": "PT40M", "expiration": None},
        "status": {
            "code": code,
            "lastExecution": run(),
            "lastSuccessfulExecution": run(),
            "steadyStateFirstAchievedTime": STEADY,
            "steadyStateLastAchievedTime": "2026-11-24T11:30:00Z",
            "synchronizedEntryCountByType": [{"key": "User to urn:x:User", "value": 3}, {"key": "Group", "value": 1}],
            **status,
        },
    }
    return Job.model_validate(document)


NEVER_RAN: dict[str, Any] = {
    "lastExecution": None,
    "lastSuccessfulExecution": None,
    "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z",
    "steadyStateLastAchievedTime": "0001-01-01T00:00:00Z",
    "synchronizedEntryCountByType": [],
}
