"""What the alert rules ask the Log Analytics workspace, in the Kusto query language (KQL).

Sources: Microsoft, Azure Monitor table reference, AADProvisioningLogs and AuditLogs (columns); Microsoft Entra audit
log activities, service "Account Provisioning" (the activity Quarantine). How a tenant spells values is not documented:
texts are compared without case, and an id is looked for anywhere in its column.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

__all__ = ["failures", "quarantine", "success"]


def quarantine(ids: Iterable[str]) -> str:
    """A row for each time that Entra put the application's job into quarantine. `ids` name the application.

    The provisioning log has no row for a quarantine; the audit log has one.
    """
    return "\n".join(
        (
            "AuditLogs",
            '| where LoggedByService =~ "Account Provisioning" and OperationName =~ "Quarantine"',
            f"| where {_names('tostring(TargetResources)', ids)}",
        )
    )


def failures(ids: Iterable[str], *, minimum: int, percent: int) -> str:
    """One row if at least `minimum` operations failed, and they are at least `percent` of 100 of all; else none.

    Operations that Entra skipped, since there was nothing to do, do not count.
    """
    return "\n".join(
        (
            "AADProvisioningLogs",
            f"| where {_names('ServicePrincipal', ids)}",
            '| summarize Failed = countif(ResultType =~ "Failure"), Succeeded = countif(ResultType =~ "Success")',
            f"| where Failed >= {minimum:d} and Failed * 100 >= (Failed + Succeeded) * {percent:d}",
        )
    )


def success(ids: Iterable[str]) -> str:
    """A row for each operation that succeeded: no row means silence."""
    return "\n".join(
        (
            "AADProvisioningLogs",
            f"| where {_names('ServicePrincipal', ids)}",
            '| where ResultType =~ "Success"',
        )
    )


def _names(column: str, ids: Iterable[str]) -> str:
    """The condition that a column names one of the ids. Raises ValueError for a text that is not an id."""
    return " or ".join(f'{column} contains "{uuid.UUID(one)}"' for one in ids)
