"""Each query of the alert rules, run by an evaluator of KQL (duckdb-kql) on rows with the documented columns.

The window is Azure's: a rule's query sees the rows of its window alone.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb_kql
import pytest

from eptura_scim.alerts import queries

PRINCIPAL = "1a1a1a1a-1111-4111-8111-111111111111"
CLIENT = "2b2b2b2b-2222-4222-8222-222222222222"
OTHER = "3c3c3c3c-3333-4333-8333-333333333333"
IDS = (PRINCIPAL, CLIENT)

# Source: Azure Monitor table reference. `dynamic` columns are JSON here.
TABLES = {
    "AADProvisioningLogs": "TimeGenerated TIMESTAMP, JobId VARCHAR, CycleId VARCHAR, ChangeId VARCHAR, Id VARCHAR, "
    "OperationName VARCHAR, ProvisioningAction VARCHAR, ProvisioningStatusInfo VARCHAR, ProvisioningSteps VARCHAR, "
    "ResultType VARCHAR, ResultSignature VARCHAR, ResultDescription VARCHAR, ServicePrincipal VARCHAR, "
    "SourceIdentity VARCHAR, TargetIdentity VARCHAR, ModifiedProperties VARCHAR, DurationMs BIGINT",
    "AuditLogs": "TimeGenerated TIMESTAMP, ActivityDisplayName VARCHAR, Category VARCHAR, CorrelationId VARCHAR, "
    "Id VARCHAR, Identity VARCHAR, InitiatedBy JSON, LoggedByService VARCHAR, OperationName VARCHAR, Result VARCHAR, "
    "ResultDescription VARCHAR, ResultReason VARCHAR, TargetResources JSON, AdditionalDetails JSON",
}


def rows(query: str, *logged: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a query returns where these rows are in its table and the other table is empty."""
    connection = duckdb_kql.connect()
    for name, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
    table = query.partition("\n")[0]
    if logged:
        marks = ", ".join("?" * len(logged[0]))
        values = [value for row in logged for value in row.values()]
        every = ", ".join([f"({marks})"] * len(logged))
        connection.execute(f"INSERT INTO {table} ({', '.join(logged[0])}) VALUES {every}", values)
    found: list[tuple[Any, ...]] = duckdb_kql.query(connection, query).fetchall()
    return found


def operation(result: str, principal: str = PRINCIPAL) -> dict[str, Any]:
    """A row of the provisioning log."""
    return {
        "OperationName": "Provisioning activity",
        "ProvisioningAction": "create",
        "ResultType": result,
        "ServicePrincipal": json.dumps({"Id": principal, "Name": "EpturaScimApplication"}),
    }


def audit(activity: str, *, service: str = "Account Provisioning", target: str = PRINCIPAL) -> dict[str, Any]:
    """A row of the audit log."""
    targets = [{"type": "ServicePrincipal", "id": target, "displayName": "EpturaScimApplication"}]
    return {"OperationName": activity, "LoggedByService": service, "TargetResources": json.dumps(targets)}


@pytest.mark.parametrize(
    ("row", "alerts"),
    [
        (audit("Quarantine"), True),
        (audit("quarantine", service="Account provisioning"), True),
        (audit("Quarantine", target=PRINCIPAL.upper()), True),
        (audit("Quarantine", target=CLIENT), True),
        (audit("Quarantine", target=OTHER), False),
        (audit("Update attribute mappings or scope"), False),
        (audit("Quarantine", service="Core Directory"), False),
    ],
)
def test_a_quarantine_of_this_application_is_an_alert(row: dict[str, Any], alerts: bool) -> None:
    assert bool(rows(queries.quarantine(IDS), row)) is alerts


def test_every_quarantine_is_a_row() -> None:
    both = audit("Quarantine"), audit("Quarantine", target=CLIENT)
    assert len(rows(queries.quarantine(IDS), *both, audit("Quarantine", target=OTHER))) == 2


@pytest.mark.parametrize(
    ("failed", "succeeded", "alerts"),
    [
        (0, 0, False),
        (5, 0, True),  # exactly the minimum
        (4, 0, False),  # all failed, and too few
        (5, 45, True),  # exactly the share
        (5, 46, False),
        (0, 100, False),
    ],
)
def test_failures_are_an_alert_from_a_number_and_a_share_on(failed: int, succeeded: int, alerts: bool) -> None:
    logged = [operation("Failure")] * failed + [operation("success")] * succeeded
    found = rows(queries.failures(IDS, minimum=5, percent=10), *logged)
    assert found == ([(failed, succeeded)] if alerts else [])


def test_skipped_operations_and_other_applications_do_not_count() -> None:
    others = [operation("Failure", OTHER)] * 50 + [operation("Success", OTHER)] * 500 + [operation("Skipped")] * 500
    query = queries.failures(IDS, minimum=5, percent=50)
    assert rows(query, *others) == []
    assert rows(query, *others, *[operation("Failure")] * 6, *[operation("Success")] * 4) == [(6, 4)]


def test_only_success_of_this_application_ends_silence() -> None:
    query = queries.success(IDS)
    assert rows(query) == []
    silent = [operation("Failure"), operation("Skipped"), operation("Success", OTHER)]
    assert rows(query, *silent) == []
    assert len(rows(query, *silent, operation("Success"), operation("success", CLIENT.upper()))) == 2


@pytest.mark.parametrize("text", ["", "x", '" or 1 == 1 //'])
def test_a_text_that_is_not_an_id_never_gets_into_a_query(text: str) -> None:
    for query in (queries.quarantine, queries.success):
        with pytest.raises(ValueError, match="badly formed"):
            query([text])
