"""What a run did is read from the engine's events."""

from __future__ import annotations

from typing import Any

from pulumi.automation.events import EngineEvent

from eptura_scim.engine.outcome import EventLog, Outcome


def step(sequence: int, urn: str, operation: str, **differences: str) -> EngineEvent:
    metadata: dict[str, Any] = {
        "op": operation,
        "urn": f"urn:pulumi:dev::project::{urn}",
        "detailedDiff": {path.replace("__", "."): {"diffKind": kind} for path, kind in differences.items()},
    }
    return EngineEvent.from_json({"sequence": sequence, "resourcePreEvent": {"metadata": metadata}})


def outcome(*events: EngineEvent) -> Outcome:
    log = EventLog()
    for event in events:
        log.add(event)
    return Outcome("", log.summary, log.changes, log.diagnostics)


def test_drift_names_the_paths_that_would_change_by_resource() -> None:
    assert outcome(
        step(1, "x:index:Comp::c", "same"),
        step(2, "x:index:Comp$x:index:Schema::c", "update", users__title="delete"),
    ).drift == {"Schema": {"users.title": "delete"}}


def test_a_created_or_deleted_value_has_its_operation_as_path() -> None:
    assert outcome(step(1, "x:index:Comp$x:index:Schema::c", "create")).drift == {"Schema": {"(create)": "create"}}


def test_a_refresh_of_stack_and_providers_is_not_drift() -> None:
    assert not outcome(
        step(1, "x:index:Schema::c", "refresh"),
        step(2, "pulumi:pulumi:Stack::s", "create"),
        step(3, "pulumi:providers:x::default", "create"),
    ).drift


def test_two_resources_of_one_type_are_told_apart_by_name() -> None:
    found = outcome(step(1, "x:index:Schema::a", "update", p="add"), step(2, "x:index:Schema::b", "update", q="add"))
    assert found.drift == {"Schema a": {"p": "add"}, "Schema b": {"q": "add"}}


def test_the_steps_of_a_replacement_are_one_resource() -> None:
    found = outcome(
        step(1, "x:index:Schema::a", "create-replacement", p="update-replace"),
        step(2, "x:index:Schema::a", "replace", p="update-replace"),
        step(3, "x:index:Schema::a", "delete-replaced", p="update-replace"),
    )
    assert found.drift == {"Schema": {"p": "update-replace"}}


def test_events_keep_the_engines_order_and_lose_their_colours() -> None:
    def said(sequence: int, text: str, **more: Any) -> EngineEvent:
        event = {"message": f"<{{%fg 1%}}>{text}<{{%reset%}}>\n", "severity": "error", **more}
        return EngineEvent.from_json({"sequence": sequence, "diagnosticEvent": event})

    found = outcome(said(2, "second"), said(1, "first"), said(3, "passing", ephemeral=True))
    assert [diagnostic.message for diagnostic in found.diagnostics] == ["first", "second"]
