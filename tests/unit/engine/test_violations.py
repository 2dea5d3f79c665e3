"""Policy violations of a run, from the engine's events."""

from __future__ import annotations

from pulumi.automation.events import EngineEvent

from eptura_scim.engine.outcome import EventLog

URN = "urn:pulumi:prod::eptura::eptura-scim:index:SynchronizationSecrets::eptura"


def event(sequence: int, message: str, level: str = "mandatory") -> EngineEvent:
    policy = {
        "message": message,
        "color": "",
        "policyName": "real-tenant-url",
        "policyPackName": "eptura-scim",
        "policyPackVersion": "",
        "policyPackVersionTag": "",
        "enforcementLevel": level,
        "resourceUrn": URN,
    }
    return EngineEvent.from_json({"sequence": sequence, "timestamp": 0, "policyEvent": policy})


def test_a_violation_is_a_line_with_policy_pack_and_resource() -> None:
    log = EventLog()
    log.add(event(1, "<{%reset%}>Outside dev the tenant URL is Eptura's own.\ntenantUrl is a placeholder<{%reset%}>"))
    [found] = log.violations
    assert str(found) == (
        "policy real-tenant-url (eptura-scim): eptura: Outside dev the tenant URL is Eptura's own. "
        "tenantUrl is a placeholder"
    )
    assert found.mandatory


def test_a_violation_that_the_engine_repeats_counts_once() -> None:
    log = EventLog()
    for sequence in (1, 2):
        log.add(event(sequence, "a placeholder", "advisory"))
    [found] = log.violations
    assert not found.mandatory
