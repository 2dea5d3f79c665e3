"""Who changed what is read from the audit log, as far as it may be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from eptura_scim.engine.preview_document import outcome_of
from eptura_scim.graph.client import connect
from eptura_scim.graph.logs.audit import AuditLogReader
from eptura_scim.local_entra import Fault, LocalEntra
from eptura_scim.operations.drift import drift_report
from eptura_scim.operations.who_changed import ForeignChanges, LogAccess, read_changes
from tests.unit.operations.preview_samples import edited_by_hand

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.fixture
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        started.portal.create_application("Eptura")
        started.portal.create_job()
        yield started


async def changes_in(entra: LocalEntra) -> tuple[ForeignChanges, LogAccess, str]:
    principal = str(entra.portal.service_principal()["id"])
    client = await connect(entra.environment)
    try:
        return await read_changes(client, [principal])
    finally:
        await client.close()


async def test_the_report_names_author_and_time_of_a_change(entra: LocalEntra) -> None:
    entra.portal.rename("Old Eptura")
    entra.portal.set_user_source("externalId", "[mailNickname]")
    entra.portal.add_user_mapping("nickName", "[jobTitle]")
    changes, access, problem = await changes_in(entra)
    assert (access, problem) == ("read", "")
    report = drift_report(
        outcome_of(edited_by_hand()), changes, (access, problem), project="eptura", stack="prod", now=NOW
    )
    by = {one.resource: one.changed for one in report.settings}
    name, mappings, secrets = (
        by[kind] for kind in ("EnterpriseApplicationName", "SynchronizationSchema", "SynchronizationSecrets")
    )
    assert name is not None
    assert mappings is not None
    assert name.who == mappings.who == (f"admin@{entra.tenant.domain}",)
    assert (name.count, mappings.count) == (1, 2)
    assert mappings.first <= mappings.last
    assert secrets is None, "the connection was not changed"


async def test_edits_before_our_last_change_are_left_out(entra: LocalEntra) -> None:
    entra.portal.set_user_source("externalId", "[mailNickname]")
    client = await connect(entra.environment)
    principal = str(entra.portal.service_principal()["id"])
    try:
        job = f"/servicePrincipals/{principal}/synchronization/jobs/{entra.portal.job()['id']}"
        await client.request("PUT", f"{job}/schema", entra.portal.schema())
        changes, _, _ = await read_changes(client, [principal])
    finally:
        await client.close()
    assert changes.of("SynchronizationSchema", "users") is None


async def test_a_forbidden_audit_log_is_reported_and_not_an_error(entra: LocalEntra) -> None:
    entra.permissions.only("Application.Read.All", "Synchronization.Read.All")
    changes, access, problem = await changes_in(entra)
    assert (access, changes.of("SynchronizationSchema", "users")) == ("notPermitted", None)
    assert "AuditLog.Read.All and Directory.Read.All" in problem


async def test_a_missing_audit_log_is_reported_and_is_not_an_error(entra: LocalEntra) -> None:
    entra.faults.add(Fault(path="/auditLogs/", status=501))
    _, access, problem = await changes_in(entra)
    assert (access, "501" in problem) == ("notAvailable", True)


async def test_changes_of_the_identity_of_the_last_up_are_left_out(entra: LocalEntra) -> None:
    entra.portal.set_user_source("externalId", "[mailNickname]")
    principal = str(entra.portal.service_principal()["id"])
    writer, reader = await connect(entra.environment), await connect(entra.environment)
    try:
        job = f"/servicePrincipals/{principal}/synchronization/jobs/{entra.portal.job()['id']}"
        await writer.request("PUT", f"{job}/schema", entra.portal.schema())
        entries = await AuditLogReader(reader).changes_of([principal])
    finally:
        await writer.close()
        await reader.close()
    ran_by = entra.tenant.client_id
    blamed = ForeignChanges(entries, {"the identity that reads"}).of("SynchronizationSchema", "users")
    assert blamed is not None
    assert blamed.count == 2
    assert ForeignChanges(entries, {"the identity that reads", ran_by}).of("SynchronizationSchema", "users") is None
